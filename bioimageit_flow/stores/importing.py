"""Importing files into a raw dataset, by copy or in place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.data import (
    NO_ANNOTATIONS,
    AnnotationValue,
)
from bioimageit_flow.model.kinds import Kind
from bioimageit_flow.stores.folder import ExperimentFolder
from bioimageit_flow.stores.import_annotations import read_names
from bioimageit_flow.stores.import_batches import Importer, Progress
from bioimageit_flow.stores.import_filter import Wanted, wanted_files
from bioimageit_flow.stores.import_report import ImportReport, LeftOut
from bioimageit_flow.stores.import_sheets import read_sheet
from bioimageit_flow.stores.import_sources import (
    Source,
    add_sheet,
    find_notes,
    find_sources,
    readable,
)
from bioimageit_flow.stores.protocol import Store
from bioimageit_flow.stores.refusals import check_annotations, check_dataset_name
from bioimageit_flow.stores.sweeping import intent

__all__ = ["ImportReport", "import_files", "import_sources"]


def import_files(
    folder: ExperimentFolder,
    store: Store,
    paths: Iterable[Path],
    *,
    dataset: str,
    reference: bool = False,
    annotations: Mapping[str, AnnotationValue] = NO_ANNOTATIONS,
    from_name: str | None = None,
    from_folders: Sequence[str] = (),
    include: Sequence[str] = (),
    match: str | None = None,
    sheet: Path | None = None,
    path_column: str | None = None,
    kind: Kind | None = None,
    progress: Progress = lambda done, of: None,
) -> ImportReport:
    """Import files and folders of files into a raw dataset.

    A file that cannot be imported is refused by name and the others go on. What is in
    the dataset already (same content, same image of the file, same name) is skipped,
    so that an import that was interrupted can simply be repeated.

    Parameters
    ----------
    folder, store : ExperimentFolder, Store
        The experiment.
    paths : iterable of Path
        Files, or folders that are walked to the bottom; hidden files in them are
        passed over.
    dataset : str
        Its name; made if it is not there.
    reference : bool
        Leave the files where they are instead of copying them.
    annotations : mapping
        Set on every item.
    from_name : str or None
        Regular expression whose named groups become annotations.
    from_folders : sequence of str
        Keys of the names of the folders that a file lies in, its own folder last.
    include : sequence of str
        Of the files in folders only those that fit one of these (``*.tif``).
    match : str or None
        Of the files in folders only those in whose path this expression is found.
    sheet : Path or None
        CSV or XLSX with a row per file; its other columns become annotations. Only
        what has a row is imported.
    path_column : str or None
        The column of the sheet that names the file.
    kind : Kind or None
        What the files are, where their content does not tell (label images).
    progress : callable
        Told after each file.

    Returns
    -------
    ImportReport
        What was imported, skipped and refused, and why.

    Raises
    ------
    DataError
        Before anything is imported: if there is no file, or ``from_name`` does not
        suit. Also if one file was asked for and it cannot be imported.
    StoreError
        If the experiment is read-only or its disk is full; what was recorded before
        stays, and nothing is half written.
    """
    folder.check_writable()
    check_dataset_name(dataset)
    check_annotations(annotations)
    found = _find(list(paths), wanted_files(include, match), sheet, path_column)
    declared = {use.name: use.key for use in store.key_uses() if use.key is not None}
    values = read_names(found.sources, from_name, annotations, from_folders, declared)
    report = import_sources(
        folder,
        store,
        found.sources,
        values,
        dataset=dataset,
        reference=reference,
        kind=kind,
        progress=progress,
    )
    refused = (*found.refused, *report.refused)
    if len(found.sources) == 1 and sheet is None and refused:
        raise DataError(refused[0].reason, remedy=refused[0].remedy)
    return replace(report, skipped=(*found.passed, *report.skipped), refused=refused)


def import_sources(
    folder: ExperimentFolder,
    store: Store,
    sources: Sequence[Source],
    values: Sequence[Mapping[str, AnnotationValue]],
    *,
    dataset: str,
    reference: bool = False,
    kind: Kind | None = None,
    progress: Progress = lambda done, of: None,
) -> ImportReport:
    """Import files that are known, each with its annotations; see `import_files`."""
    with intent(folder.cache) as listed:
        run = Importer(folder, store, listed, dataset, reference=reference, kind=kind)
        with run.all_or_nothing():
            run.take_all(sources, values, progress)
    return ImportReport(
        dataset,
        tuple(run.imported),
        tuple(run.skipped),
        tuple(run.refused),
        find_notes(sources),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What is to be imported, and what is not."""

    sources: list[Source]
    passed: tuple[LeftOut, ...] = ()
    refused: tuple[LeftOut, ...] = ()


def _find(
    paths: list[Path], wanted: Wanted, sheet: Path | None, column: str | None
) -> _Found:
    """Find the files, in folders and in the rows of a sheet."""
    if sheet is None:
        if column is not None:
            raise DataError(
                f"The column {column!r} is of no sheet.", remedy="Name the sheet too."
            )
        sources, passed = find_sources(paths, wanted)
        return _Found(sources, tuple(passed))
    rows = read_sheet(sheet, column)
    found, passed = find_sources(paths, wanted) if paths else ([], [])
    sources, without, refused = add_sheet(found, rows, sheet)
    if not sources:
        raise DataError(
            f"No row of '{readable(str(sheet))}' names a file that is there: "
            f"{refused[0].reason if refused else 'it is empty.'}",
            remedy="Write paths from the folder of the sheet, or name the folder of "
            "the files.",
        )
    return _Found(sources, (*passed, *without), tuple(refused))
