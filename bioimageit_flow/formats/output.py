"""What a tool wrote, checked against what its port declares. It is not trusted."""

import stat
from pathlib import Path

from bioimageit_flow.errors import DataError
from bioimageit_flow.formats.probing import inspect
from bioimageit_flow.formats.readers import guarded, reader_of
from bioimageit_flow.formats.refusal import Refusal, naming
from bioimageit_flow.formats.sample import take_sample
from bioimageit_flow.model.data import DataInfo
from bioimageit_flow.model.kinds import Kind, takes_format

_MEND_TOOL = "Mend the tool, or what its descriptor declares."


def check_output(path: Path, kind: Kind, format: str, axes: str | None) -> DataInfo:
    """Check one output of a job, through to the end of the file.

    Parameters
    ----------
    path : Path
        Of a regular file, or of a folder where the declared format is a folder; links
        and special files are refused, and so is a link as the folder of the file.
    kind : Kind
        Declared kind.
    format : str
        Declared format, a key of `FORMATS`; the content must be of it (OME-TIFF counts
        as TIFF, CSV and JSON count as text).
    axes : str or None
        Declared axes in any order; None or ``*`` allows all. An axis that the file
        lacks counts as length one, because files cannot tell the two apart.

    Raises
    ------
    DataError
        One sentence and a remedy.
    """
    with naming(Path(path.parent.name) / path.name):
        _check_place(path)
        sample = take_sample(path, claim=format)
        reader = reader_of(sample)
        info = inspect(sample, kind)
        if not takes_format((format,), info.format):
            raise Refusal(f"is {info.format} where {format} is declared", _MEND_TOOL)
        if info.series:
            raise Refusal(
                f"holds {len(info.series)} images where one is declared", _MEND_TOOL
            )
        if axes is not None and axes != "*":
            _check_axes(axes, info.axes or "")
        with guarded(reader):
            reader.verify(sample)
        return info


def _check_place(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError as error:
        raise DataError(
            f"The tool wrote no file '{path.name}'.",
            remedy="Look at the log of the job.",
        ) from error
    if stat.S_ISLNK(mode) or path.parent.is_symlink():
        raise Refusal("is a link, not a file", "Let the tool write the file itself.")


def _check_axes(declared: str, found: str) -> None:
    extra = set(found) - set(declared)
    missing = set(declared) - set(found)
    if extra or missing & set("YX"):
        raise Refusal(f"has the axes {found} where {declared} is declared", _MEND_TOOL)
