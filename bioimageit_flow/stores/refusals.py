"""What every store refuses, in the same words."""

import math
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from bioimageit_flow.errors import StoreError
from bioimageit_flow.model.annotation import check_key
from bioimageit_flow.model.canonical import canonical_hash
from bioimageit_flow.model.data import AnnotationValue, Imported, Item
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.run import JobRecord, JobState, ProducedItem

_NOTHING_RECORDED = "Nothing was recorded; please report this."


def no_space(place: Path) -> StoreError:
    """Return the error of a full disk."""
    return StoreError(
        f"No space is left on the disk of {place}.",
        remedy="Free some space or move the experiment to a larger disk, then retry.",
    )


def read_only(place: Path) -> StoreError:
    """Return the error of writing where one may only read."""
    return StoreError(
        f"The experiment {place} is open for reading only: nothing can be changed in "
        "it.",
        remedy="Copy it to a place where you may write, and open the copy.",
    )


def missing_item(item: str) -> StoreError:
    """Return the error of an item that is not there."""
    return StoreError(
        f"There is no item {item} in this experiment.",
        remedy="List the items with `bioimageit-flow items EXPERIMENT`.",
        item=item,
    )


def missing_run(run: str) -> StoreError:
    """Return the error of a run that is not there."""
    return StoreError(
        f"There is no run {run} in this experiment.",
        remedy="List the runs with `bioimageit-flow runs EXPERIMENT`.",
    )


def missing_job(job: str) -> StoreError:
    """Return the error of a job that is not there."""
    return StoreError(
        f"There is no job {job} in this experiment.",
        remedy="List the jobs of a run with `bioimageit-flow jobs RUN`.",
    )


def missing_dataset(dataset: str) -> StoreError:
    """Return the error of a dataset that is not there."""
    return StoreError(
        f"There is no dataset {dataset!r} in this experiment.",
        remedy="List the datasets with `bioimageit-flow datasets EXPERIMENT`.",
    )


def ambiguous_run(text: str, count: int) -> StoreError:
    """Return the error of the beginning of several ids."""
    return StoreError(
        f"The ids of {count} runs begin with {text!r}.", remedy="Give more of the id."
    )


def known_already(word: str) -> StoreError:
    """Return the error of a fact that is recorded twice."""
    return StoreError(
        f"This {word} is recorded already.",
        remedy="Facts are recorded once; nothing was changed.",
    )


def folder_taken(folder: str) -> StoreError:
    """Return the error of a run whose folder belongs to another."""
    return StoreError(
        f"The folder {folder!r} belongs to another run.",
        remedy="Give the run a folder of its own.",
    )


def unknown_content(content: str) -> StoreError:
    """Return the error of a content that is not there."""
    return StoreError(
        f"No content with the hash {content} is known in this experiment.",
        remedy="Import the file first.",
    )


def no_content(item: ProducedItem) -> StoreError:
    """Return the error of a result without a file, and without known content."""
    return StoreError(
        f"The result {item.name!r} has no file and points to a content that is not "
        "known.",
        remedy=_NOTHING_RECORDED,
        item=item.name,
    )


def not_made_yet(item: ItemId) -> StoreError:
    """Return the error of an item that is consumed too early."""
    return StoreError(
        f"The item {item} is consumed before the job that makes it is recorded.",
        remedy=_NOTHING_RECORDED,
        item=item,
    )


def unknown_reuse(job: JobRecord) -> StoreError:
    """Return the error of a job that reuses one that is not there."""
    return StoreError(
        f"Job {job.id} says it reuses job {job.reused_from}, which is not there.",
        remedy=_NOTHING_RECORDED,
        node=job.node,
    )


def check_dataset_name(name: str) -> None:
    """Refuse a name that no raw dataset can have.

    Raises
    ------
    StoreError
        If it is empty, has a slash (as processed datasets have), or white space or
        control characters where nobody sees them.
    """
    if not name or "/" in name or name != name.strip() or not name.isprintable():
        raise StoreError(
            f"{name!r} cannot be the name of a dataset.",
            remedy="Choose a name that is not empty, has no slash, and does not begin "
            "or end with a space.",
        )


def check_raw_item(item: Item) -> None:
    """Refuse an item that was not imported; `StoreError`."""
    check_dataset_name(item.dataset)
    check_annotations(item.annotations)
    if not isinstance(item.origin, Imported):
        raise StoreError(
            f"The item {item.name!r} was not imported and is no raw item.",
            remedy=_NOTHING_RECORDED,
            item=item.name,
        )


def check_annotations(values: Mapping[str, AnnotationValue | None]) -> None:
    """Refuse values that cannot be kept.

    Raises
    ------
    StoreError
        If one is NaN, infinite, or of a type that annotations do not have.
    """
    for key, value in values.items():
        check_name_of_key(key)
        match value:
            case None | bool() | int() | str():
                continue
            case float() if math.isfinite(value):
                continue
            case _:
                raise StoreError(
                    f"{value!r} cannot be the value of the annotation {key!r}.",
                    remedy="Give a text, true or false, or a finite number.",
                )


@lru_cache(maxsize=1024)
def check_name_of_key(key: str) -> None:
    """Refuse what cannot be a key; `StoreError`."""
    try:
        is_clean = check_key(key) == key
        why = f"{key!r} has white space around it"
    except ValueError as error:
        is_clean, why = False, str(error)
    if not is_clean:
        raise StoreError(
            f"An annotation cannot be called so: {why}.", remedy="Choose another key."
        )


def wrong_value(item: str, error: ValueError) -> StoreError:
    """Return the error of a value that does not fit its key."""
    return StoreError(
        f"The item {item!r} cannot be annotated: {error}.",
        remedy="Correct the value, or what is declared of the key; nothing was "
        "changed.",
        item=item,
    )


def wrong_correction(item: str, error: ValueError) -> StoreError:
    """Return the error of a correction that does not fit its item."""
    return StoreError(
        f"The metadata of {item!r} cannot be corrected: {error}.",
        remedy="Nothing was changed.",
        item=item,
    )


def bytes_gone(item: str) -> StoreError:
    """Return the error of including an item whose bytes were deleted."""
    return StoreError(
        f"The data of {item!r} were deleted, so that it cannot be included again.",
        remedy="Import the file again.",
        item=item,
    )


def unknown_key(key: str) -> StoreError:
    """Return the error of a key that is neither declared nor used."""
    return StoreError(
        f"There is no key {key!r} in this experiment.",
        remedy="List the keys with `bioimageit-flow keys EXPERIMENT`.",
    )


def key_taken(key: str) -> StoreError:
    """Return the error of giving a key a name that another has."""
    return StoreError(
        f"There is a key {key!r} already; values of two keys are never mixed.",
        remedy="Choose another name, or remove that key first.",
    )


def no_reason() -> StoreError:
    """Return the error of excluding without saying why."""
    return StoreError(
        "An exclusion needs a reason.",
        remedy="Say in a few words why the items stay out, such as 'out of focus'.",
    )


def no_reason_for_choice() -> StoreError:
    """Return the error of choosing settings without saying why."""
    return StoreError(
        "A choice of settings is recorded only with a reason.",
        remedy="Say in a few words why it is the best, such as 'finds the dim spots'.",
    )


def no_reason_for_validity() -> StoreError:
    """Return the error of declaring results valid without saying why."""
    return StoreError(
        "Results are declared still valid only with a reason.",
        remedy="Say in a few words why they are, such as 'the image was rebuilt from "
        "the same lock'.",
    )


def nothing_to_declare() -> StoreError:
    """Return the error of declaring no results valid."""
    return StoreError(
        "There are no known results that could be declared still valid.",
        remedy="See what is known and what is not with `bioimageit-flow plan`.",
    )


def no_results_to_declare(job: str) -> StoreError:
    """Return the error of declaring the results of a job that has none valid."""
    return StoreError(
        f"Job {job} has no results in this experiment that could stay valid.",
        remedy="Name a job that was done or reused.",
    )


def check_parts(job: JobRecord) -> None:
    """Refuse parts that are about to be kept for a fingerprint that is not their hash.

    Raises
    ------
    StoreError
        If the fingerprint is not the hash of the parts.
    """
    try:
        digest = canonical_hash(job.parts)
    except ValueError as error:
        raise StoreError(
            f"The fingerprint parts of job {job.id} cannot be kept: {error}.",
            remedy=_NOTHING_RECORDED,
            node=job.node,
        ) from error
    if digest != job.fingerprint:
        raise StoreError(
            f"The fingerprint of job {job.id} is not the hash of its parts.",
            remedy=_NOTHING_RECORDED,
            node=job.node,
        )


def check_job(job: JobRecord) -> None:
    """Refuse a job record that contradicts itself.

    Raises
    ------
    StoreError
        If a job that did not succeed has results, or if a job that was reused does not
        say from which one.
    """
    if job.produced and job.state not in (JobState.DONE, JobState.REUSED):
        raise StoreError(
            f"Job {job.id} is {job.state} and cannot have results.",
            remedy=_NOTHING_RECORDED,
            node=job.node,
        )
    sources = (job.reused_from is not None) + (job.shared is not None)
    if sources != (job.state is JobState.REUSED):
        raise StoreError(
            f"Job {job.id} is {job.state}, which does not fit what it says it was "
            f"reused from ({job.reused_from}).",
            remedy=_NOTHING_RECORDED,
            node=job.node,
        )
    for item in job.produced:
        check_annotations(item.annotations)
