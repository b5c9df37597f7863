"""French says everything that English says."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bioimageit_flow import gui
from bioimageit_flow.catalogue import Catalogue
from bioimageit_flow.catalogue.places import Place
from bioimageit_flow.editor.commands import COMMANDS
from bioimageit_flow.editor.scene import COLOURS
from bioimageit_flow.engine.dormant import NEEDED
from bioimageit_flow.engine.plan import FORCED
from bioimageit_flow.gui import menus
from bioimageit_flow.gui.canvas.words import (
    PROGRESS,
    STATUSES,
    words_for_progress,
    words_for_why,
)
from bioimageit_flow.gui.dock_list import DOCKS
from bioimageit_flow.gui.language import Languages, catalogue, tr
from bioimageit_flow.gui.sentences import said, templates
from bioimageit_flow.gui.settings.doctor_page import TOPICS
from bioimageit_flow.model.changes import ChangeKind
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.plan import NEVER_RUN, NOT_READY, WAITS
from bioimageit_flow.session.care import SAME_BYTES
from bioimageit_flow.session.examples import examples

FOLDER = Path(gui.__file__).parent
CATALOGUE = Catalogue([Place(Path(__file__).parents[2] / "nodes", "built-in")])


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
        *(dock.title for dock in DOCKS),
        *(kind.value for kind in Kind),
        *(kind.value for kind in ChangeKind),
        *COLOURS,
        *PROGRESS,
        *STATUSES,
        *TOPICS,
    }


def test_every_text_has_a_translation() -> None:
    assert sorted(wanted() - catalogue("fr").keys()) == []


def test_translations_fill_in_the_same_names() -> None:
    fields = re.compile(r"\{\w+\}")
    wrong = {
        text: words
        for text, words in catalogue("fr").items()
        if set(fields.findall(text)) != set(fields.findall(words))
    }

    assert wrong == {}


def test_what_a_run_says_of_a_node_is_french_too(
    qapp: QApplication, qtbot: QtBot
) -> None:
    languages = Languages(qapp)
    languages.use("fr")
    try:
        assert words_for_progress("12 of 40, 1:05 left") == "12 sur 40, reste 1:05"
        assert words_for_progress("3 of 40 failed") == "3 sur 40 échoués"
        assert words_for_progress("40 known") == "40 connus"
        assert words_for_progress("not run") == "pas exécuté"
        shown = words_for_progress("image: 12.0 MiB of 80.5 MiB")
        assert shown == "image : 12.0 MiB sur 80.5 MiB"
        assert words_for_progress("Resolved 12 packages") == "Resolved 12 packages"
    finally:
        languages.use("en")
    assert words_for_progress("12 of 40, 1:05 left") == "12 of 40, 1:05 left"


def test_language_changes_and_comes_back(qapp: QApplication, qtbot: QtBot) -> None:
    languages = Languages(qapp)

    assert languages.use("fr") == "fr"
    assert tr("{count} boxes", count=3) == "3 boîtes"
    assert tr("never heard of") == "never heard of"
    assert languages.use("en") == "en"
    assert tr("{count} boxes", count=3) == "3 boxes"


def built_in_words() -> set[str]:
    """Return what built-in tools say in forms, palette and search."""
    found = set()
    for box in CATALOGUE.toolboxes():
        found.add(box.name)
    for installed in CATALOGUE.newest():
        tool = installed.tool
        found |= {tool.name, tool.summary}
        for parameter in tool.parameters.values():
            found.add(parameter.label)
            found |= {choice.label for choice in parameter.choices}
    return {text for text in found if text}


def test_built_in_tools_speak_french() -> None:
    proper = {"ImageJ", "Otsu", "PSF", "Sigma"}

    assert sorted(built_in_words() - catalogue("fr").keys() - proper) == []


def test_examples_speak_french() -> None:
    known = catalogue("fr")
    assert [
        one.title for one in examples() if not {one.title, one.summary} <= known.keys()
    ] == []


@pytest.fixture
def french(qapp: QApplication) -> Iterator[Languages]:
    languages = Languages(qapp)
    languages.use("fr")
    yield languages
    languages.use("en")


@pytest.mark.parametrize(
    ("english", "french_words"),
    [
        (
            "The input blur.image is not wired.",
            "L'entrée blur.image n'est reliée à rien.",
        ),
        (
            "a.mask takes labels, but b.result gives image.",
            "a.mask attend labels, mais b.result donne image.",
        ),
        ("Bind to raw", "Lier à raw"),
        (
            "Parameter 'sigma' of b: 'many' is not a number. Choose another value.",
            "Paramètre « sigma » de b : « many » n'est pas un nombre. "
            "Choisissez une autre valeur.",
        ),
        ("A sentence that nobody has heard.", "A sentence that nobody has heard."),
    ],
)
def test_problems_are_said_in_french_around_the_same_names(
    french: Languages, english: str, french_words: str
) -> None:
    assert said(english) == french_words


def test_every_reason_of_a_plan_is_said_in_french_with_its_count(
    french: Languages,
) -> None:
    why = f"{NEVER_RUN} (3); sigma 1.5 -> 2 (40); {WAITS} (1)"
    assert words_for_why(why) == (
        "jamais exécuté (3); sigma 1.5 -> 2 (40); "
        "attend de nouveaux résultats en amont (1)"
    )
    reasons = (NEVER_RUN, WAITS, FORCED, NOT_READY, NEEDED)
    assert [one for one in reasons if words_for_why(one) == one] == []


@pytest.mark.parametrize(
    ("why", "french_words"),
    [
        ("the last of their workflow", "les derniers de leur flux"),
        (SAME_BYTES, "les mêmes octets qu'un résultat qui est gardé"),
        (
            "made by lab/tell, which is not installed",
            "faits par lab/tell, qui n'est pas installé",
        ),
    ],
)
def test_why_results_are_kept_from_cleaning_is_said_in_french(
    french: Languages, why: str, french_words: str
) -> None:
    assert said(why) == french_words


def test_sentences_keep_their_names() -> None:
    fields = re.compile(r"\{\w+\}")
    wrong = {
        text: words
        for text, words in templates("fr").items()
        if set(fields.findall(text)) != set(fields.findall(words))
    }

    assert wrong == {}


def test_english_sentences_stay_as_they_are() -> None:
    assert said("The input blur.image is not wired.") == (
        "The input blur.image is not wired."
    )
