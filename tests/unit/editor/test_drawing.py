import defusedxml.ElementTree
import pytest

from bioimageit_flow.editor.colours import Paper, blended, tint_of, title_colour
from bioimageit_flow.editor.drawing import draw_svg
from bioimageit_flow.editor.editor import Editor
from bioimageit_flow.editor.scene import NodeRole, Scene
from bioimageit_flow.workflow import Workflow

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def editor() -> Editor:
    made = Editor(Workflow("Spots & <cells>"))
    images = made.add_dataset("images", "image", at=(0, 0), label='"Raw" <images>')
    made.add_tool("skimage/gaussian", at=(300, 0), connect_from=(images, None))
    made.add_note("# Why\n**bold** and [a link](http://x) & more", at=(0, 200))
    made.add_frame(["gaussian"], "A <frame>")
    return made


def test_a_drawing_is_well_formed_and_shows_everything(editor: Editor) -> None:
    root = defusedxml.ElementTree.fromstring(draw_svg(editor.scene))
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert "Gaussian blur" in texts
    assert '"Raw" <images>' in texts
    assert "A <frame>" in texts
    assert "Why" in texts
    assert any("bold and a link & more" in (text or "") for text in texts)
    assert root.findtext(f"{SVG}title") == "Spots & <cells>"


def test_a_drawing_holds_what_is_drawn(editor: Editor) -> None:
    root = defusedxml.ElementTree.fromstring(draw_svg(editor.scene))
    left, top, width, height = map(float, root.attrib["viewBox"].split())
    for node in editor.scene.nodes.values():
        assert left < node.x
        assert node.x + node.width < left + width
        assert top < node.y
        assert node.y + node.height < top + height


def test_a_long_title_is_cut(editor: Editor) -> None:
    editor.rename("gaussian", "A title that no card of this width could ever hold")
    assert "\u2026" in draw_svg(editor.scene)
    assert "could ever hold" not in draw_svg(editor.scene)


def test_an_empty_scene_is_a_picture_too() -> None:
    defusedxml.ElementTree.fromstring(draw_svg(Scene()))


def test_the_colour_of_a_toolbox_never_changes() -> None:
    assert tint_of("skimage") == tint_of("skimage")
    assert blended("#000000", "#ffffff", 0.5) == "#808080"
    colours = {title_colour(Paper(), role, "Tables") for role in NodeRole}
    assert len(colours) == len(NodeRole)
