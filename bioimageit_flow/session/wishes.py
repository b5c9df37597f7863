"""What somebody wants to have planned or run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

from bioimageit_flow.model.data import Item
from bioimageit_flow.model.selection import Subset
from bioimageit_flow.workflow import Workflow
from bioimageit_flow.workflow.adjusting import Adjustments, Keys, SweepLike

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
    split, filter : mapping of str to str
        Queries of splits, by their node (``name=source`` for a new one), and of what
        goes on from ``node.port`` or a dataset input.
    wire : sequence of str
        Wires ``source -> node.port`` in place of those that the input has.
    match : mapping
        How items meet on ``node.port``: keys, ``use_for_all`` or ``ancestor``.
    group_by : mapping
        Keys by which a node forms its groups.
    sweep : mapping
        ``node.parameter`` to values, or to a text such as ``log(1, 100, 3) as size``.
    enable, disable, bypass : sequence of str
        Nodes.
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
    share : Path or str
        A folder whose results are taken and to which new ones are given; empty for
        none. By default what the variable ``BIOIMAGEIT_FLOW_SHARED`` names.
    """

    bind: Mapping[str, Bind] | None
    set: Mapping[str, Any] | None
    split: Mapping[str, str]
    wire: Sequence[str]
    filter: Mapping[str, str]
    match: Mapping[str, Keys]
    group_by: Mapping[str, Keys]
    sweep: Mapping[str, SweepLike]
    enable: Sequence[str]
    disable: Sequence[str]
    bypass: Sequence[str]
    runtime: str
    folder: Path | None
    subset: Subset | None
    incomplete_groups: Literal["stop", "run"]
    unpaired: Literal["stop", "leave out"]
    upto: Sequence[str]
    force: Sequence[str]
    reuse: bool
    share: Path | str | None


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
    """What somebody wants to have planned or run, in the words of `RunWords`.

    Attributes
    ----------
    adjustments : Adjustments
        What is otherwise than the workflow says, beside parameters.
    """

    workflow: Workflow
    bind: Mapping[str, Bind] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    adjustments: Adjustments = field(default_factory=Adjustments)
    runtime: str = "auto"
    folder: Path | None = None
    subset: Subset = field(default_factory=Subset)
    incomplete_groups: Literal["stop", "run"] = "stop"
    unpaired: Literal["stop", "leave out"] = "stop"
    upto: Sequence[str] = ()
    force: Sequence[str] = ()
    reuse: bool = True
    share: Path | str | None = None
    isolation: Literal["worker", "job"] = "worker"
    jobs: int | None = None
    queue: bool = False


def wish_of(workflow: Workflow, **words: Unpack[RunWords]) -> Wish:
    """Return a wish in the words of the public API."""
    given: dict[str, Any] = dict(words)
    adjusted = {
        one.name: given.pop(one.name)
        for one in fields(Adjustments)
        if one.name in given
    }
    return Wish(
        workflow,
        bind=given.pop("bind", None) or {},
        settings=given.pop("set", None) or {},
        adjustments=Adjustments(**adjusted),
        subset=given.pop("subset", None) or Subset(),
        **given,
    )
