"""What this program is, in which version, and how to cite it."""

import platform

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QWidget

from bioimageit_flow import __version__
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.icons import logo
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.theme import Theme


def versions() -> str:
    """Return the versions that a report of a fault should name."""
    return (
        f"BioImageIT Flow {__version__}, Python {platform.python_version()}, "
        f"Qt {qVersion()}, {platform.system()} {platform.release()}"
    )


def citation() -> str:
    """Return how a paper names this program, in this version.

    The methods and references of a run are in its report.
    """
    return f"BioImageIT Flow, version {__version__}. https://github.com/bioimageit"


class AboutDialog(QDialog):
    """Name, version, licence, and the versions of what lies below."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("About BioImageIT Flow"))
        sign = QLabel()
        sign.setPixmap(logo(theme, 72))
        sign.setAlignment(Qt.AlignmentFlag.AlignTop)
        text = pieces.column(
            pieces.label("BioImageIT Flow", "title"),
            pieces.label(tr("Version {version}", version=__version__), "muted"),
            pieces.label(
                tr(
                    "Draw a bio-image analysis as a workflow of containerised tools, "
                    "run it over every image of an experiment, and trace any result "
                    "back to the raw images."
                ),
                wraps=True,
            ),
            pieces.label(
                tr(
                    "Free software under the BSD 3-Clause licence. It continues the "
                    "idea of BioImageIT (Inria, Institut Curie, France-BioImaging)."
                ),
                "muted",
                wraps=True,
            ),
            pieces.label(versions(), "small", wraps=True),
            pieces.label(tr("To be cited as"), "section"),
            pieces.label(citation(), wraps=True),
            gap=8,
        )
        self.ready = pieces.button(tr("Close"), self.accept, role="primary")
        buttons = pieces.row(
            None,
            pieces.button(
                tr("Copy the citation"),
                lambda: QApplication.clipboard().setText(citation()),
            ),
            pieces.button(
                tr("Copy the versions"),
                lambda: QApplication.clipboard().setText(versions()),
            ),
            self.ready,
        )
        body = pieces.row(sign, text, gap=20)
        body.setStretch(1, 1)
        self.setLayout(pieces.column(body, None, buttons, margin=24, gap=16))
        self.setMinimumWidth(540)
