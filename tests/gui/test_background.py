"""Long work goes beside the window, and its answer comes back into its thread."""

import threading

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bioimageit_flow.errors import DataError, FlowError
from bioimageit_flow.gui.background import Background


def test_answer_comes_in_the_thread_of_the_window(
    qapp: QApplication, qtbot: QtBot
) -> None:
    background = Background()
    threads: list[tuple[int, int]] = []

    background.run(
        threading.get_ident,
        lambda there: threads.append((there, threading.get_ident())),
    )
    qtbot.waitUntil(lambda: bool(threads))

    there, here = threads[0]
    assert here == threading.get_ident()
    assert there != here
    assert background.is_idle
    background.deleteLater()


def test_error_is_handed_on_and_a_fault_becomes_a_sentence(
    qapp: QApplication, qtbot: QtBot
) -> None:
    background = Background()
    heard: list[FlowError] = []

    def refuse() -> None:
        raise DataError("The file is damaged.", remedy="Get another.")

    def fail() -> None:
        raise ZeroDivisionError("by nothing")

    background.run(refuse, heard.append, heard.append)
    qtbot.waitUntil(lambda: len(heard) == 1)
    background.run(fail, heard.append, heard.append)
    qtbot.waitUntil(lambda: len(heard) == 2)

    assert heard[0].remedy == "Get another."
    assert "by nothing" in heard[1].message
    background.deleteLater()
