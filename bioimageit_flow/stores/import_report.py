"""What became of each file of an import: imported, skipped, refused, and why."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.data import Item
from bioimageit_flow.model.problem import Problem, Severity
from bioimageit_flow.stores.places import writing

COLUMNS = ("state", "path", "item", "name", "selector", "reason", "remedy")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that was not imported.

    Attributes
    ----------
    path : str
        Readable; the file may be called otherwise where its name is no Unicode.
    reason, remedy : str
        Sentences.
    """

    path: str
    reason: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """A file that was imported, with the items that it became."""

    path: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of each file.

    Attributes
    ----------
    dataset : str
        Where they went.
    imported : tuple of ImportedFile
        Each with its items: one, or one per image of the file.
    skipped : tuple of LeftOut
        What is in the dataset already, or was passed over in a folder.
    refused : tuple of LeftOut
        What could not be imported, and why.
    notes : tuple of str
        What is imported and may surprise: files with one name, or with one stem.
    """

    dataset: str
    imported: tuple[ImportedFile, ...] = ()
    skipped: tuple[LeftOut, ...] = ()
    refused: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        """The new items."""
        return tuple(item for file in self.imported for item in file.items)

    @property
    def is_complete(self) -> bool:
        """Whether nothing was refused."""
        return not self.refused

    def problems(self) -> list[Problem]:
        """Return what was refused, as problems."""
        return [
            Problem(
                code="file-refused",
                severity=Severity.ERROR,
                text=one.reason,
                item=one.path,
                fix=one.remedy,
            )
            for one in self.refused
        ]

    def as_json(self) -> dict[str, object]:
        """Return the report as plain values."""
        return {
            "dataset": self.dataset,
            "imported": [
                {"path": one.path, "items": [item.id for item in one.items]}
                for one in self.imported
            ],
            "skipped": [{"path": one.path, "why": one.reason} for one in self.skipped],
            "refused": [
                {"path": one.path, "why": one.reason, "remedy": one.remedy}
                for one in self.refused
            ],
            "notes": list(self.notes),
        }

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Return one row of `COLUMNS` for each new item and each file left out."""
        for file in self.imported:
            for item in file.items:
                yield "imported", file.path, item.id, item.name, item.selector, "", ""
        for state, files in (("skipped", self.skipped), ("refused", self.refused)):
            for one in files:
                yield state, one.path, "", "", "", one.reason, one.remedy

    def save(self, path: Path) -> None:
        """Write the report as CSV, or as JSON where the name ends so.

        Raises
        ------
        DataError
            If the name ends otherwise.
        StoreError
            If it cannot be written.
        """
        match path.suffix.lower():
            case ".json":
                text = json.dumps(self.as_json(), ensure_ascii=False, indent=1) + "\n"
            case ".csv":
                stream = io.StringIO()
                writer = csv.writer(stream, lineterminator="\n")
                writer.writerow(COLUMNS)
                writer.writerows(self.rows())
                text = stream.getvalue()
            case _:
                raise DataError(
                    f"'{path}' is no name for a report.",
                    remedy="Let it end in .csv or .json.",
                )
        with writing(path):
            path.write_text(text, encoding="utf-8")
