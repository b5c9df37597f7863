"""One row per file: what a file list of the BioImage Archive says of it.

A file list is a table in TSV whose first column is called ``Files``; see
https://www.ebi.ac.uk/bioimage-archive/help-file-list.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bioimageit_flow.formats.acquisition import Acquisition, TakenChannel
from bioimageit_flow.model.annotation import Conflict
from bioimageit_flow.model.canonical import canonical_json
from bioimageit_flow.model.data import Item, Location
from bioimageit_flow.model.ids import ItemId
from bioimageit_flow.model.run import JobRecord
from bioimageit_flow.provenance.story import RunStory
from bioimageit_flow.stores.spooled_entities import Notes, SpooledEntities

FIXED = (
    *("Files", "Name", "Kind", "Format", "Axes", "Shape", "Data type"),
    *("Pixel size x (um)", "Pixel size y (um)", "Pixel size z (um)"),
    *("Time step (s)", "Channels", "SHA-256"),
)
TAKEN = ("Acquisition date", "Instrument", "Objective", "Channel details")
DERIVED = ("Source image", "Step", "Tool", "Parameters", "Environment")


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file.

    Attributes
    ----------
    path : str
        Relative to the folder that is submitted.
    sources : tuple of str
        Paths of the raw images that it was made of.
    job : JobRecord or None
        What made it; None for raw data.
    taken : Acquisition or None
        How it was taken, where its header can say that.
    """

    path: str
    item: Item
    location: Location
    view: Mapping[str, object]
    sources: tuple[str, ...] = ()
    job: JobRecord | None = None
    taken: Acquisition | None = None

    def cells(self, keys: Sequence[str]) -> list[str]:
        """Return its cells: `FIXED`, then `TAKEN` or, if it was made, `DERIVED`."""
        info = self.item.info
        sizes = info.pixel_size_um
        fixed = [
            self.path,
            self.item.name,
            str(info.kind),
            info.format,
            info.axes or "",
            " x ".join(map(str, info.shape)),
            info.dtype or "",
            *(f"{sizes[axis]:g}" if axis in sizes else "" for axis in "xyz"),
            "" if info.time_step_s is None else f"{info.time_step_s:g}",
            "; ".join(info.channels),
            self.location.verify_sha256,
        ]
        if self.job is None:
            taken = self.taken or Acquisition()
            fixed += [
                taken.date,
                taken.instrument,
                taken.objective,
                "; ".join(filter(None, map(words_of_channel, taken.channels))),
            ]
        else:
            fixed += [
                "; ".join(self.sources),
                self.job.node,
                self.job.tool,
                "; ".join(
                    f"{name}={_plain(value)}"
                    for name, value in sorted(self.job.parameters.items())
                ),
                self.job.runtime.identity,
            ]
        return [_cell(text) for text in (*fixed, *map(self._value, keys))]

    def _value(self, key: str) -> str:
        value = self.view.get(key, "")
        if isinstance(value, Conflict):
            return "; ".join(map(str, value.values))
        return str(value)


def words_of_channel(channel: TakenChannel) -> str:
    """Return how a channel was taken: ``DAPI: excitation 405 nm, emission 461 nm``."""
    facts = [
        channel.fluorophore if channel.fluorophore != channel.name else "",
        _length("excitation", channel.excitation_nm),
        _length("emission", channel.emission_nm),
        "" if channel.exposure_s is None else f"exposure {channel.exposure_s:g} s",
        channel.contrast,
        channel.mode,
    ]
    told = ", ".join(filter(None, facts))
    return ": ".join(filter(None, (channel.name, told)))


def _length(name: str, value_nm: float | None) -> str:
    return "" if value_nm is None else f"{name} {value_nm:g} nm"


def _plain(value: object) -> str:
    return value if isinstance(value, str) else canonical_json(value)


def _cell(text: str) -> str:
    """Return a text that is one cell: no tab, no line feed."""
    return " ".join(text.split())


def results_with_roots(
    story: RunStory,
) -> Iterator[tuple[Item, JobRecord, list[ItemId]]]:
    """Go through the results of a run with their job and what it all began with.

    What each descends from waits in a file: as numbers of what the run was given.
    """
    waiting = SpooledEntities(None)
    given, below = Notes(waiting, "given"), Notes(waiting, "below")
    for number, item in enumerate(story.given()):
        given[str(number)] = item.id
        below[item.id] = str(number)
    for job in story.successful():
        told = dict.fromkeys(below[edge.item] for edge in job.consumed)
        roots = dict.fromkeys(one for text in told for one in text.split())
        text = " ".join(roots)
        for made in job.produced:
            below[made.id] = text
            found = [ItemId(given[root]) for root in roots]
            yield story.items[made.id], job, found
