"""How an image was taken, as far as its OME-XML says.

Source: https://docs.openmicroscopy.org/ome-model/6.3.1/developers/model-overview.html
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from xml.etree.ElementTree import Element

from bioimageit_flow.formats.calibration import duration_s, length_um
from bioimageit_flow.formats.ome_xml import looks_like_ome, parse_ome
from bioimageit_flow.formats.refusal import Refusal
from bioimageit_flow.formats.tiff_structure import SIGNATURES, check_structure

_LONGEST = 200
_MOST_CHANNELS = 64


@dataclass(frozen=True, slots=True)
class TakenChannel:
    """How one channel was taken.

    Attributes
    ----------
    excitation_nm, emission_nm : float or None
        Wavelengths.
    exposure_s : float or None
        Of its first plane.
    """

    name: str = ""
    fluorophore: str = ""
    excitation_nm: float | None = None
    emission_nm: float | None = None
    exposure_s: float | None = None
    contrast: str = ""
    mode: str = ""


@dataclass(frozen=True, slots=True)
class Acquisition:
    """How an image was taken; what its header does not say is empty.

    Attributes
    ----------
    date : str
        ISO 8601, as the header says it.
    instrument, objective, detector : str
        Maker, model and what tells them from others.
    """

    date: str = ""
    instrument: str = ""
    objective: str = ""
    detector: str = ""
    channels: tuple[TakenChannel, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """What archives ask for and the header does not say."""
        told = {
            "the date": self.date,
            "the instrument": self.instrument,
            "the objective": self.objective,
            "fluorophores or wavelengths": any(
                one.fluorophore or one.emission_nm or one.contrast
                for one in self.channels
            ),
        }
        return tuple(name for name, value in told.items() if not value)


def read_acquisition(path: Path) -> Acquisition | None:
    """Return how the images of a file were taken; None if it has no OME-XML.

    Of several images (series) each way of taking one is told once, with the first date.
    """
    try:
        with path.open("rb") as stream:
            if stream.read(4) not in SIGNATURES:
                return None
            structure = check_structure(stream, path.stat().st_size)
        if not looks_like_ome(structure.description):
            return None
        root = parse_ome(structure.description)
    except (OSError, Refusal):  # who reads its pixels is told why
        return None
    told = [_of_image(root, image) for image in _all(root, "Image")]
    channels = dict.fromkeys(channel for one in told for channel in one.channels)
    return Acquisition(
        date=min((one.date for one in told if one.date), default=""),
        instrument=_each_once(one.instrument for one in told),
        objective=_each_once(one.objective for one in told),
        detector=_each_once(one.detector for one in told),
        channels=tuple(islice(channels, _MOST_CHANNELS)),
    )


def _of_image(root: Element, image: Element) -> Acquisition:
    instrument = _referred(root, image, "Instrument")
    settings = next(_all(image, "ObjectiveSettings"), None)
    wanted = "" if settings is None else settings.get("ID", "")
    return Acquisition(
        date=_line(next((_text(one) for one in _all(image, "AcquisitionDate")), "")),
        instrument=_instrument(instrument),
        objective=_objective(_part(instrument, "Objective", wanted)),
        detector=_named(_part(instrument, "Detector", ""), "Type"),
        channels=tuple(_channels(image)),
    )


def _each_once(words: Iterable[str]) -> str:
    return _line("; ".join(dict.fromkeys(filter(None, words))))


def _all(element: Element, name: str) -> Iterator[Element]:
    return (one for one in element if one.tag.rpartition("}")[2] == name)


def _referred(root: Element, image: Element, name: str) -> Element | None:
    """Return what an image refers to; the only one where it does not say."""
    ref = next(_all(image, f"{name}Ref"), None)
    found = list(_all(root, name))
    if ref is not None:
        return next((one for one in found if one.get("ID") == ref.get("ID")), None)
    return found[0] if len(found) == 1 else None


def _part(instrument: Element | None, name: str, id_: str) -> Element | None:
    if instrument is None:
        return None
    found = list(_all(instrument, name))
    if id_:
        return next((one for one in found if one.get("ID") == id_), None)
    return found[0] if len(found) == 1 else None


def _instrument(element: Element | None) -> str:
    if element is None:
        return ""
    return _named(next(_all(element, "Microscope"), None), "Type")


def _named(element: Element | None, kind: str) -> str:
    """Return maker and model of a part, and of what kind it is."""
    if element is None:
        return ""
    words = [element.get("Manufacturer", ""), element.get("Model", "")]
    name = " ".join(filter(None, words))
    type_ = element.get(kind, "")
    if type_ in ("", "Other"):
        return _line(name)
    return _line(f"{name} ({type_})" if name else type_)


def _objective(element: Element | None) -> str:
    if element is None:
        return ""
    magnification, aperture = element.get("NominalMagnification"), element.get("LensNA")
    optics = "/".join(
        filter(
            None,
            (magnification and f"{_short(magnification)}x", aperture and aperture),
        )
    )
    words = (
        element.get("Manufacturer", ""),
        element.get("Model", ""),
        optics,
        element.get("Immersion", "").replace("Other", ""),
    )
    return _line(" ".join(filter(None, words)))


def _short(number: str) -> str:
    return number.removesuffix(".0")


def _channels(image: Element) -> Iterator[TakenChannel]:
    pixels = next(_all(image, "Pixels"), None)
    if pixels is None:
        return
    exposures: dict[str, float | None] = {}
    for plane in _all(pixels, "Plane"):
        channel = plane.get("TheC", "")
        if channel not in exposures and plane.get("ExposureTime"):
            unit = plane.get("ExposureTimeUnit", "s")
            exposures[channel] = duration_s(plane.get("ExposureTime"), unit)
    for number, one in enumerate(_all(pixels, "Channel")):
        if number == _MOST_CHANNELS:
            return
        yield TakenChannel(
            name=_line(one.get("Name", "")),
            fluorophore=_line(one.get("Fluor", "")),
            excitation_nm=_nm(one, "ExcitationWavelength"),
            emission_nm=_nm(one, "EmissionWavelength"),
            exposure_s=exposures.get(str(number)),
            contrast=_line(one.get("ContrastMethod", "")),
            mode=_line(one.get("AcquisitionMode", "")),
        )


def _nm(element: Element, name: str) -> float | None:
    length = length_um(element.get(name), element.get(f"{name}Unit", "nm"))
    return None if length is None else round(length * 1000, 6)


def _text(element: Element) -> str:
    return element.text or ""


def _line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST]
