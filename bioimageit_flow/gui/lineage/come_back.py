"""A result file is dropped, and its workflow is back."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from bioimageit_flow.errors import FlowError
from bioimageit_flow.gui.language import tr
from bioimageit_flow.gui.lineage.run_workflow import show_record
from bioimageit_flow.gui.message_line import Offer
from bioimageit_flow.model.data import Produced
from bioimageit_flow.model.run import RunRecord
from bioimageit_flow.session import Experiment
from bioimageit_flow.session.whence import Place, Whence, branch_document, whence
from bioimageit_flow.workflow.branch import branch_of
from bioimageit_flow.workflow.document import Document
from bioimageit_flow.workflow.file import read_document, write_document

if TYPE_CHECKING:
    from bioimageit_flow.gui.window import MainWindow

Found = tuple[Whence, RunRecord | None]


def come_back(
    window: "MainWindow", path: Path, otherwise: Callable[[], object]
) -> None:
    """Say where a file comes from, and offer its workflow.

    It is known by the record that it carries, or else by its bytes in an experiment
    that this user has worked in.

    Parameters
    ----------
    path : Path
        The file.
    otherwise : callable
        Called where nothing made it: it is raw data, or nobody knows it.
    """
    experiment = window.workspace.experiment.path
    named = [] if experiment is None else [experiment]

    def done(found: Found) -> None:
        origin = found[0]
        place = _producing(origin)
        if place is None and origin.stamp is None:
            otherwise()
        else:
            _offer(window, found, place)

    def failed(_error: FlowError) -> None:
        otherwise()  # it cannot be read as a result; whoever takes it says why

    window.background.run(lambda: _look(window, path, named), done, failed)


def _look(window: "MainWindow", path: Path, named: list[Path]) -> Found:
    try:
        origin = whence(path, named)
    except FlowError:
        if not named:
            raise
        origin = whence(path)  # the open experiment is gone or damaged
    place = _producing(origin)
    if place is None:
        return origin, None
    made = place.item.origin
    assert isinstance(made, Produced)
    session = window.workspace.session
    with Experiment.open(place.path, session=session) as experiment:
        return origin, experiment.store.run_record(made.run)


def _producing(origin: Whence) -> Place | None:
    """Return where the file is a result; None where it is raw data or not known."""
    return next(
        (one for one in origin.places if isinstance(one.item.origin, Produced)), None
    )


def _offer(window: "MainWindow", found: Found, place: Place | None) -> None:
    origin, record = found
    stamp = origin.stamp
    offers: list[Offer] = []
    if place is not None and record is not None:
        made = place.item.origin
        assert isinstance(made, Produced)
        words = tr(
            "{name} was made by {node} in the run {run} of {experiment}.",
            name=origin.path.name,
            node=made.node,
            run=record.folder,
            experiment=place.experiment,
        )
        offers = [
            Offer(
                tr("Its workflow"),
                lambda: _open_whole(window, place, record, made.node),
            ),
            Offer(
                tr("Only its branch"),
                lambda: _open_branch(window, origin, record, made),
            ),
            Offer(
                tr("Its workflow, at this item"),
                lambda: _open_at_item(window, place, record, made.node),
            ),
        ]
    else:
        assert stamp is not None
        words = tr(
            "{name} was made by {node}; no experiment here knows it.",
            name=origin.path.name,
            node=stamp.node,
        )
        offers = [Offer(tr("Its branch"), lambda: _open_branch(window, origin))]
    if origin.is_unchanged is False:
        words += " " + tr("It was changed since.")
    window.message.say(words, offers=offers)


def _open_whole(
    window: "MainWindow", place: Place, record: RunRecord, node: str
) -> None:
    window.workspace.experiment.open(place.path)
    show_record(window, record, node)


def _open_branch(
    window: "MainWindow",
    origin: Whence,
    record: RunRecord | None = None,
    made: Produced | None = None,
) -> None:
    """Open what led to the file: by its stamp, or else by the record of its run."""

    def document() -> tuple[Document, str]:
        stamp = origin.stamp
        if stamp is not None:
            return branch_document(stamp.branch, stamp.node, stamp.port), stamp.node
        assert record is not None
        assert made is not None
        whole = read_document(record.workflow_text, record.folder)
        branch = branch_of(whole, made.node)
        return branch_document(branch, made.node, made.port), made.node

    def intent() -> None:
        branch, node = document()
        editor = window.workspace.open_text(write_document(branch), origin.path.name)
        outer = node.partition("/")[0]
        editor.select([outer])
        window.navigation.go_to(outer)

    window.attempt(intent)


def _open_at_item(
    window: "MainWindow", place: Place, record: RunRecord, node: str
) -> None:
    """Open the workflow with the pictures of this item, and its history beside it."""
    from bioimageit_flow.gui.experiment import experiment_panel
    from bioimageit_flow.gui.lineage import show_lineage
    from bioimageit_flow.gui.runs.panel import runs_panel

    _open_whole(window, place, record, node)
    panel = experiment_panel(window)

    def show(experiment: object) -> None:
        if isinstance(experiment, Experiment):
            show_lineage(window, place.item)
            runs_panel(window).look_at(place.item.id)

    if panel.opened.experiment is not None:
        show(panel.opened.experiment)
    else:
        panel.opened.opened.connect(show, Qt.ConnectionType.SingleShotConnection)
