"""The languages of the window: English in the code, French from a catalogue.

A translator of our own reads ``translations/<language>.json`` (sentence by sentence),
and ``<language>-<part>.json`` of parts of the window, so that a translation needs no
compiler and no binary file. Buttons of Qt itself come
from the translations that are installed with it.
"""

import json
from importlib.resources import files
from typing import Final

from PySide6.QtCore import (
    QCoreApplication,
    QLibraryInfo,
    QLocale,
    QObject,
    QTranslator,
)

from bioimageit_flow.gui.sentences import speak

LANGUAGES: Final = {"en": "English", "fr": "Français"}
"""What can be chosen, each in its own words."""

SYSTEM: Final = "system"

_CONTEXT: Final = "bioimageit-flow"


def tr(text: str, /, **values: object) -> str:
    """Return a text in the language of the window, with ``{names}`` filled in."""
    translated = QCoreApplication.translate(_CONTEXT, text)
    return translated.format(**values) if values else translated


def catalogue(language: str) -> dict[str, str]:
    """Return the translations into a language; none for English."""
    found: dict[str, str] = {}
    folder = files("bioimageit_flow.gui") / "translations"
    for place in sorted(folder.iterdir(), key=lambda one: one.name):
        own = place.name == f"{language}.json" or (
            place.name.startswith(f"{language}-") and place.name.endswith(".json")
        )
        if own:
            found |= json.loads(place.read_text(encoding="utf-8"))
    return found


class Catalogue(QTranslator):
    """Translates by looking sentences up."""

    def __init__(self, language: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._texts = catalogue(language)

    def isEmpty(self) -> bool:
        """Return whether there is nothing to look up."""
        return not self._texts

    def translate(
        self,
        context: str | bytes,
        sourceText: str | bytes,
        disambiguation: str | bytes | None = None,
        n: int = -1,
    ) -> str:
        """Return the translation of a text of ours."""
        text = sourceText if isinstance(sourceText, str) else bytes(sourceText).decode()
        return self._texts.get(text, text)


def language_of(choice: str) -> str:
    """Return the language for a choice: itself if it is there, else the system's."""
    if choice in LANGUAGES:
        return choice
    code = QLocale.system().name().partition("_")[0]
    return code if code in LANGUAGES else "en"


class Languages:
    """Which translators an application has installed."""

    def __init__(self, application: QCoreApplication) -> None:
        self._application = application
        self._installed: list[QTranslator] = []

    def use(self, choice: str) -> str:
        """Install a language; texts made from now on are in it. Return its code."""
        for translator in self._installed:
            self._application.removeTranslator(translator)
        self._installed = []
        language = language_of(choice)
        QLocale.setDefault(QLocale(language))
        speak(language)
        if language != "en":
            # The last one installed is asked first; ours answers everything.
            self._install(Catalogue(language, self._application))
            of_qt = QTranslator(self._application)
            folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
            if of_qt.load(f"qtbase_{language}", folder):
                self._install(of_qt)
        return language

    def _install(self, translator: QTranslator) -> None:
        self._application.installTranslator(translator)
        self._installed.append(translator)
