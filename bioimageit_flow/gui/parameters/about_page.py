"""What the panel tells of a tool: its help, and the facts below it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QTextBrowser, QWidget

from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.tool_text import facts, help_html
from bioimageit_flow.model.tool import InstalledTool


def about_page(installed: InstalledTool) -> QWidget:
    """Return a page with help, licence, citations, image, resources and rights."""
    text = _HelpText()
    text.setHtml(help_html(installed.tool))
    rows: list[QWidget] = [text, pieces.line()]
    for name, value in facts(installed):
        says = QLabel(value)
        says.setTextFormat(Qt.TextFormat.RichText)
        says.setWordWrap(True)
        says.setOpenExternalLinks(True)
        says.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        rows.append(
            pieces.holder(pieces.column(pieces.label(name, "section"), says, gap=1))
        )
    return pieces.holder(pieces.column(*rows, gap=8))


class _HelpText(QTextBrowser):
    """Help as high as its text, so that the panel scrolls and not the text in it."""

    def __init__(self) -> None:
        super().__init__()
        self.setOpenExternalLinks(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(
            lambda size: self.setFixedHeight(round(size.height()) + 4)
        )
