"""What is said of a box of a history when it is clicked."""

from bioimageit_flow.editor.experiment.columns import details, said
from bioimageit_flow.editor.lineage.graph import Arrow, LineageBox
from bioimageit_flow.model.annotation import View
from bioimageit_flow.model.data import Imported, Item
from bioimageit_flow.model.lineage import JobFact
from bioimageit_flow.session.browsing import Row

Pairs = list[tuple[str, str]]


def facts_of_item(item: Item) -> Pairs:
    """Return what is known of an item, as pairs of word and text."""
    pairs = details(item)
    if isinstance(item.origin, Imported):
        pairs.insert(1, ("imported from", item.origin.source))
    return pairs


def annotations_of(item: Item) -> Pairs:
    """Return the own annotations of an item as pairs of key and value."""
    return [(key, said(value)) for key, value in item.annotations.items()]


def inherited_by(item: Item, view: View) -> Pairs:
    """Return the annotations that an item has from what it came from."""
    row = Row(item, view)
    return [(key, said(row.value(key))) for key in view if not row.is_own(key)]


def facts_of_job(job: JobFact) -> Pairs:
    """Return how a job was carried out, as pairs of word and text."""
    started = (
        job.started.astimezone().strftime("%Y-%m-%d %H:%M:%S") if job.started else ""
    )
    pairs = [
        ("tool", job.tool),
        ("run", job.run_name),
        ("state", str(job.state)),
        ("started", started),
        ("took", f"{job.elapsed_s:.3g} s"),
        ("runtime", job.runtime),
        ("environment", job.environment),
        ("command", " ".join(job.command)),
        ("converted", "; ".join(job.converted)),
        ("fingerprint", job.fingerprint),
    ]
    return [(word, text) for word, text in pairs if text]


def parameters_of(job: JobFact) -> Pairs:
    """Return the parameters of a job as pairs of name and value."""
    return [(name, _value(value)) for name, value in job.parameters.items()]


def words_of_arrow(arrow: Arrow) -> str:
    """Return over which edge items went, and how many."""
    many = f" \u00d7 {arrow.count:,}" if arrow.count > 1 else ""
    return f"{arrow.edge}{many}".strip()


def title_of(box: LineageBox) -> str:
    """Return what a box is called, with how many it stands for."""
    return f"{box.title} \u00d7 {box.count:,}" if box.is_folded else box.title


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(_value(one) for one in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
