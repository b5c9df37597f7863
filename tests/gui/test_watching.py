"""What a crash left is offered in few words."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton

from bioimageit_flow.editor.journal import Recovery
from bioimageit_flow.editor.workspace import Workspace
from bioimageit_flow.gui.message_line import Offer
from bioimageit_flow.gui.window import MainWindow


@pytest.mark.parametrize(
    ("titles", "said"),
    [
        (["Spots"], "Spots."),
        (["Spots", "Nuclei", "Spots"], "Spots (2), Nuclei."),
        (["A", "B", "C", "D"], "A, B, C\u2026."),
    ],
)
def test_left_workflows_are_named_once(
    window: MainWindow,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    titles: list[str],
    said: str,
) -> None:
    left = [
        Recovery(Path(f"{n}.json"), title, None, datetime.now(UTC), "Add a note")
        for n, title in enumerate(titles)
    ]
    monkeypatch.setattr(workspace, "recoveries", lambda: left)
    window.watching.offer_recovery()
    assert window.message.text.endswith(said)


def test_damaged_journal_is_told_in_the_window(
    window: MainWindow, workspace: Workspace
) -> None:
    left = workspace.folder / "journal" / "1-dead"
    left.mkdir(parents=True)
    (left / "a.journal.json").write_text("{")
    window.watching.offer_recovery()

    assert window.message.text.startswith(
        "What was kept of another workflow is damaged"
    )
    assert (workspace.folder / "journal" / "a.journal.damaged").read_text() == "{"


LONG = (
    "a.tif was made by spots in the run 2026-11-30_98cac053_Nuclei_of_two_conditions."
)


@pytest.mark.parametrize(
    "words", ["Another program changed the file of this workflow.", LONG]
)
@pytest.mark.parametrize("width", [230, 300, 420, 560, 900])
def test_buttons_of_a_message_are_whole_in_a_narrow_window(
    window: MainWindow, width: int, words: str
) -> None:
    line = window.message
    offers = [Offer("Read it again", lambda: None), Offer("Keep mine", lambda: None)]
    line.say(words, offers=offers)
    for _ in range(2):  # the height follows from the width
        line.resize(width, line.heightForWidth(width))
        inner = line.layout()
        assert inner is not None
        inner.activate()
    buttons = line.findChildren(QPushButton)

    assert [one.text() for one in buttons] == ["Read it again", "Keep mine"]
    for one in buttons:
        assert one.width() >= one.sizeHint().width()
        assert one.height() >= one.sizeHint().height()
        place = one.mapTo(line, one.rect().bottomRight())
        assert line.rect().contains(place)
