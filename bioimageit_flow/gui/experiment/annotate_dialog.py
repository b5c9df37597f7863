"""Annotate by mouse: by hand or by rule, seen before it is set."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import QCheckBox, QTreeWidget, QTreeWidgetItem

from bioimageit_flow.editor.experiment.annotate_form import (
    AnnotateForm,
    Sample,
    Scope,
    Source,
    sampled,
)
from bioimageit_flow.editor.experiment.columns import said
from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.experiment.rule_pages import RulePages
from bioimageit_flow.gui.experiment.tables import fit, retitle
from bioimageit_flow.gui.experiment.work_dialog import Progress, WorkDialog
from bioimageit_flow.gui.language import tr
from bioimageit_flow.session.browsing import browse

if TYPE_CHECKING:
    from bioimageit_flow.gui.experiment.panel import ExperimentPanel
    from bioimageit_flow.session import Experiment, Preview

_PAUSE_MS: Final = 300
_SAMPLE: Final = 100
_QUICK: Final = 20_000
"""Of fewer items than these all are looked at while one types."""


class AnnotateDialog(WorkDialog):
    """Which values, for which items, and what would be set.

    Parameters
    ----------
    panel : ExperimentPanel
        Of the experiment.
    scope : Scope
        Which items.
    """

    def __init__(self, panel: "ExperimentPanel", scope: Scope) -> None:
        super().__init__(
            panel.background, tr("Annotate"), tr("Set"), panel.window_, QSize(900, 620)
        )
        self._panel = panel
        self._scope = scope
        self._asked = 0
        self._seen: Preview | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_PAUSE_MS)
        self._later.timeout.connect(self._look)
        contents = panel.opened.contents
        keys = contents.keys if contents is not None else ()
        self._declared = {use.name: use.key for use in keys if use.key is not None}
        self.rules = RulePages(keys, self._changed)
        self.which = pieces.label(self._which(), "muted", wraps=True)
        self.preview = QTreeWidget()
        self.preview.setRootIsDecorated(False)
        self.preview.setUniformRowHeights(True)
        self.preview.setHeaderHidden(True)  # until there are titles
        self.preview.setAccessibleName(tr("What would be set"))
        self.counts = pieces.label("", wraps=True)
        self.replace_ = QCheckBox(tr("Replace other values that items have"))
        self.replace_.setVisible(False)
        self.replace_.toggled.connect(lambda _is: self._enable())
        self.body.addWidget(self.which)
        self.body.addWidget(self.rules)
        self.body.addWidget(pieces.label(tr("What would be set"), "section"))
        self.body.addWidget(self.preview, 1)
        self.body.addWidget(self.counts)
        self.body.addWidget(self.replace_)
        self.go.setEnabled(False)
        self._look()

    def _which(self) -> str:
        scope = self._scope
        if scope.chosen:
            count = len(scope.chosen)
            many = tr("{count} selected items", count=f"{count:,}")
            return tr("1 selected item") if count == 1 else many
        if scope.query:
            return tr(
                "All items of {dataset} where {query}",
                dataset=scope.dataset or "",
                query=scope.query,
            )
        return tr("All items of {dataset}", dataset=scope.dataset or "")

    def _changed(self) -> None:
        self.go.setEnabled(False)
        self._seen = None
        self._later.start()

    # The preview

    def _look(self) -> None:
        """Look, in a thread, what would be set: on a few items, then on all."""
        experiment = self._panel.opened.experiment
        if experiment is None or self.is_working:
            return
        form, scope = self.rules.form(), self._scope
        self._asked += 1
        mine = self._asked
        if form.is_empty:
            self.preview.clear()
            self.preview.setHeaderHidden(True)
            self.counts.setText("")
            self.replace_.hide()
            self.say("")
            return

        def done(found: tuple[list[Sample], tuple[str, ...], int]) -> None:
            if mine != self._asked or self._is_gone:
                return
            samples, keys, count = found
            self._show(samples, keys)
            if count <= _QUICK:
                self._look_at_all(form, mine)
            else:
                self.counts.setText(
                    tr(
                        "The first {shown} of {count} items; all are looked at before "
                        "anything is set.",
                        shown=_SAMPLE,
                        count=f"{count:,}",
                    )
                )
                self.go.setEnabled(True)

        def failed(error: FlowError) -> None:
            if mine == self._asked and not self._is_gone:
                self.preview.clear()
                self.counts.setText("")
                self.refuse(error)

        self.say("")
        self._background.run(
            lambda: self._sample(experiment, form, scope), done, failed
        )

    def _sample(
        self, experiment: "Experiment", form: AnnotateForm, scope: Scope
    ) -> tuple[list[Sample], tuple[str, ...], int]:
        rule = form.rule(experiment)
        rows = browse(experiment, scope.where, dataset=scope.dataset)
        samples = sampled(rule, rows.read(0, _SAMPLE), self._declared)
        return samples, tuple(rule.keys), len(rows)

    def _look_at_all(self, form: AnnotateForm, mine: int) -> None:
        experiment, scope = self._panel.opened.experiment, self._scope
        if experiment is None:
            return

        def done(seen: "Preview") -> None:
            if mine == self._asked and not self._is_gone:
                self._take(seen)

        def failed(error: FlowError) -> None:
            if mine == self._asked and not self._is_gone:
                self.refuse(error)

        self._background.run(lambda: form.preview(experiment, scope), done, failed)

    def _show(self, samples: list[Sample], keys: tuple[str, ...]) -> None:
        theme = self._panel.window_.theme
        inks = {
            "new": theme.success,
            "replaced": theme.warning,
            "removed": theme.error,
            "same": theme.muted,
        }
        form = self.rules.form()
        retitle(self.preview, tr("Name"), *keys, "")
        self.preview.setHeaderHidden(False)
        for sample in samples:
            why = sample.problem
            if not sample.is_matched:
                why = _misfit(form, sample.name)
            row = QTreeWidgetItem([sample.name, *[""] * len(keys), why])
            for place, key in enumerate(keys, 1):
                change = sample.change(key)
                new, old = said(sample.new.get(key)), said(sample.old.get(key))
                shown = new if change in ("new", "same", "") else f"{old} \u2192 {new}"
                row.setText(place, shown)
                if change:
                    row.setForeground(place, QBrush(QColor(inks[change])))
            if why:
                row.setForeground(len(keys) + 1, QBrush(QColor(theme.warning)))
            self.preview.addTopLevelItem(row)
        fit(self.preview)

    def _take(self, seen: "Preview") -> None:
        self._seen = seen
        many = tr("{count} items would change", count=f"{seen.set:,}")
        words = [tr("1 item would change") if seen.set == 1 else many]
        for count, one, many in (
            (
                seen.same,
                tr("1 has these values already"),
                tr("{count} have these values already", count=f"{seen.same:,}"),
            ),
            (
                seen.unmatched.count,
                *_misfits(self.rules.form().source, seen.unmatched.count),
            ),
            *(
                (
                    names.count,
                    tr("1 gets no {key}", key=key),
                    tr("{count} get no {key}", count=names.count, key=key),
                )
                for key, names in seen.lacking.items()
            ),
            (
                seen.replaced.count,
                tr("1 has other values"),
                tr("{count} have other values", count=f"{seen.replaced.count:,}"),
            ),
            (
                seen.left_over.count,
                tr("1 row without item"),
                tr("{count} rows without item", count=f"{seen.left_over.count:,}"),
            ),
            (
                seen.shared.count,
                tr("1 row with several items"),
                tr("{count} rows with several items", count=f"{seen.shared.count:,}"),
            ),
        ):
            if count:
                words.append(one if count == 1 else many)
        self.counts.setText(f"{', '.join(words)}.")
        lists = [
            *seen.unmatched.listed[:20],
            *(one for some in seen.lacking.values() for one in some.listed[:20]),
            *seen.left_over.listed[:20],
            *seen.shared.listed[:20],
        ]
        self.counts.setToolTip("\n".join(lists))
        self.replace_.setVisible(bool(seen.replaced.count))
        if seen.refused.count:
            self.say(" ".join(seen.refused.listed[:3]), "error")
        self._enable()

    def _enable(self) -> None:
        seen = self._seen
        can = seen is None or (
            bool(seen.set)
            and not seen.refused.count
            and (not seen.replaced.count or self.replace_.isChecked())
        )
        self.go.setEnabled(can and not self.rules.form().is_empty)

    # Setting

    def begin(self) -> None:
        """Set what was seen; where not all was looked at yet, look first."""
        experiment, form, scope = (
            self._panel.opened.experiment,
            self.rules.form(),
            self._scope,
        )
        if experiment is None or form.is_empty:
            return
        is_replacing, seen = self.replace_.isChecked(), self._seen

        def run(_progress: Progress) -> "tuple[Preview, int | None] | Preview":
            found = seen or form.preview(experiment, scope)
            if found.refused.count or (found.replaced.count and not is_replacing):
                return found
            return found, found.apply(replace=is_replacing)

        self._later.stop()
        self._asked += 1
        self.work(run, self._done, tr("Looking at every item\u2026"))

    def _done(self, result: "tuple[Preview, int | None] | Preview") -> None:
        if not isinstance(result, tuple):
            self.say("")
            self._take(result)
            return
        seen, _ = result
        window = self._panel.window_
        many = tr("{count} items annotated.", count=f"{seen.set:,}")
        said_ = tr("1 item annotated.") if seen.set == 1 else many
        window.message.say(said_, level="good")
        window.workspace.experiment.contents_changed.emit()
        self.accept()

    def _end(self) -> None:
        self._later.stop()
        super()._end()

    def accept(self) -> None:
        """Close."""
        self._end()
        super().accept()


def _misfits(source: Source, number: int) -> tuple[str, str]:
    """Return of how many items a rule says nothing: the words for one, and for many."""
    count = f"{number:,}"
    match source:
        case Source.SHEET:
            return tr("1 has no row"), tr("{count} have no row", count=count)
        case Source.FOLDERS:
            return (
                tr("1 was imported from fewer folders"),
                tr("{count} were imported from fewer folders", count=count),
            )
        case Source.METADATA:
            return (
                tr("1 says nothing of this in its header"),
                tr("{count} say nothing of this in their headers", count=count),
            )
        case Source.HAND | Source.SPLIT | Source.REGEX:
            return tr("1 does not fit"), tr("{count} do not fit", count=count)


def _misfit(form: AnnotateForm, name: str) -> str:
    """Say why a rule says nothing of an item."""
    match form.source:
        case Source.SHEET:
            return tr("no row")
        case Source.FOLDERS:
            return tr("fewer folders")
        case Source.METADATA:
            return tr("not in its header")
        case Source.HAND | Source.SPLIT | Source.REGEX:
            parts, named = form.parts_of(name)
    if parts == named:
        return tr("does not fit")
    return tr(
        "{parts} parts, not {named}; a - passes one over", parts=parts, named=named
    )
