import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.catalogue.places import Place
from bioimageit_flow.errors import DataError, FlowError, NewerVersionError
from bioimageit_flow.session.shared_contents import contents
from bioimageit_flow.session.sharing import share
from bioimageit_flow.session.unsharing import open_shared
from bioimageit_flow.workflow import Document, load_document
from tests.builders import a_document

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "nuclei" / "nuclei.flow.yaml"


@pytest.fixture(scope="module")
def everything() -> Catalogue:
    return Catalogue([Place(ROOT / "nodes", "built-in")])


@pytest.fixture
def nothing(tmp_path: Path) -> Catalogue:
    """Return a machine without tools; what is added is found after that."""
    return Catalogue([Place(tmp_path / "tools of the user", "user")])


@pytest.fixture
def archive(everything: Catalogue, tmp_path: Path) -> Path:
    target = tmp_path / "nuclei.flow.zip"
    share(load_document(EXAMPLE), target, everything)
    return target


def test_machine_without_tools_gets_all_that_the_workflow_needs(
    archive: Path, everything: Catalogue, nothing: Catalogue, tmp_path: Path
) -> None:
    done = open_shared(
        archive,
        tmp_path / "received",
        nothing,
        tool_folder=tmp_path / "tools of the user",
    )

    assert load_document(done.workflow) == load_document(EXAMPLE)
    assert done.workflow.name == "received.flow.yaml"
    assert len(done.added) == 7
    for ref in done.added:
        here, there = nothing.get(ref), everything.get(ref)
        assert here.code_sha256 == there.code_sha256
        assert here.trust_sha256 != ""
        assert here.lock is not None
        assert here.origin == "user"
    assert {tool.tool.id for tool in nothing.newest()} == {
        ref.partition("@")[0] for ref in done.added
    }


def test_tools_that_are_here_are_left_alone(
    archive: Path, everything: Catalogue, tmp_path: Path
) -> None:
    target = tmp_path / "mine"
    done = open_shared(archive, tmp_path / "x", everything, tool_folder=target)

    assert len(done.known) == 7
    assert not target.exists()


def test_same_workflow_gives_the_same_archive(
    archive: Path, everything: Catalogue, tmp_path: Path
) -> None:
    again = tmp_path / "again.flow.zip"
    share(load_document(EXAMPLE), again, everything)

    assert again.read_bytes() == archive.read_bytes()


def test_data_and_images_go_along(
    everything: Catalogue, nothing: Catalogue, tmp_path: Path
) -> None:
    pictures = tmp_path / "pictures"
    (pictures / "deep").mkdir(parents=True)
    (pictures / "a.tif").write_bytes(b"one")
    (pictures / "deep" / "b.tif").write_bytes(b"\0" * 60_000_000)
    image = tmp_path / "image.tar"
    image.write_bytes(b"layers")
    target = tmp_path / "x.flow.zip"
    share(
        load_document(EXAMPLE),
        target,
        everything,
        data={"images": [pictures]},
        images=[image],
    )

    done = open_shared(target, tmp_path / "r", nothing, tool_folder=tmp_path / "t")

    folder = done.data["images"]
    assert (folder / "pictures" / "a.tif").read_bytes() == b"one"
    assert (folder / "pictures" / "deep" / "b.tif").stat().st_size == 60_000_000
    assert done.images[0].read_bytes() == b"layers"


def test_unknown_dataset_input_is_refused(
    everything: Catalogue, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="no dataset input 'pictures'"):
        share(
            load_document(EXAMPLE),
            tmp_path / "x.flow.zip",
            everything,
            data={"pictures": [EXAMPLE]},
        )
    assert not list(tmp_path.iterdir())


def test_missing_tools_are_named(nothing: Catalogue, tmp_path: Path) -> None:
    target = tmp_path / "x.flow.zip"
    document: Document = a_document({"a": {"wires": {"image": "images"}}})
    done = share(document, target, nothing)

    assert done.missing == ("test/a@1.0.0",)
    opened = open_shared(target, tmp_path / "r", nothing)
    assert opened.missing == ("test/a@1.0.0",)


def test_listing_takes_nothing_out(archive: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    found = contents(archive)

    assert found.name == "Nuclei of two conditions"
    assert found.tools[0].image == "bioimageit-flow/skimage:0.1"
    assert found.size > 10_000
    assert sorted(tmp_path.iterdir()) == before


Change = Callable[[dict[str, bytes], dict[str, object]], None]


def rewritten(archive: Path, change: Change) -> Path:
    """Return the archive of somebody who means no good."""
    with zipfile.ZipFile(archive) as file:
        files = {name: file.read(name) for name in file.namelist()}
    manifest = json.loads(files.pop("archive.json"))
    change(files, manifest)
    target = archive.with_name("evil.flow.zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
        file.writestr("archive.json", json.dumps(manifest))
    return target


def added(name: str) -> Change:
    def change(files: dict[str, bytes], manifest: dict[str, object]) -> None:
        files[name] = b"x"
        manifest["files"][name] = {"size": 1, "sha256": "0" * 64}  # type: ignore[index]

    return change


def refused(archive: Path, tmp_path: Path, match: str) -> None:
    """Assert that nothing is left of an attempt to open an archive."""
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    catalogue = Catalogue([Place(home / "tools", "user")])
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(FlowError, match=match):
        open_shared(archive, home / "received", catalogue, tool_folder=home / "tools")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "name",
    [
        "../evil.txt",
        "tools/../../evil.txt",
        "/etc/evil",
        "C:/evil.txt",
        "tools\\..\\evil",
        "tools/./x",
        "tools//x",
        "tools/con.txt",
        "tools/aux",
        "tools/dot.",
        "tools/space ",
        "tools/a\x01b",
        "tools/new\nline",
        "a" * 300,
    ],
)
def test_names_that_lead_elsewhere_are_refused(
    archive: Path, tmp_path: Path, name: str
) -> None:
    evil = rewritten(archive, added(name))
    refused(evil, tmp_path, "was not opened")


def test_names_that_differ_in_case_only_are_refused(
    archive: Path, tmp_path: Path
) -> None:
    evil = rewritten(archive, added("WORKFLOW.flow.yaml"))
    refused(evil, tmp_path, "twice")


def test_file_below_a_file_is_refused(archive: Path, tmp_path: Path) -> None:
    evil = rewritten(archive, added("workflow.flow.yaml/x"))
    refused(evil, tmp_path, "below a file")


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(
    archive: Path, tmp_path: Path, mode: int
) -> None:
    with zipfile.ZipFile(archive, "a") as file:
        info = zipfile.ZipInfo("tools/link")
        info.external_attr = (mode | 0o777) << 16
        file.writestr(info, "/etc/passwd")
    refused(archive, tmp_path, "link or a device")


def test_bomb_is_refused(archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        file.writestr("tools/zeros", b"\0" * 120_000_000)
    refused(archive, tmp_path, "would come out of")


def test_lying_about_the_size_is_refused(archive: Path, tmp_path: Path) -> None:
    name = b"workflow.flow.yaml"
    with zipfile.ZipFile(archive) as file:
        size = file.getinfo(name.decode()).file_size
    raw = archive.read_bytes()
    directory = raw.rindex(b"PK\x01\x02", 0, raw.rindex(name))
    place = raw.index(size.to_bytes(4, "little"), directory)
    smaller = (size - 7).to_bytes(4, "little")
    archive.write_bytes(raw[:place] + smaller + raw[place + 4 :])
    refused(archive, tmp_path, "damaged|not what was shared")


def test_changed_content_is_refused(archive: Path, tmp_path: Path) -> None:
    def change(files: dict[str, bytes], _: dict[str, object]) -> None:
        name = next(one for one in files if one.endswith("gaussian.py"))
        files[name] += b"\nimport os\n"

    refused(rewritten(archive, change), tmp_path, "is not what was shared")


def test_file_that_the_list_does_not_name_is_refused(
    archive: Path, tmp_path: Path
) -> None:
    def change(files: dict[str, bytes], _: dict[str, object]) -> None:
        files["tools/extra.py"] = b"x"

    refused(rewritten(archive, change), tmp_path, "does not name")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("folder", "../../home"),
        ("toolbox_folder", "/"),
        ("toolbox_folder", "data"),
        ("code_sha256", "../../x"),
        ("unknown", "x"),
    ],
)
def test_list_that_lies_about_tools_is_refused(
    archive: Path, tmp_path: Path, key: str, value: str
) -> None:
    def change(_: dict[str, bytes], manifest: dict[str, object]) -> None:
        manifest["tools"][0][key] = value  # type: ignore[index]

    refused(rewritten(archive, change), tmp_path, "no shared workflow")


@pytest.mark.parametrize("content", [b"", b"PK", b"hello" * 100])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.flow.zip"
    path.write_bytes(content)
    refused(path, tmp_path, "not a zip archive")
    refused(tmp_path / "gone.flow.zip", tmp_path, "There is no file")


def test_any_other_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.flow.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("readme.txt", "hello")
    refused(path, tmp_path, "no shared workflow")


def test_cut_off_archive_is_refused(archive: Path, tmp_path: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-2000])
    refused(archive, tmp_path, "not a zip archive|damaged")


def test_newer_archive_names_the_remedy(archive: Path, tmp_path: Path) -> None:
    def change(_: dict[str, bytes], manifest: dict[str, object]) -> None:
        manifest["schema"] = "bioimageit-flow/archive/2"

    evil = rewritten(archive, change)
    with pytest.raises(NewerVersionError, match="newer version"):
        contents(evil)
    refused(evil, tmp_path, "newer version")


def test_folder_in_use_is_left_alone(
    archive: Path, nothing: Catalogue, tmp_path: Path
) -> None:
    target = tmp_path / "used"
    target.mkdir()
    (target / "mine.txt").write_text("mine")
    with pytest.raises(DataError, match="is there already"):
        open_shared(archive, target, nothing)
    assert [one.name for one in target.iterdir()] == ["mine.txt"]


def test_archive_that_cannot_be_written_leaves_nothing(
    everything: Catalogue, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="cannot be written"):
        share(load_document(EXAMPLE), tmp_path / "no" / "x.flow.zip", everything)
    assert not list(tmp_path.iterdir())
