"""Kinds, formats and axes of the ports fit each other."""

from collections.abc import Iterator

from bioimageit_flow.catalogue.linting.subject import Subject
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.model.port import OutputPort
from bioimageit_flow.model.problem import Problem

_TABLES = frozenset({"csv", "parquet"})
_FORMATS = {
    Kind.IMAGE: frozenset({"ome-tiff", "tiff", "png"}),
    Kind.LABELS: frozenset({"ome-tiff", "tiff", "png"}),
    Kind.POINTS: _TABLES,
    Kind.TRACKS: _TABLES,
    Kind.TABLE: _TABLES,
    Kind.SCALAR: frozenset({"json"}),
}


def check(subject: Subject) -> Iterator[Problem]:
    """Yield ports whose kind, format, axes or likeness do not fit."""
    for name, port in subject.tool.inputs.items():
        for form in port.formats:
            yield from _format(subject, name, port.kind, form)
        if port.axes and not port.kind.is_pixels:
            yield subject.warning(
                "kind-axes",
                f"The input {name!r} has axes, but a {port.kind} has none.",
                port=name,
                fix="Take them out.",
            )
    for name, output in subject.tool.outputs.items():
        yield from _format(subject, name, output.kind, output.format)
        yield from _likeness(subject, name, output)


def _format(subject: Subject, name: str, kind: Kind, form: str) -> Iterator[Problem]:
    fitting = _FORMATS.get(kind)
    if fitting is not None and form not in fitting:
        yield subject.error(
            "kind-format",
            f"The port {name!r} is of kind {kind}, which is never a {form} file.",
            port=name,
            fix=f"Formats of it are {', '.join(sorted(fitting))}.",
        )


def _likeness(subject: Subject, name: str, output: OutputPort) -> Iterator[Problem]:
    if not output.kind.is_pixels:
        for key, value in (("like", output.like), ("axes", output.axes)):
            if value is not None:
                yield subject.warning(
                    "kind-like",
                    f"The output {name!r} has {key!r}, but {output.kind} has no axes.",
                    port=name,
                    fix="Take it out.",
                )
        return
    if output.like is None:
        if output.axes is None and output.format != "png":
            yield subject.info(
                "kind-like",
                f"The axes of the output {name!r} are only known after a run.",
                port=name,
                fix="Say 'like: INPUT' or 'axes: YX' where that always holds.",
            )
        return
    source = subject.tool.inputs[output.like]
    if not source.kind.is_pixels:
        yield subject.error(
            "kind-like",
            f"The output {name!r} is like {output.like!r}, which is {source.kind} "
            "and has no axes.",
            port=name,
            fix="Name an image or labels, or say 'axes'.",
        )
    elif source.optional or source.takes == "group":
        why = "may be missing" if source.optional else "is a group"
        yield subject.warning(
            "kind-like",
            f"The output {name!r} is like {output.like!r}, which {why}.",
            port=name,
            fix="Name an input that is always one image.",
        )
