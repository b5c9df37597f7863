"""What is drawn of an exhibit: pictures with their places, and how labels look."""

from collections.abc import Sequence
from dataclasses import dataclass

from bioimageit_flow.editor.viewing.contrast import Histogram, Pixels, Rgb
from bioimageit_flow.editor.viewing.places import Part


@dataclass(frozen=True, slots=True)
class LabelLook:
    """How labels are laid over the image."""

    is_on: bool = True
    outline: bool = False
    opacity: float = 0.45
    chosen: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A picture with its place.

    Attributes
    ----------
    pixels : numpy.ndarray
        YXS, uint8: RGB or RGBA.
    left, top, width, height : float
        What it covers, in pixels of the image's full resolution; (0, 0) is the upper
        left corner of the first pixel.
    """

    pixels: Rgb
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """What is drawn of an exhibit at a position.

    Attributes
    ----------
    part : Part
        What it is of.
    image, labels : Drawn or None
        Pictures; None where there is none.
    planes : sequence of numpy.ndarray
        The values of the channels.
    histograms : sequence of Histogram
        How often values occur in each of them.
    is_whole : bool
        Whether more comes.
    """

    part: Part
    image: Drawn | None
    labels: Drawn | None
    planes: Sequence[Pixels] = ()
    histograms: Sequence[Histogram] = ()
    is_whole: bool = True
