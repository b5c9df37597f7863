"""What is asked before items are excluded, deleted, or corrected."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFormLayout, QLineEdit

from bioimageit_flow.errors import DataError
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.experiment.work_dialog import WorkDialog
from bioimageit_flow.gui.language import tr
from bioimageit_flow.model.data import Item
from bioimageit_flow.model.units import format_bytes

if TYPE_CHECKING:
    from bioimageit_flow.gui.experiment.panel import ExperimentPanel
    from bioimageit_flow.session.care import Deletion

_SHOWN = 6


def named(items: Sequence[Item]) -> str:
    """Return the names of items, the first few of them."""
    names = ", ".join(item.name for item in items[:_SHOWN])
    more = len(items) - _SHOWN
    return tr("{names} and {more} more", names=names, more=more) if more > 0 else names


_MOST_DATASETS: Final = 12
"""So many are listed with what was made in them."""


class _OfItems(WorkDialog):
    def __init__(
        self, panel: "ExperimentPanel", items: Sequence[Item], title: str, verb: str
    ) -> None:
        super().__init__(panel.background, title, verb, panel.window_, QSize(520, 220))
        self._panel = panel
        self.setMinimumWidth(520)
        self.items = list(items)
        many = tr("{count} items", count=len(self.items))
        said = tr("1 item") if len(self.items) == 1 else many
        self.body.addWidget(pieces.label(said, "heading"))
        self.body.addWidget(pieces.label(named(self.items), "muted", wraps=True))

    def changed(self, words: str) -> None:
        """Tell everybody that something changed, and close."""
        window = self._panel.window_
        window.message.say(words, level="good")
        window.workspace.experiment.contents_changed.emit()
        self.accept()


class ExcludeDialog(_OfItems):
    """Asks why items stay out of runs."""

    def __init__(self, panel: "ExperimentPanel", items: Sequence[Item]) -> None:
        super().__init__(panel, items, tr("Exclude"), tr("Exclude"))
        self.reason = QLineEdit()
        self.reason.setAccessibleName(tr("Reason"))
        self.reason.setPlaceholderText(tr("out of focus, for example"))
        self.reason.textChanged.connect(
            lambda text: self.go.setEnabled(bool(text.strip()))
        )
        self.go.setEnabled(False)
        self.body.addWidget(
            pieces.label(
                tr(
                    "They stay in the experiment and out of later runs. Every export "
                    "lists them with the reason."
                ),
                wraps=True,
            )
        )
        self.body.addWidget(self.reason)
        self.reason.setFocus()

    def begin(self) -> None:
        """Exclude them."""
        experiment, reason = self._panel.opened.experiment, self.reason.text().strip()
        if experiment is None or not reason:
            return
        items = [item for item in self.items if item.excluded != reason]
        self.work(
            lambda _progress: experiment.exclude(items, reason),
            lambda _none: self.changed(
                tr("1 item is excluded.")
                if len(self.items) == 1
                else tr("{count} items are excluded.", count=len(self.items))
            ),
        )


class DeleteDialog(_OfItems):
    """Says what descends from items before their bytes are given up."""

    def __init__(self, panel: "ExperimentPanel", items: Sequence[Item]) -> None:
        super().__init__(panel, items, tr("Delete"), tr("Delete for good"))
        self.statement = pieces.label(tr("Reading\u2026"), wraps=True)
        self.reason = QLineEdit()
        self.reason.setAccessibleName(tr("Reason"))
        self.reason.setPlaceholderText(tr("Why (optional)"))
        self.body.addWidget(self.statement)
        self.body.addWidget(self.reason)
        self.go.setEnabled(False)
        self.go.setDefault(False)
        self.stop.setDefault(True)
        experiment = panel.opened.experiment
        if experiment is not None:
            self.work(
                lambda _progress: experiment.plan_deletion(self.items),
                self._show,
            )

    def _show(self, plan: "Deletion") -> None:
        words = [
            tr(
                "{size} are freed at most. What was recorded of them stays, and they "
                "are excluded from later runs. This cannot be undone.",
                size=format_bytes(plan.bytes),
            )
        ]
        if plan.referenced:
            words.append(
                tr(
                    "{count} of them lie elsewhere: those files are left alone.",
                    count=plan.referenced,
                )
            )
        if plan.descendants:
            lines = [
                f"    {dataset}: {count:,}"
                for dataset, count in list(plan.descendants.items())[:_MOST_DATASETS]
            ]
            if more := sum(list(plan.descendants.values())[_MOST_DATASETS:]):
                lines.append(f"    {tr('{count} more', count=f'{more:,}')}")
            listed = "\n".join(lines)
            count = sum(plan.descendants.values())
            said = (
                tr("1 result descends from them and stays, with its history:")
                if count == 1
                else tr(
                    "{count} results descend from them and stay, with their history:",
                    count=f"{count:,}",
                )
            )
            words.append(f"{said}\n{listed}")
        else:
            words.append(tr("Nothing was made from them."))
        self.statement.setText("\n\n".join(words))
        # a long statement is never cut: the dialog grows with it
        whole = self.statement.heightForWidth(self.statement.width())
        self.statement.setMinimumHeight(whole)
        self.say("")

    def begin(self) -> None:
        """Give their bytes up."""
        experiment, reason = self._panel.opened.experiment, self.reason.text().strip()
        if experiment is None:
            return
        self.work(
            lambda _progress: experiment.delete(self.items, reason),
            lambda _removal: self.changed(
                tr("1 item is deleted.")
                if len(self.items) == 1
                else tr("{count} items are deleted.", count=len(self.items))
            ),
        )


class CorrectDialog(_OfItems):
    """Asks what headers should have said; what stays empty is left as it is."""

    def __init__(self, panel: "ExperimentPanel", items: Sequence[Item]) -> None:
        super().__init__(panel, items, tr("Correct the header"), tr("Correct"))
        first = self.items[0].info
        self.fields: dict[str, QLineEdit] = {}
        form = QFormLayout()
        size = first.pixel_size_um
        step = first.time_step_s
        for name, words, now in (
            ("axes", tr("Axes"), first.axes or ""),
            ("x", tr("Pixel size x (\u00b5m)"), _number(size.get("x"))),
            ("y", tr("Pixel size y (\u00b5m)"), _number(size.get("y"))),
            ("z", tr("Pixel size z (\u00b5m)"), _number(size.get("z"))),
            ("time_step_s", tr("Time step (s)"), _number(step)),
            ("channels", tr("Channels"), ", ".join(first.channels)),
        ):
            field = QLineEdit()
            field.setPlaceholderText(now or tr("not known"))
            field.setAccessibleName(words)
            self.fields[name] = field
            form.addRow(words, field)
        self.body.addLayout(form)

    def _facts(self) -> dict[str, object]:
        texts = {name: field.text().strip() for name, field in self.fields.items()}
        facts: dict[str, object] = {}
        if texts["axes"]:
            facts["axes"] = texts["axes"].upper()
        sizes = {axis: _float(texts[axis]) for axis in "xyz" if texts[axis]}
        if sizes:
            facts["pixel_size_um"] = sizes
        if texts["time_step_s"]:
            facts["time_step_s"] = _float(texts["time_step_s"])
        if texts["channels"]:
            parts = texts["channels"].split(",")
            facts["channels"] = [part.strip() for part in parts]
        return facts

    def begin(self) -> None:
        """Correct what was typed."""
        experiment = self._panel.opened.experiment
        try:
            facts: dict[str, Any] = self._facts()
        except DataError as error:
            self.refuse(error)
            return
        if experiment is None or not facts:
            self.say(tr("Nothing was typed."), "warning")
            return
        self.work(
            lambda _progress: experiment.correct(self.items, **facts),
            lambda _none: self.changed(
                tr("1 header is corrected.")
                if len(self.items) == 1
                else tr("{count} headers are corrected.", count=len(self.items))
            ),
        )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _float(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError as error:
        raise DataError(
            tr("{text} is no number.", text=repr(text)),
            remedy=tr("Write it as 0.065."),
        ) from error
