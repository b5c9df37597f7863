"""An archive that somebody shared is opened in one step, ready to be run."""

from pathlib import Path

import numpy as np
import tifffile
from pytestqt.qtbot import QtBot

from bioimageit_flow.gui.window import MainWindow
from bioimageit_flow.session import Experiment
from bioimageit_flow.session.sharing import share


def test_data_of_an_archive_become_an_experiment(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    images = tmp_path / "images"
    images.mkdir()
    for name in ("a.tif", "b.tif"):
        tifffile.imwrite(images / name, np.full((8, 8), len(name), np.uint8))
    window.files.new()
    editor = window.editor
    assert editor is not None
    input_ = editor.add_dataset("images")
    archive = tmp_path / "there" / "cells.flow.zip"
    archive.parent.mkdir()
    session = window.workspace.session
    share(editor.document, archive, session.catalogue, data={input_: [images]})
    window.workspace.close(editor)

    assert not window.files.open(archive)
    assert window.message.text == "Taking out cells.flow.zip…"
    qtbot.waitUntil(lambda: window.editor is not None, timeout=60_000)
    opened = window.editor
    assert opened is not None
    place = archive.parent / "cells" / "experiment"
    assert window.workspace.experiment.path == place
    assert window.workspace.experiment.bindings(opened) == {input_: input_}
    assert input_ in window.message.text
    qtbot.waitUntil(lambda: window.background.is_idle, timeout=60_000)
    window.workspace.experiment.open(None)
    with Experiment.open(place, session=session) as experiment:
        assert sorted(one.name for one in experiment.items(input_)) == [
            "a.tif",
            "b.tif",
        ]
    qtbot.waitUntil(lambda: window.background.is_idle, timeout=60_000)
