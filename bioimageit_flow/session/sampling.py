"""Which part of a recorded run is made again."""

import random
from dataclasses import dataclass

from bioimageit_flow.errors import DataError
from bioimageit_flow.provenance.crate.recipe import GivenLine, Recipe, ResultLine


@dataclass(frozen=True, slots=True)
class Choice:
    """What is made again.

    Attributes
    ----------
    given : tuple of GivenLine
        The items that are taken.
    results : tuple of ResultLine
        What has to come out of them.
    left_out : int
        Results that are of more items than are taken.
    upto : tuple of str
        The nodes that are wanted; all for none.
    """

    given: tuple[GivenLine, ...]
    results: tuple[ResultLine, ...]
    left_out: int = 0
    upto: tuple[str, ...] = ()
    is_all: bool = True


def choose(recipe: Recipe, sample: int | None, seed: int, only: str) -> Choice:
    """Choose what is made again.

    Parameters
    ----------
    sample : int or None
        How many raw items are taken at random: of the dataset input that has most; of
        the other inputs those that went together with them.
    only : str
        Path of the one result that is wanted.

    Raises
    ------
    DataError
        If there is no such result, or the sample is less than 1.
    """
    if only:
        return _one(recipe, only)
    if sample is None:
        return Choice(recipe.given, recipe.results)
    if sample < 1:
        raise DataError(
            f"A sample of {sample} leaves nothing to do.", remedy="Take 1 or more."
        )
    taken = _sampled(recipe, sample, seed)
    results = tuple(one for one in recipe.results if taken.issuperset(one.roots))
    return Choice(
        tuple(recipe.given[number] for number in sorted(taken)),
        results,
        len(recipe.results) - len(results),
        is_all=len(taken) == len(recipe.given),
    )


def _one(recipe: Recipe, path: str) -> Choice:
    # A file of an OME-Zarr folder stands for the folder.
    for line in recipe.results:
        if path == line.path or path.startswith(f"{line.path}/"):
            given = tuple(recipe.given[number] for number in line.roots)
            return Choice(given, (line,), upto=(line.node,), is_all=False)
    raise DataError(
        f"{path} is no result of the run.",
        remedy="Name one of the files below results/ of the crate.",
    )


def _sampled(recipe: Recipe, sample: int, seed: int) -> set[int]:
    by_input: dict[str, list[int]] = {}
    for number, line in enumerate(recipe.given):
        for name in line.inputs:
            if " -> " not in name:
                by_input.setdefault(name, []).append(number)
    if not by_input:
        return set(range(len(recipe.given)))
    largest = max(by_input, key=lambda name: len(by_input[name]))
    first = set(by_input[largest])
    chosen = set(random.Random(seed).sample(sorted(first), min(sample, len(first))))
    taken = set(chosen)
    others = set(range(len(recipe.given))) - first
    together: set[int] = set()
    for result in recipe.results:
        roots = set(result.roots)
        if len(roots & first) == 1 and roots & chosen:
            together |= roots & others
    # Where nothing tells what belongs together, all of the others are taken.
    return taken | (together or others)
