"""What archives will say of the files themselves."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bioimageit_flow.model.study import Gap, Study, study_gaps
from bioimageit_flow.model.units import format_bytes
from bioimageit_flow.provenance.bia.rows import FileRow
from bioimageit_flow.provenance.bia.taken import Taken

_BIA, _ZENODO = "BioImage Archive", "Zenodo"
_ZENODO_BYTES, _ZENODO_FILES = 50_000_000_000, 100
_SHOWN = 3
_NAME = re.compile(r"[A-Za-z0-9!\-_.*'()/ ]+")
_KNOWN_OPEN = ("ome-tiff", "tiff", "ome-zarr", "png")


@dataclass(slots=True)
class Totals:
    """What is counted while the files are gone through."""

    files: int = 0
    size: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    tools: dict[str, None] = field(default_factory=dict)
    axes: Counter[str] = field(default_factory=Counter)
    without_size: list[str] = field(default_factory=list)
    bad_names: list[str] = field(default_factory=list)
    taken: Taken = field(default_factory=Taken)
    _sizeless: int = 0

    def add(self, row: FileRow) -> None:
        """Count a file."""
        info = row.item.info
        self.files += 1
        self.size += row.location.size
        self.kinds[str(info.kind)] += 1
        self.formats[info.format] += 1
        if row.job is not None:
            self.tools[row.job.tool] = None
        elif info.kind.is_pixels:
            self.taken.add(row.taken)
            self.axes[info.axes or "?"] += 1
            if not info.pixel_size_um:
                self._sizeless += 1
                if len(self.without_size) < _SHOWN:
                    self.without_size.append(row.item.name)
        if not _NAME.fullmatch(row.path) and len(self.bad_names) < _SHOWN:
            self.bad_names.append(row.path)

    def unanswered(self, gaps: Iterable[Gap]) -> Iterator[Gap]:
        """Go through the gaps of a study that no header of an image fills."""
        return (gap for gap in gaps if not self.taken.answers(gap.field))

    def gaps(self, study: Study) -> Iterator[Gap]:
        """Go through what archives will ask for and a study does not say."""
        if not (study.acquisition.instrument and study.acquisition.parameters):
            yield from self.taken.gaps()
        if self._sizeless:
            names = ", ".join(self.without_size)
            have = "image has" if self._sizeless == 1 else "images have"
            yield Gap(
                field="pixel size",
                text=f"{self._sizeless} raw {have} no pixel size ({names}).",
                asked_by=(_BIA,),
                is_required=False,
                fix="Set it with `bioimageit-flow correct`.",
            )
        if self.bad_names:
            yield Gap(
                field="file names",
                text=f"Some names have characters that the archive does not take "
                f"({', '.join(self.bad_names)}).",
                asked_by=(_BIA,),
                is_required=True,
                fix="Rename the items.",
            )
        others = [name for name in self.formats if name not in _KNOWN_OPEN]
        pixels = [name for name in others if name in ("czi", "nd2", "lif", "lsm")]
        if pixels:
            yield Gap(
                field="format",
                text=f"There are images in {', '.join(pixels)}: few can open them.",
                asked_by=(_BIA,),
                is_required=False,
                fix="Submit OME-TIFF or OME-Zarr beside them.",
            )
        if self.size > _ZENODO_BYTES or self.files > _ZENODO_FILES:
            yield Gap(
                field="size",
                text=f"{self.files} files, {format_bytes(self.size)}: Zenodo takes "
                f"{_ZENODO_FILES} files and {format_bytes(_ZENODO_BYTES)} each record.",
                asked_by=(_ZENODO,),
                is_required=False,
                fix="Upload a crate instead: `export crate EXPERIMENT all.zip`.",
            )

    def as_json(self) -> dict[str, object]:
        """Return what is known of the images, in the words of REMBI."""
        return {
            "image_data": {
                "files": self.files,
                "bytes": self.size,
                "kinds": dict(self.kinds),
                "formats": dict(self.formats),
                "axes": dict(self.axes),
            },
            "image_acquisition": self.taken.as_json(),
            "analysis": {"tools": list(self.tools)},
        }


def all_gaps(study: Study, rows: Iterable[FileRow]) -> list[Gap]:
    """Return what archives will say of a study and its files."""
    totals = Totals()
    for row in rows:
        totals.add(row)
    return [*totals.unanswered(study_gaps(study)), *totals.gaps(study)]
