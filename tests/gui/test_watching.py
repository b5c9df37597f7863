"""What a crash left is offered in few words."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bioimageit_flow.editor.journal import Recovery
from bioimageit_flow.editor.workspace import Workspace
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
