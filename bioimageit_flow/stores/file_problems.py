"""What is wrong between the rows of a store and the files of its experiment."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bioimageit_flow.errors import DataError, StoreError
from bioimageit_flow.formats import hash_content
from bioimageit_flow.model.chosen import Place
from bioimageit_flow.model.data import LocationState
from bioimageit_flow.model.ids import Sha256
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.stores.sweeping import leftovers, unknown_results

Progress = Callable[[int], None]

_AGAIN = "Run the workflow again, which makes it anew; or put a copy back in its place."
_IMPORT_AGAIN = "Put a copy back in its place, or import the file again."
_MOVED = "If it was moved, say so with `bioimageit-flow relocate EXPERIMENT OLD NEW`."
_FORGET = "Have it noted with `bioimageit-flow check EXPERIMENT --mend`."
_MANY = 50


@dataclass(frozen=True, slots=True)
class PlaceProblem:
    """A place whose file is gone or is not what it was.

    Attributes
    ----------
    is_elsewhere : bool
        Whether the same content lies whole in another place, so that nothing is lost.
    """

    problem: Problem
    place: Place
    is_elsewhere: bool


def place_problems(
    folder: ExperimentFolder, store: Store, *, content: bool, progress: Progress
) -> Iterator[PlaceProblem]:
    """Go through places whose file is gone or is not what it was.

    Parameters
    ----------
    content : bool
        Whether files are read and compared with their checksum; else their size is.
    """
    whole: set[Sha256] = set()
    wrong: list[tuple[Problem, Place]] = []
    for number, place in enumerate(store.places(), 1):
        progress(number)
        found = _place_problem(folder, place, content=content)
        if found is None:
            whole.add(place.content.sha256)
        else:
            wrong.append((found, place))
    for problem, place in wrong:
        is_elsewhere = place.content.sha256 in whole
        if is_elsewhere:
            # A file that was changed may mislead whoever opens it.
            is_gone = problem.code == "file-missing"
            problem = replace(
                problem,
                severity=Severity.INFO if is_gone else Severity.WARNING,
                text=f"{problem.text} What was there lies whole elsewhere.",
                fix=_FORGET,
            )
        yield PlaceProblem(problem, place, is_elsewhere)


def forget(store: Store, place: Place) -> None:
    """Note that nothing lies in a place any more."""
    gone = replace(place.location, state=LocationState.CLEANED)
    store.update_location(place.content.sha256, gone)


def _place_problem(
    folder: ExperimentFolder, place: Place, *, content: bool
) -> Problem | None:
    location = place.location
    if not place.item:
        return _problem("place-item", f"The file {location.path} is of no item.", place)
    try:
        path = folder.resolve(location)
        now = folder.look(path, location)
    except (DataError, StoreError):
        text = f"The file {location.path} of {place.item!r} is gone."
        return _problem("file-missing", text, place)
    if now.size != location.size:
        text = (
            f"The file {location.path} of {place.item!r} has {now.size} bytes instead "
            f"of {location.size}."
        )
        return _problem("file-changed", text, place)
    if content and not _has_content(path, place):
        text = f"The file {location.path} of {place.item!r} has another content."
        return _problem("file-changed", text, place)
    return None


def _has_content(path: Path, place: Place) -> bool:
    try:
        return hash_content(path).sha256 == place.location.verify_sha256
    except DataError:
        return False


def _problem(code: str, text: str, place: Place) -> Problem:
    if place.location.is_referenced:
        fix = _MOVED
    elif place.location.path.startswith("results/"):
        fix = _AGAIN
    else:
        fix = _IMPORT_AGAIN
    return Problem(code, Severity.ERROR, text, item=place.item, fix=fix)


def unknown_run_problems(folder: ExperimentFolder, store: Store) -> Iterator[Problem]:
    """Go through results of runs that the store does not know."""
    for place in unknown_results(folder.path, store.recorded_paths):
        yield Problem(
            "unknown-run",
            Severity.ERROR,
            f"No run is known that made the results in results/{place.name}: the store "
            "is older than they are.",
            fix="Bring back the store that knows them, if there is a copy; otherwise "
            "run the workflow again and delete that folder.",
        )


def leftover_problems(folder: ExperimentFolder, store: Store) -> Iterator[Problem]:
    """Go through files that no row knows; right only while nobody works here."""
    found = leftovers(folder.path, store.recorded_paths)
    names = [path.relative_to(folder.path).as_posix() for path in found]
    for name in names[:_MANY]:
        yield _leftover(f"The file {name} was left behind by a crash: no row knows it.")
    if len(names) > _MANY:
        yield _leftover(f"{len(names) - _MANY} more files were left behind by a crash.")


def _leftover(text: str) -> Problem:
    fix = "Remove it with `bioimageit-flow check EXPERIMENT --mend`."
    return Problem("leftover", Severity.ERROR, text, fix=fix)
