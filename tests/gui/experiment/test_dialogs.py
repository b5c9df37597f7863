from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
)
from pytestqt.qtbot import QtBot

from bioimageit_flow.gui.experiment import opened_experiment
from bioimageit_flow.gui.experiment.annotate_dialog import AnnotateDialog
from bioimageit_flow.gui.experiment.care_dialogs import (
    ChangesDialog,
    CleanDialog,
    DiskDialog,
    RelocateDialog,
    VerifyDialog,
)
from bioimageit_flow.gui.experiment.import_dialog import ImportDialog
from bioimageit_flow.gui.experiment.item_dialogs import (
    CorrectDialog,
    DeleteDialog,
    ExcludeDialog,
)
from bioimageit_flow.gui.experiment.keys_dialog import KeysDialog
from bioimageit_flow.gui.experiment.panel import ExperimentPanel
from bioimageit_flow.gui.experiment.parts_dialog import PartsDialog
from bioimageit_flow.gui.experiment.server_dialog import ServerDialog
from bioimageit_flow.gui.folder_dialog import chosen_folder
from bioimageit_flow.session import Experiment
from bioimageit_flow.session.care import Deletion
from tests.gui.experiment.conftest import WAIT_MS, settle, shown_names
from tests.private_postgres import PrivateServer

LEFT = Qt.MouseButton.LeftButton
Dialog = TypeVar("Dialog", bound=QDialog)


def opened(panel: ExperimentPanel, kind: type[Dialog]) -> Dialog:
    """Return the dialog of a kind that is open."""
    found = [one for one in panel.window_.findChildren(kind) if one.isVisible()]
    assert len(found) == 1
    return found[0]


def row(tree: QTreeWidget, place: int) -> QTreeWidgetItem:
    found = tree.topLevelItem(place)
    assert found is not None
    return found


def press(button: QPushButton) -> None:
    assert button.isEnabled()
    QTest.mouseClick(button, LEFT)


def experiment_of(panel: ExperimentPanel) -> Experiment:
    experiment = opened_experiment(panel.window_)
    assert experiment is not None
    return experiment


def test_files_are_imported_with_what_their_names_say(
    panel: ExperimentPanel, images: Path, qtbot: QtBot
) -> None:
    press(panel.import_)
    dialog = opened(panel, ImportDialog)
    assert not dialog.go.isEnabled()
    dialog.add_files((images,))
    dialog.dataset.selectAll()
    QTest.keyClicks(dialog.dataset, "second")
    QTest.keyClicks(dialog.from_name, r"(?P<group>[a-z]+)_(?P<nr>\d)")
    qtbot.waitUntil(lambda: dialog.preview.topLevelItemCount() == 6, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: dialog.preview.columnCount() == 4, timeout=WAIT_MS)
    first = row(dialog.preview, 0)
    assert [first.text(n) for n in range(3)] == ["images/control_0.tif", "control", "0"]
    press(dialog.go)
    qtbot.waitUntil(lambda: dialog.go.text() == "Done", timeout=WAIT_MS)
    assert dialog.says.text().startswith("6 imported, 0 skipped, 0 refused.")
    header = dialog.preview.headerItem()
    assert [header.text(n) for n in range(header.columnCount())] == ["Imported", "File"]
    assert not dialog.parts.isEnabled()
    press(dialog.go)
    qtbot.waitUntil(lambda: panel.dataset == "second", timeout=WAIT_MS)
    items = experiment_of(panel).items("second")
    assert items[0].annotations == {"group": "control", "nr": 0}
    settle(panel, qtbot)


def test_what_is_left_out_is_listed_with_the_reason(
    panel: ExperimentPanel, images: Path, qtbot: QtBot
) -> None:
    (images / "broken.tif").write_bytes(b"II*\0nothing")
    panel.commands.import_data((images,))
    dialog = opened(panel, ImportDialog)
    qtbot.waitUntil(dialog.go.isEnabled, timeout=WAIT_MS)
    press(dialog.go)
    qtbot.waitUntil(lambda: dialog.go.text() == "Done", timeout=WAIT_MS)
    assert "0 imported, 6 skipped, 1 refused" in dialog.says.text()
    refused = row(dialog.left_out, 0)
    assert refused.text(0).endswith("broken.tif")
    assert refused.text(1)
    dialog.accept()
    settle(panel, qtbot)


def test_a_wrong_expression_is_told_before_anything_is_imported(
    panel: ExperimentPanel, images: Path, qtbot: QtBot
) -> None:
    panel.commands.import_data((images,))
    dialog = opened(panel, ImportDialog)
    QTest.keyClicks(dialog.from_name, "(?P<a")
    qtbot.waitUntil(
        lambda: "no regular expression" in dialog.says.text(), timeout=WAIT_MS
    )
    assert not dialog.go.isEnabled()
    dialog.reject()
    settle(panel, qtbot)


def test_the_parts_of_a_name_are_named_one_by_one(
    panel: ExperimentPanel, images: Path, qtbot: QtBot
) -> None:
    panel.commands.import_data((images,))
    dialog = opened(panel, ImportDialog)
    qtbot.waitUntil(lambda: dialog.preview.topLevelItemCount() == 6, timeout=WAIT_MS)
    press(dialog.parts)
    parts = dialog.findChild(PartsDialog)
    assert isinstance(parts, PartsDialog)
    assert len(parts.fields) == 2
    QTest.keyClick(parts.separator, Qt.Key.Key_Backspace)
    QTest.keyClicks(parts.separator, "_")  # its fields are made anew
    qtbot.waitUntil(lambda: parts.fields[1].isVisible(), timeout=WAIT_MS)
    for text in ("group", "nr"):
        QTest.keyClick(parts.focusWidget(), Qt.Key.Key_Tab)
        QTest.keyClicks(parts.focusWidget(), text)
    QTest.keyClick(parts.focusWidget(), Qt.Key.Key_Return)
    assert "(?P<group>" in dialog.from_name.text()
    assert "(?P<nr>" in dialog.from_name.text()
    qtbot.waitUntil(
        lambda: row(dialog.preview, 0).text(1) == "control", timeout=WAIT_MS
    )
    dialog.reject()
    settle(panel, qtbot)


def test_annotations_are_seen_before_they_are_set(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    press(panel.annotate)
    dialog = opened(panel, AnnotateDialog)
    dialog.rules.setCurrentIndex(2)
    QTest.keyClicks(dialog.rules.expression, r"^(?P<who>d)rug_")
    qtbot.waitUntil(
        lambda: "3 items would change" in dialog.counts.text(), timeout=WAIT_MS
    )
    assert "3 do not fit" in dialog.counts.text()
    assert not any("who" in item.annotations for item in experiment_of(panel).items())
    press(dialog.go)
    qtbot.waitUntil(lambda: not dialog_is_open(panel, AnnotateDialog), timeout=WAIT_MS)
    assert experiment_of(panel).count("who = d") == 3
    settle(panel, qtbot)


def test_values_are_replaced_only_where_somebody_says_so(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    shown_names(panel, qtbot)
    panel.view.choose(0)
    press(panel.annotate)
    dialog = opened(panel, AnnotateDialog)
    assert dialog.which.text() == "1 selected item"
    dialog.rules.key.setCurrentText("condition")
    QTest.keyClicks(dialog.rules.value, "washout")
    qtbot.waitUntil(dialog.replace_.isVisible, timeout=WAIT_MS)
    assert not dialog.go.isEnabled()
    dialog.replace_.setChecked(True)
    press(dialog.go)
    qtbot.waitUntil(lambda: not dialog_is_open(panel, AnnotateDialog), timeout=WAIT_MS)
    assert experiment_of(panel).count("condition = washout") == 1
    settle(panel, qtbot)


def test_a_question_about_a_key_ends_when_another_is_chosen(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    experiment_of(panel).declare_key("state", "choice", choices=["dry", "wet"])
    panel.window_.workspace.experiment.contents_changed.emit()
    settle(panel, qtbot)
    press(panel.keys)
    dialog = opened(panel, KeysDialog)
    listed = [row(dialog.list, n) for n in range(dialog.list.topLevelItemCount())]
    rows = {one.text(0): one for one in listed}
    assert rows["state"].text(1) == "choice: dry, wet"
    QTest.mouseClick(
        dialog.list.viewport(),
        LEFT,
        pos=dialog.list.visualItemRect(rows["condition"]).center(),
    )
    press(dialog.delete)
    assert dialog.go.isVisible()
    QTest.mouseClick(
        dialog.list.viewport(),
        LEFT,
        pos=dialog.list.visualItemRect(rows["state"]).center(),
    )
    assert not dialog.go.isVisible()
    assert dialog.says.text() == ""
    dialog.reject()


def test_names_with_other_parts_are_told_how_many(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    shown_names(panel, qtbot)
    press(panel.annotate)
    dialog = opened(panel, AnnotateDialog)
    dialog.rules.setCurrentIndex(1)
    QTest.keyClicks(dialog.rules.parts, "condition")
    qtbot.waitUntil(lambda: dialog.preview.topLevelItemCount() == 6, timeout=WAIT_MS)
    assert "2 parts, not 1" in row(dialog.preview, 0).text(2)
    dialog.reject()
    settle(panel, qtbot)


def test_items_without_a_row_are_told_so(
    panel: ExperimentPanel, tmp_path: Path, qtbot: QtBot
) -> None:
    shown_names(panel, qtbot)
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("name,dose\ncontrol_0.tif,5\n", encoding="utf-8")
    press(panel.annotate)
    dialog = opened(panel, AnnotateDialog)
    dialog.rules.setCurrentIndex(4)
    QTest.keyClicks(dialog.rules.sheet, str(sheet))
    qtbot.waitUntil(lambda: "5 have no row" in dialog.counts.text(), timeout=WAIT_MS)
    assert row(dialog.preview, 0).text(2) == ""
    assert row(dialog.preview, 1).text(2) == "no row"
    dialog.reject()
    settle(panel, qtbot)


def test_what_a_dialog_says_does_not_move_its_buttons(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    press(panel.keys)
    dialog = opened(panel, KeysDialog)
    before = dialog.go.geometry(), dialog.stop.geometry()
    dialog.say("The key is declared.")
    dialog.bar.show()
    layout = dialog.layout()
    assert layout is not None
    layout.activate()
    assert dialog.says.isVisible()
    assert (dialog.go.geometry(), dialog.stop.geometry()) == before
    dialog.reject()
    settle(panel, qtbot)


def test_a_key_is_declared_renamed_and_deleted(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    press(panel.keys)
    dialog = opened(panel, KeysDialog)
    press(dialog.fresh)
    QTest.keyClicks(dialog.name, "dose")
    dialog.type.setCurrentIndex(dialog.type.findData("number"))
    QTest.keyClicks(dialog.unit, "mM")
    press(dialog.save)

    def listed() -> list[str]:
        rows = range(dialog.list.topLevelItemCount())
        return [row(dialog.list, n).text(0) for n in rows]

    qtbot.waitUntil(lambda: "dose" in listed(), timeout=WAIT_MS)
    settle(panel, qtbot)
    assert dialog.list.currentItem() is row(dialog.list, listed().index("dose"))
    dialog.list.setCurrentItem(row(dialog.list, listed().index("condition")))
    dialog.name.selectAll()
    QTest.keyClicks(dialog.name, "treatment")
    press(dialog.rename)
    qtbot.waitUntil(lambda: "treatment" in listed(), timeout=WAIT_MS)
    settle(panel, qtbot)
    dialog.list.setCurrentItem(row(dialog.list, listed().index("treatment")))
    press(dialog.delete)
    assert "treatment" in dialog.says.text()
    press(dialog.go)
    qtbot.waitUntil(lambda: "treatment" not in listed(), timeout=WAIT_MS)
    settle(panel, qtbot)
    contents = panel.opened.contents
    assert contents is not None
    uses = {use.name: use.key for use in contents.keys}
    assert uses["dose"] is not None
    assert uses["dose"].unit == "mM"
    dialog.reject()


def test_items_are_excluded_with_a_reason_and_included_again(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    shown_names(panel, qtbot)
    panel.view.choose(1)
    panel.commands.exclude()
    dialog = opened(panel, ExcludeDialog)
    assert "1 item" in [label.text() for label in dialog.findChildren(QLabel)]
    assert not dialog.go.isEnabled()
    QTest.keyClicks(dialog.reason, "out of focus")
    press(dialog.go)
    qtbot.waitUntil(lambda: not dialog_is_open(panel, ExcludeDialog), timeout=WAIT_MS)
    settle(panel, qtbot)
    assert experiment_of(panel).find_item("control_1.tif").excluded == "out of focus"
    panel.view.choose(1)
    shown_names(panel, qtbot)
    settle(panel, qtbot)
    panel.commands.include()
    settle(panel, qtbot)
    assert experiment_of(panel).find_item("control_1.tif").excluded == ""


def test_deleting_says_what_descends_first(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    shown_names(panel, qtbot)
    panel.view.choose(0)
    panel.commands.delete()
    dialog = opened(panel, DeleteDialog)
    qtbot.waitUntil(dialog.go.isEnabled, timeout=WAIT_MS)
    assert "Nothing was made from them." in dialog.statement.text()
    press(dialog.go)
    qtbot.waitUntil(lambda: not dialog_is_open(panel, DeleteDialog), timeout=WAIT_MS)
    item = experiment_of(panel).find_item("control_0.tif")
    assert item.excluded.startswith("deleted")
    settle(panel, qtbot)


def test_a_header_is_corrected(panel: ExperimentPanel, qtbot: QtBot) -> None:
    shown_names(panel, qtbot)
    panel.view.choose(0)
    panel.commands.correct()
    dialog = opened(panel, CorrectDialog)
    QTest.keyClicks(dialog.fields["x"], "none")
    press(dialog.go)
    assert "no number" in dialog.says.text()
    dialog.fields["x"].clear()
    QTest.keyClicks(dialog.fields["x"], "0,2")
    press(dialog.go)
    qtbot.waitUntil(lambda: not dialog_is_open(panel, CorrectDialog), timeout=WAIT_MS)
    info = experiment_of(panel).find_item("control_0.tif").info
    assert info.pixel_size_um["x"] == 0.2
    settle(panel, qtbot)


def test_files_are_verified(panel: ExperimentPanel, place: Path, qtbot: QtBot) -> None:
    broken = next(place.glob("data/raw/control_0*"))
    broken.write_bytes(b"changed")
    next(place.glob("data/raw/control_1*")).unlink()
    panel.commands.verify()
    dialog = opened(panel, VerifyDialog)
    press(dialog.go)
    qtbot.waitUntil(lambda: dialog.list.topLevelItemCount() == 2, timeout=WAIT_MS)
    assert "5 files read" in dialog.says.text()  # one is gone
    assert "2 files are gone or changed" in dialog.says.text()
    found = {row(dialog.list, n).text(1): row(dialog.list, n).text(2) for n in (0, 1)}
    assert found == {"control_0.tif": "changed", "control_1.tif": "gone"}
    dialog.reject()
    settle(panel, qtbot)


def test_what_lies_where_is_counted(panel: ExperimentPanel, qtbot: QtBot) -> None:
    panel.commands.disk_use()
    dialog = opened(panel, DiskDialog)
    qtbot.waitUntil(lambda: dialog.list.topLevelItemCount() == 1, timeout=WAIT_MS)
    assert row(dialog.list, 0).text(1) == "6"
    dialog.reject()
    settle(panel, qtbot)


def test_nothing_is_cleaned_where_nothing_can_be(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    panel.commands.clean()
    dialog = opened(panel, CleanDialog)
    qtbot.waitUntil(lambda: "0 results" in dialog.says.text(), timeout=WAIT_MS)
    assert not dialog.go.isEnabled()
    dialog.reject()
    settle(panel, qtbot)


def test_a_moved_folder_is_found_again(
    panel: ExperimentPanel, images: Path, qtbot: QtBot
) -> None:
    experiment_of(panel).import_files([images], dataset="away", reference=True)
    moved = images.with_name("moved")
    images.rename(moved)
    panel.commands.relocate()
    dialog = opened(panel, RelocateDialog)
    qtbot.waitUntil(lambda: dialog.old.text() == str(images), timeout=WAIT_MS)
    altered = next(moved.glob("control_0*"))
    altered.write_bytes(b"altered")
    QTest.keyClicks(dialog.new, str(moved))
    press(dialog.go)
    qtbot.waitUntil(lambda: "Files found: 5" in dialog.says.text(), timeout=WAIT_MS)
    assert "gone or changed: 1" in dialog.says.text()
    only = row(dialog.list, 0)
    assert (only.text(0), only.text(1)) == (str(altered), "changed")
    assert only.toolTip(0) == str(altered)
    dialog.reject()
    settle(panel, qtbot)


def test_changes_are_listed_and_the_last_taken_back(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    experiment_of(panel).annotate(experiment_of(panel).items(), {"batch": 7})
    panel.commands.changes()
    dialog = opened(panel, ChangesDialog)
    qtbot.waitUntil(lambda: dialog.list.topLevelItemCount() == 1, timeout=WAIT_MS)
    press(dialog.undo)
    qtbot.waitUntil(lambda: dialog.list.topLevelItemCount() == 2, timeout=WAIT_MS)
    assert experiment_of(panel).count("exists batch") == 0
    settle(panel, qtbot)
    dialog.reject()


def test_closing_a_dialog_cancels_what_goes_on(
    panel: ExperimentPanel, images: Path, qtbot: QtBot
) -> None:
    panel.commands.import_data((images,))
    dialog = opened(panel, ImportDialog)
    dialog.dataset.setText("more")
    qtbot.waitUntil(dialog.go.isEnabled, timeout=WAIT_MS)
    press(dialog.go)
    dialog.reject()
    settle(panel, qtbot)
    names = {one.name for one in experiment_of(panel).datasets()}
    assert names <= {"raw", "more"}


def dialog_is_open(panel: ExperimentPanel, kind: type[QDialog]) -> bool:
    return any(one.isVisible() for one in panel.window_.findChildren(kind))


def test_folder_that_the_dialog_shows_is_not_imported_with_the_one_typed(
    panel: ExperimentPanel, images: Path, qtbot: QtBot
) -> None:
    panel.commands.import_data()
    (dialog,) = panel.window_.findChildren(ImportDialog)
    dialog._ask_folder()
    (asking,) = dialog.findChildren(QFileDialog)
    asking.setDirectory(str(images.parent))

    # what Qt says when a path is typed and its completion is followed
    asking.filesSelected.emit([str(images.parent), str(images)])
    asking.close()

    shown = [dialog.files.item(n).text() for n in range(dialog.files.count())]
    assert shown == [str(images)]
    settle(panel, qtbot)
    dialog.close()


def test_folder_that_is_shown_can_be_chosen_itself(tmp_path: Path) -> None:
    assert chosen_folder([tmp_path], tmp_path) == tmp_path
    assert chosen_folder([tmp_path, tmp_path / "a"], tmp_path) == tmp_path / "a"


def test_a_long_statement_before_deleting_is_not_cut(
    panel: ExperimentPanel, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    shown_names(panel, qtbot)
    made = {f"{'a_long_name_of_a_run_' * 4}/node_{n}/port": n for n in range(9)}
    plan = Deletion(items=(), bytes=1, referenced=0, descendants=made)
    monkeypatch.setattr(Experiment, "plan_deletion", lambda *_items: plan)
    panel.view.choose(0)
    panel.commands.delete()
    dialog = opened(panel, DeleteDialog)
    qtbot.waitUntil(lambda: "node_8" in dialog.statement.text(), timeout=WAIT_MS)
    statement = dialog.statement
    # Whatever a layout would give it: some windows have too little room at first.
    assert statement.minimumHeight() >= statement.heightForWidth(statement.width()) > 0
    dialog.reject()
    settle(panel, qtbot)


def test_deleting_tells_how_many_results_it_does_not_list(
    panel: ExperimentPanel, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    shown_names(panel, qtbot)
    made = {f"run/node_{n}/port": n for n in range(15)}
    plan = Deletion(items=(), bytes=1, referenced=0, descendants=made)
    monkeypatch.setattr(Experiment, "plan_deletion", lambda *_items: plan)
    panel.view.choose(0)
    panel.commands.delete()
    dialog = opened(panel, DeleteDialog)
    qtbot.waitUntil(lambda: "node_11" in dialog.statement.text(), timeout=WAIT_MS)
    assert "105 results" in dialog.statement.text()
    assert dialog.statement.text().endswith(f"    {12 + 13 + 14} more")
    dialog.reject()
    settle(panel, qtbot)


def test_an_experiment_is_made_on_a_server(
    panel: ExperimentPanel,
    tmp_path: Path,
    postgres_server: PrivateServer,
    qtbot: QtBot,
) -> None:
    panel.commands.ask_for_server()
    dialog = opened(panel, ServerDialog)
    assert not dialog.go.isEnabled()
    QTest.keyClicks(dialog.folder, str(tmp_path / "facility"))
    QTest.keyClicks(dialog.address, "postgresql://flow@/nowhere?host=/nowhere")
    press(dialog.go)
    qtbot.waitUntil(lambda: not dialog.is_working, timeout=WAIT_MS)
    assert dialog.says.isVisible()
    assert "/nowhere" in dialog.says.text()
    dialog.say("A sentence that goes on and on. " * 40, "error")
    assert dialog.folder.height() >= dialog.folder.minimumSizeHint().height()
    assert dialog.says.height() >= dialog.says.heightForWidth(dialog.says.width())

    dialog.address.setText(postgres_server.url())
    press(dialog.go)
    qtbot.waitUntil(lambda: panel.name.text() == "facility", timeout=WAIT_MS)
    assert not dialog_is_open(panel, ServerDialog)
    assert not (tmp_path / "facility" / "experiment.db").exists()
    settle(panel, qtbot)
