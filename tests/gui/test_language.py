"""French says everything that English says."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bioimageit_flow import gui
from bioimageit_flow.editor.commands import COMMANDS
from bioimageit_flow.editor.scene import COLOURS
from bioimageit_flow.gui import menus
from bioimageit_flow.gui.language import Languages, catalogue, tr
from bioimageit_flow.model.kinds import Kind

FOLDER = Path(gui.__file__).parent


def literals() -> Iterator[str]:
    """Yield every text that the window asks a translation for."""
    for path in sorted(FOLDER.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            first = node.args[0]
            if name == "tr" and isinstance(first, ast.Constant):
                yield str(first.value)


def wanted() -> set[str]:
    return {
        *literals(),
        *(command.title for command in COMMANDS),
        *(command.category for command in COMMANDS),
        *(title for title, _ in menus.MENUS),
        *(kind.value for kind in Kind),
        *COLOURS,
    }


def test_every_text_has_a_translation() -> None:
    assert sorted(wanted() - catalogue("fr").keys()) == []


def test_translations_fill_in_the_same_names() -> None:
    fields = re.compile(r"\{\w+\}")
    wrong = {
        text: said
        for text, said in catalogue("fr").items()
        if set(fields.findall(text)) != set(fields.findall(said))
    }

    assert wrong == {}


def test_language_changes_and_comes_back(qapp: QApplication, qtbot: QtBot) -> None:
    languages = Languages(qapp)

    assert languages.use("fr") == "fr"
    assert tr("{count} boxes", count=3) == "3 boîtes"
    assert tr("never heard of") == "never heard of"
    assert languages.use("en") == "en"
    assert tr("{count} boxes", count=3) == "3 boxes"
