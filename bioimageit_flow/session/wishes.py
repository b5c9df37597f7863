"""What somebody wants to have planned or run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

from bioimageit_flow.model.data import Item
from bioimageit_flow.model.selection import Subset
from bioimageit_flow.workflow import Workflow

Bind = str | Sequence[Item]
"""What a dataset input can be bound to: a text that names it, or items."""


class PlanWords(TypedDict, total=False):
    """The keywords of `Experiment.plan`.

    Attributes
    ----------
    bind : mapping of str to Bind
        For each dataset input a dataset (``raw``), several (``day1, day2``), a query
        (``raw where dose > 5``), or a list of items.
    set : mapping
        ``node.parameter`` to value, in place of what the workflow says.
    runtime : str
        ``auto`` (the default), ``container``, ``environment``, or the name of a
        plug-in.
    folder : Path
        Folder of the workflow file, beside which subworkflows lie.
    subset : Subset
        The part of the items that is taken, such as ``Subset(limit=3)``.
    incomplete_groups : {"stop", "run"}
        Whether a group some of whose items failed is left out, or runs without them.
    unpaired : {"stop", "leave out"}
        Whether items that meet no partner stop the run before it begins, or are left
        out by name.
    upto : sequence of str
        Only these nodes and what they need; all for none.
    force : sequence of str
        Nodes whose known results are not taken.
    reuse : bool
        Whether results that are known already are taken.
    """

    bind: Mapping[str, Bind] | None
    set: Mapping[str, Any] | None
    runtime: str
    folder: Path | None
    subset: Subset | None
    incomplete_groups: Literal["stop", "run"]
    unpaired: Literal["stop", "leave out"]
    upto: Sequence[str]
    force: Sequence[str]
    reuse: bool


class RunWords(PlanWords, total=False):
    """The keywords of `Experiment.run` and `Experiment.start`.

    Attributes
    ----------
    jobs : int
        How many cpus the jobs may use together; by default all.
    isolation : {"worker", "job"}
        Whether a warm worker may run the jobs of a tool one after the other, each in a
        process of its own, or each job has a container of its own.
    queue : bool
        Whether it waits until the other runs of the experiment have ended.
    """

    jobs: int | None
    isolation: Literal["worker", "job"]
    queue: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to have planned or run, in the words of `RunWords`."""

    workflow: Workflow
    bind: Mapping[str, Bind] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    runtime: str = "auto"
    folder: Path | None = None
    subset: Subset = field(default_factory=Subset)
    incomplete_groups: Literal["stop", "run"] = "stop"
    unpaired: Literal["stop", "leave out"] = "stop"
    upto: Sequence[str] = ()
    force: Sequence[str] = ()
    reuse: bool = True
    isolation: Literal["worker", "job"] = "worker"
    jobs: int | None = None
    queue: bool = False


def wish_of(workflow: Workflow, **words: Unpack[RunWords]) -> Wish:
    """Return a wish in the words of the public API."""
    given: dict[str, Any] = dict(words)
    return Wish(
        workflow,
        bind=given.pop("bind", None) or {},
        settings=given.pop("set", None) or {},
        subset=given.pop("subset", None) or Subset(),
        **given,
    )
