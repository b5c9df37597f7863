"""What the import dialog asks for, and what is imported then."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.annotation import read_value
from bioimageit_flow.model.data import AnnotationValue
from bioimageit_flow.session.import_preview import ImportPreview, preview_import

if TYPE_CHECKING:
    from bioimageit_flow.session import Experiment, ImportReport

CLASSIC_FILE: Final = "experiment.md.json"
"""By this a folder is known as a classic BioImageIT experiment."""


class StoppedError(Exception):
    """Somebody pressed Cancel; raised out of a progress call."""


@dataclass(frozen=True, slots=True)
class ImportForm:
    """What stands in the dialog, as it was typed.

    Attributes
    ----------
    files : tuple of Path
        Files and folders.
    include : str
        Patterns such as ``*.tif *.czi``.
    match : str
        A regular expression that is found in the path.
    from_name : str
        A regular expression with named groups.
    from_folders : str
        Keys of folders such as ``patient/condition``.
    sheet, path_column : str
        A table that says what is known of the files.
    annotations : str
        ``key=value`` with commas between, for every file.
    kind : str
        What the files are; empty for what their content says.
    """

    files: tuple[Path, ...] = ()
    dataset: str = "raw"
    is_reference: bool = False
    include: str = ""
    match: str = ""
    from_name: str = ""
    from_folders: str = ""
    sheet: str = ""
    path_column: str = ""
    annotations: str = ""
    kind: str = ""

    def with_files(self, paths: Sequence[Path]) -> "ImportForm":
        """Return the form with more files, each once."""
        known = dict.fromkeys((*self.files, *(path.absolute() for path in paths)))
        return replace(self, files=tuple(known))

    @property
    def classic_folder(self) -> Path | None:
        """The classic BioImageIT experiment that was given; None if it is none."""
        if len(self.files) != 1:
            return None
        place = self.files[0]
        folder = place.parent if place.name == CLASSIC_FILE else place
        return folder if (folder / CLASSIC_FILE).is_file() else None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to import."""
        return not self.files and not self.sheet.strip()

    def given(self) -> dict[str, AnnotationValue]:
        """Return what every file is annotated with; raises `DataError`."""
        found: dict[str, AnnotationValue] = {}
        for pair in filter(None, (one.strip() for one in self.annotations.split(","))):
            key, sign, value = pair.partition("=")
            if not sign or not key.strip() or not value.strip():
                raise DataError(
                    f"{pair!r} is no annotation.", remedy="Write it as key=value."
                )
            found[key.strip()] = read_value(value.strip())
        return found

    def preview(self) -> ImportPreview:
        """Return what would be imported; nothing is raised."""
        try:
            given = self.given()
        except DataError as error:
            return ImportPreview(problem=error.message, remedy=error.remedy)
        if self.is_empty:
            return ImportPreview()
        return preview_import(self.files, annotations=given, **self._common())

    def import_all(
        self, experiment: "Experiment", progress: Callable[[int, int], None]
    ) -> "ImportReport":
        """Import what was given, files or a classic experiment; raises `FlowError`."""
        classic = self.classic_folder
        if classic is None:
            return self.carry_out(experiment, progress)
        return experiment.import_classic(
            classic, reference=self.is_reference, progress=progress
        ).whole

    def carry_out(
        self, experiment: "Experiment", progress: Callable[[int, int], None]
    ) -> "ImportReport":
        """Import; errors are those of `Experiment.import_files`."""
        return experiment.import_files(
            self.files,
            dataset=self.dataset.strip() or "raw",
            reference=self.is_reference,
            annotations=self.given(),
            kind=self.kind or None,
            progress=progress,
            **self._common(),
        )

    def _common(self) -> dict[str, Any]:
        sheet = self.sheet.strip()
        return {
            "include": tuple(re.split(r"[\s,;]+", self.include.strip()))
            if self.include.strip()
            else (),
            "match": self.match or None,
            "from_name": self.from_name or None,
            "from_folders": folder_keys(self.from_folders),
            "sheet": Path(sheet).expanduser() if sheet else None,
            "path_column": self.path_column.strip() or None,
        }


def folder_keys(text: str) -> tuple[str, ...]:
    """Return the keys of folders in ``patient/condition``; ``-`` stands for none."""
    parts = [part.strip() for part in re.split(r"[/,\\]", text.strip())]
    return tuple(part or "-" for part in parts) if any(parts) else ()


def expression_of(separator: str, keys: Sequence[str]) -> str:
    """Return the regular expression that reads the parts of names between separators.

    Parameters
    ----------
    separator : str
        One or more characters.
    keys : sequence of str
        The key of each part in order; an empty one, or ``-``, passes a part over.
    """
    sign = re.escape(separator)
    part = f"[^{re.escape(separator[0])}.]+"
    parts = [
        part if key.strip() in ("", "-") else f"(?P<{key.strip()}>{part})"
        for key in keys
    ]
    return "^" + sign.join(parts)
