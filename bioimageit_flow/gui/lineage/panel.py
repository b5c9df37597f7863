"""The lineage panel: the picture of a history, and what stands behind each part."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QHeaderView,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from bioimageit_flow.editor.lineage.graph import Arrow, History, LineageBox, Role
from bioimageit_flow.editor.lineage.words import (
    annotations_of,
    facts_of_item,
    facts_of_job,
    inherited_by,
    parameters_of,
    title_of,
    words_of_arrow,
)
from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui import pieces
from bioimageit_flow.gui.background import Background
from bioimageit_flow.gui.experiment.thumbnails import Thumbnails
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.lineage.run_workflow import open_run_workflow
from bioimageit_flow.gui.lineage.scene import LineageView
from bioimageit_flow.gui.panel import Panel
from bioimageit_flow.gui.theme import Theme
from bioimageit_flow.model.annotation import View
from bioimageit_flow.model.data import Item, Produced
from bioimageit_flow.model.ids import ItemId, RunId
from bioimageit_flow.session import Experiment

if TYPE_CHECKING:
    from bioimageit_flow.gui.window import MainWindow

_LISTED = 500


def make(window: "MainWindow") -> QWidget:
    """Return the panel of a window."""
    return LineagePanel(window)


class LineagePanel(Panel):
    """A picture on the left, facts of what is chosen on the right."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__()
        self.window_ = window
        self.setObjectName("lineagePanel")
        self.background = Background(self)
        self.thumbnails = Thumbnails(self.background, self)
        self.history: History | None = None
        self._views: dict[ItemId, View] = {}
        self._experiment: Experiment | None = None
        self._asked: Item | None = None
        self._unfolded: frozenset[str] = frozenset()
        self._number = 0
        self._build(window.theme)
        window.workspace.experiment.changed.connect(self._experiment_changed)

    def _build(self, theme: Theme) -> None:
        self.view = LineageView(theme, self._picture)
        self.view.chosen.connect(self._show_facts)
        self.view.opened.connect(self._open)
        self.thumbnails.made.connect(lambda _item: self.view.pictures_came())
        self.title = pieces.label("", "heading", wraps=True)
        self.detail = pieces.label("", "muted", wraps=True)
        self.facts = QTreeWidget()
        self.facts.setHeaderHidden(True)
        self.facts.setColumnCount(2)
        self.facts.setRootIsDecorated(False)
        self.facts.setIndentation(10)
        self.facts.setAccessibleName(tr("What is known of it"))
        self.facts.header().setSectionResizeMode(
            0, QHeaderView.ResizeMode.ResizeToContents
        )
        self.facts.itemDoubleClicked.connect(self._fact_chosen)
        self.facts.itemActivated.connect(self._fact_chosen)
        self.look = pieces.button(tr("Open in the viewer"), self._look)
        self.ask = pieces.button(tr("Its own history"), self._ask_current)
        self.unfold = pieces.button(tr("Show each"), self._unfold_current)
        self.workflow = pieces.button(
            tr("Open the workflow of the run"), self._open_workflow
        )
        self.forward = QCheckBox(tr("And what was made from it"))
        self.forward.setChecked(True)
        self.forward.toggled.connect(lambda _is: self._read())
        self.fold = pieces.button(tr("Fold all"), self._fold_all)
        self.fit = pieces.button(tr("Fit"), self.view.fit_all)
        self.says = pieces.label("", "muted", wraps=True)
        bar = pieces.row(self.forward, None, self.fold, self.fit, gap=6)
        left = pieces.holder(pieces.column(bar, self.says, self.view, margin=6, gap=6))
        right = pieces.holder(
            pieces.column(
                self.title,
                self.detail,
                self.facts,
                pieces.row(self.look, self.ask, gap=6),
                pieces.row(self.unfold, self.workflow, gap=6),
                margin=8,
                gap=6,
            )
        )
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.addWidget(left)
        self.split.addWidget(right)
        self.split.setStretchFactor(0, 1)
        self.split.setSizes([800, 330])
        self.split.setChildrenCollapsible(False)
        self.setLayout(pieces.column(self.split))
        self.setMinimumHeight(280)
        self._say_nothing()
        self._show_facts(None)

    # The window

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.view.set_theme(theme)

    def release(self) -> None:
        """Stop everything, as the window closes."""
        self.window_.workspace.experiment.changed.disconnect(self._experiment_changed)
        self.thumbnails.use(None)
        self.background.wait()

    def _experiment_changed(self) -> None:
        if self._experiment is None:
            return
        if self._experiment.path != self.window_.workspace.experiment.path:
            self._clear()

    def _clear(self) -> None:
        self._number += 1
        self._experiment, self._asked, self.history = None, None, None
        self.thumbnails.use(None)
        self._draw()
        self._say_nothing()

    def _say_nothing(self) -> None:
        self.says.setText(
            tr(
                "Choose an item in the experiment, or drop a result file on the "
                "canvas, to see where it comes from."
            )
        )
        self.says.show()

    # The history

    def show_item(self, item: Item) -> None:
        """Show the history of an item of the experiment that is open."""
        from bioimageit_flow.gui.experiment import opened_experiment

        experiment = opened_experiment(self.window_)
        if experiment is None:
            return
        if experiment is not self._experiment:
            self._experiment = experiment
            self.thumbnails.use(experiment)
        self._asked = item
        self._unfolded = frozenset()
        self._read()

    def _read(self) -> None:
        experiment, item = self._experiment, self._asked
        if experiment is None or item is None:
            return
        self._number += 1
        mine, is_forward = self._number, self.forward.isChecked()
        self.says.setText(tr("Reading the history of {name}\u2026", name=item.name))
        self.says.show()

        def read() -> tuple[History, int, dict[ItemId, View]]:
            back, kin = experiment.lineage_in_short(item)
            kins, forward = [kin], None
            if is_forward:
                forward, kin = experiment.lineage_in_short(item, forward=True)
                kins.append(kin)
            jobs = sum(one.jobs for kin in kins for one in kin.families)
            history = History.of(back, forward)
            return history, jobs, experiment.annotations([*history.items.values()])

        def done(found: tuple[History, int, dict[ItemId, View]]) -> None:
            if mine != self._number:
                return
            self.history, jobs, self._views = found
            self._say_left_out(jobs)
            self._draw()
            asked = self._key_of(item.id)
            self.view.choose(self.view.graph.boxes.get(asked))

        def failed(error: FlowError) -> None:
            if mine == self._number:
                self.says.setText(f"{error.message} {error.remedy}".strip())

        self.background.run(read, done, failed)

    def _say_left_out(self, jobs: int) -> None:
        """Say of how many jobs the picture shows some, where it is cut short."""
        is_cut = self.history is not None and self.history.is_cut
        self.says.setVisible(is_cut)
        if self.history is not None and is_cut:
            self.says.setText(
                tr(
                    "A long history of {all} jobs: {shown} of them are shown, the "
                    "first few of each kind. Any item can be asked for its own "
                    "history.",
                    all=f"{jobs:,}",
                    shown=f"{len(self.history.jobs):,}",
                )
            )

    def _key_of(self, item: ItemId) -> str:
        return f"item {item}"

    def _draw(self, *, fits: bool = True) -> None:
        history = self.history or History(ItemId(""))
        self.view.show_graph(history.graph(self._unfolded), fits=fits)
        self.fold.setEnabled(bool(self._unfolded))
        self._show_facts(None)

    def _picture(self, item: Item) -> QPixmap | None:
        return self.thumbnails.picture(item)

    # What is chosen

    def _show_facts(self, what: object) -> None:
        self.facts.clear()
        box = what if isinstance(what, LineageBox) else None
        item = box.items[0] if box is not None and len(box.items) == 1 else None
        self.look.setVisible(box is not None and bool(box.items))
        self.ask.setVisible(item is not None and not (box and box.is_asked))
        self.unfold.setVisible(box is not None and box.is_folded)
        self.workflow.setVisible(self._run_of(what) is not None)
        if box is not None:
            self.title.setText(title_of(box))
            self.detail.setText(box.detail)
            if box.is_folded:
                self._list(box)
            elif box.jobs:
                self._section(tr("Parameters"), parameters_of(box.jobs[0]))
                self._section(tr("Execution"), _worded(facts_of_job(box.jobs[0])))
            elif item is not None:
                self._show_annotations(item)
                self._section(tr("Item"), _worded(facts_of_item(item)))
        elif isinstance(what, Arrow):
            self._show_arrow(what)
        else:
            self.title.setText("")
            self.detail.setText("")

    def _show_annotations(self, item: Item) -> None:
        own, inherited = annotations_of(item), []
        if (view := self._views.get(item.id)) is not None:
            inherited = inherited_by(item, view)
        if own or not inherited:
            self._section(tr("Annotations"), own)
        if inherited:
            self._section(tr("Annotations of what it came from"), inherited)

    def _show_arrow(self, arrow: Arrow) -> None:
        boxes = self.view.graph.boxes
        source, target = boxes[arrow.source], boxes[arrow.target]
        self.title.setText(f"{title_of(source)} \u2192 {title_of(target)}")
        self.detail.setText(words_of_arrow(arrow))
        jobs = target.jobs or source.jobs
        if len(jobs) == 1:
            self._section(tr("Parameters"), parameters_of(jobs[0]))
            self._section(tr("Execution"), _worded(facts_of_job(jobs[0])))
        elif jobs:
            tools = ", ".join(sorted({job.tool for job in jobs}))
            pairs = [("tool", tools), ("jobs", str(len(jobs)))]
            self._section(tr("Execution"), _worded(pairs))

    def _section(self, title: str, pairs: list[tuple[str, str]]) -> None:
        head = QTreeWidgetItem([title])
        font = head.font(0)
        font.setBold(True)
        head.setFont(0, font)
        self.facts.addTopLevelItem(head)
        head.setFirstColumnSpanned(True)  # a long title takes no room from values
        for word, text in pairs or [(tr("none"), "")]:
            row = QTreeWidgetItem([word, text])
            row.setToolTip(1, text)
            head.addChild(row)
        head.setExpanded(True)

    def _list(self, box: LineageBox) -> None:
        """List the members of a folded box; a double click goes to one."""
        for item in box.items[:_LISTED]:
            row = QTreeWidgetItem([item.name, str(item.info.kind)])
            row.setData(0, Qt.ItemDataRole.UserRole, item)
            self.facts.addTopLevelItem(row)
        for job in box.jobs[:_LISTED]:
            row = QTreeWidgetItem([job.node, f"{job.elapsed_s:.3g} s, {job.state}"])
            self.facts.addTopLevelItem(row)

    def _fact_chosen(self, row: QTreeWidgetItem) -> None:
        item = row.data(0, Qt.ItemDataRole.UserRole)
        if isinstance(item, Item):
            self.show_item(item)

    def _current_items(self) -> list[Item]:
        box = self.view.current
        return list(box.items) if isinstance(box, LineageBox) else []

    def _run_of(self, what: object) -> RunId | None:
        """Return the run that made what is chosen; None for raw data."""
        if isinstance(what, Arrow):
            boxes = self.view.graph.boxes
            return self._run_of(boxes[what.target]) or self._run_of(boxes[what.source])
        if not isinstance(what, LineageBox) or what.role is Role.RAW:
            return None
        if what.jobs:
            return what.jobs[0].run
        origin = what.items[0].origin if what.items else None
        return origin.run if isinstance(origin, Produced) else None

    # What can be done

    def _open(self, box: object) -> None:
        """Open a folded box, look at an item, go to the node of a job."""
        assert isinstance(box, LineageBox)
        if box.is_folded:
            self._unfold(box.group)
        elif box.items:
            self._look()
        else:
            self._open_workflow()

    def _look(self) -> None:
        items = self._current_items()
        if items and self._experiment is not None:
            from bioimageit_flow.gui.viewer import viewer_of

            viewer_of(self.window_).open_items(self._experiment, items)

    def _ask_current(self) -> None:
        items = self._current_items()
        if items:
            self.show_item(items[0])

    def _unfold_current(self) -> None:
        box = self.view.current
        if isinstance(box, LineageBox):
            self._unfold(box.group)

    def _unfold(self, group: str) -> None:
        self._unfolded |= {group}
        self._draw()

    def _fold_all(self) -> None:
        self._unfolded = frozenset()
        self._draw()

    def _open_workflow(self) -> None:
        run, what = self._run_of(self.view.current), self.view.current
        if run is None or self._experiment is None:
            return
        node = ""
        if isinstance(what, LineageBox):
            origin = what.items[0].origin if what.items else None
            node = what.jobs[0].node if what.jobs else ""
            node = origin.node if isinstance(origin, Produced) else node
        open_run_workflow(self.window_, self._experiment, run, node)


def _worded(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return pairs whose words are in the language of the window."""
    return [(tr(word), text) for word, text in pairs]
