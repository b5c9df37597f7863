"""How the images of a study were taken, as their headers say: REMBI's acquisition."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bioimageit_flow.formats.acquisition import Acquisition, TakenChannel
from bioimageit_flow.model.study import Gap
from bioimageit_flow.provenance.bia.rows import words_of_channel
from bioimageit_flow.provenance.crate.units import QUDT, UNITS

_MOST = 20
_NM, _S = "nm", "s"


@dataclass(slots=True)
class Taken:
    """What headers say of how images were taken, each way once.

    Attributes
    ----------
    images : int
        How many images were looked at.
    missing : Counter of str
        How many do not say what.
    """

    images: int = 0
    instruments: dict[str, None] = field(default_factory=dict[str, None])
    objectives: dict[str, None] = field(default_factory=dict[str, None])
    detectors: dict[str, None] = field(default_factory=dict[str, None])
    channels: dict[TakenChannel, None] = field(default_factory=dict[TakenChannel, None])
    first: str = ""
    last: str = ""
    missing: Counter[str] = field(default_factory=Counter[str])

    def add(self, taken: Acquisition | None) -> None:
        """Take what the header of an image says; None where it cannot say it."""
        self.images += 1
        told = taken or Acquisition()
        self.missing.update(told.missing)
        for found, value in (
            (self.instruments, told.instrument),
            (self.objectives, told.objective),
            (self.detectors, told.detector),
        ):
            if value and len(found) < _MOST:
                found[value] = None
        for channel in told.channels:
            if channel != TakenChannel() and len(self.channels) < _MOST:
                self.channels[channel] = None
        if told.date:
            self.first = min(self.first or told.date, told.date)
            self.last = max(self.last, told.date)

    @property
    def instruments_told(self) -> str:
        """The instruments in a line."""
        return "; ".join(self.instruments)

    @property
    def parameters_told(self) -> str:
        """Objectives, detectors, channels and dates in a line."""
        channels = filter(None, map(words_of_channel, self.channels))
        parts = [
            *(f"objective {one}" for one in self.objectives),
            *(f"detector {one}" for one in self.detectors),
            *(f"channel {one}" for one in channels),
        ]
        if self.first:
            is_one = self.first[:10] == self.last[:10]
            days = (
                self.first[:10] if is_one else f"{self.first[:10]} to {self.last[:10]}"
            )
            parts.append(f"taken on {days}" if is_one else f"taken from {days}")
        return "; ".join(parts)

    def answers(self, name: str) -> bool:
        """Say whether the headers fill a field of the study."""
        told = {
            "acquisition.instrument": self.instruments_told,
            "acquisition.parameters": self.objectives or self.channels,
        }
        return bool(told.get(name))

    def gaps(self) -> Iterator[Gap]:
        """Say what the headers of images do not say."""
        if self.missing:
            listed = ", ".join(
                f"{what} in {number}" for what, number in self.missing.items()
            )
            yield Gap(
                field="image headers",
                text=f"Of {self.images} raw images the headers do not say: {listed}.",
                asked_by=("BioImage Archive",),
                is_required=False,
                fix="Import OME-TIFF as the program of the microscope writes it, or "
                "say it under 'acquisition' in study.yaml.",
            )

    def as_json(self) -> dict[str, object]:
        """Return it as plain values, with units in UCUM and QUDT."""
        return {
            "instruments": list(self.instruments),
            "objectives": list(self.objectives),
            "detectors": list(self.detectors),
            "first_date": self.first,
            "last_date": self.last,
            "channels": [
                {
                    "name": one.name,
                    "fluorophore": one.fluorophore,
                    "excitation": _quantity(one.excitation_nm, _NM),
                    "emission": _quantity(one.emission_nm, _NM),
                    "exposure": _quantity(one.exposure_s, _S),
                    "contrast_method": one.contrast,
                    "acquisition_mode": one.mode,
                }
                for one in self.channels
            ],
        }


def _quantity(value: float | None, unit: str) -> dict[str, object] | None:
    if value is None:
        return None
    ucum, qudt = UNITS[unit]
    return {"value": value, "unit": unit, "ucum": ucum, "qudt": f"{QUDT}{qudt}"}
