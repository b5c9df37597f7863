"""What a panel beside the canvas may be told; the window tells each the same."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from bioimageit_flow.editor.editor import Editor
    from bioimageit_flow.gui.theme import Theme


class Panel(QWidget):
    """A widget in a dock. Override what it needs; nothing is done by default."""

    def set_theme(self, theme: "Theme") -> None:
        """Take other colours and sizes."""

    def show_editor(self, editor: "Editor | None") -> None:
        """Turn to the workflow that came to the front; None for the start page."""

    def refresh(self) -> None:
        """Show what the workflow in front, its selection and its problems are now."""

    def release(self) -> None:
        """Stop threads, timers and signals: the window closes."""
