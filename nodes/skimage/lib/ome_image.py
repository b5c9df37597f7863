"""Images as the tools see them: pixels, named axes and calibration, from and to TIFF.

Every tool of the toolbox reads and writes through here, so that axes, pixel size, time
step and channel names survive, and that equal results are equal bytes.
"""

import hashlib
import logging
import re
import struct
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from calibration import UNKNOWN, Calibration, read_calibration
from numpy.typing import NDArray
from refusal import refuse

AXES = "TZCYXS"
_NAMESPACE = uuid.UUID("6d1f6f7e-0c0b-5b0e-9a55-7f5f3f6f2a10")
_CREATOR = "BioImageIT Flow, skimage toolbox"
_CLASSIC_TIFF_BYTES = 2**32 - 2**25
_LOST_PART = re.compile("invalid page offset|TiffTag (270|273|279|324|325) ")
_UNREADABLE = (
    *(OSError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError),
    *(RuntimeError, EOFError, AssertionError, SyntaxError),  # the last: broken XML
    *(struct.error, tifffile.TiffFileError),
)


@dataclass(frozen=True, slots=True)
class Image:
    """An image in memory.

    Attributes
    ----------
    data : ndarray
        The pixels, one dimension per axis.
    axes : str
        A letter per dimension: T, Z, C, Y, X, and S for the samples of a colour
        picture, which come last.
    calibration : Calibration
        Pixel size, time step and channel names, as far as they are known.
    """

    data: NDArray[Any]
    axes: str
    calibration: Calibration = UNKNOWN

    def size(self, axis: str) -> int:
        """Return the number of pixels along an axis; 1 where there is no such axis."""
        return self.data.shape[self.axes.index(axis)] if axis in self.axes else 1

    def is_like(self, other: "Image") -> bool:
        """Tell whether another image has the same axes and shape."""
        return (self.axes, self.data.shape) == (other.axes, other.data.shape)

    def described(self) -> str:
        """Return axes and shape for a message, such as ``ZYX 6 x 263 x 263``."""
        return f"{self.axes} {' x '.join(map(str, self.data.shape))}"

    def with_data(self, data: NDArray[Any]) -> "Image":
        """Return other pixels with the same axes and calibration."""
        return replace(self, data=data)

    def without_axis(self, axis: str, data: NDArray[Any]) -> "Image":
        """Return pixels that lost an axis, and the calibration that is left."""
        known = self.calibration
        match axis:
            case "Z":
                sizes = {k: v for k, v in known.pixel_size_um.items() if k != "Z"}
                known = replace(known, pixel_size_um=sizes)
            case "T":
                known = replace(known, time_step_s=None)
            case "C":
                known = replace(known, channel_names=())
        return Image(data, self.axes.replace(axis, ""), known)


def read_image(path: Path, port: str) -> Image:
    """Read the first image of a TIFF: OME-TIFF, ImageJ hyperstack or plain.

    An axis that the file does not name is taken for Z, as ImageJ does; two are taken
    for T and Z. Axes of length 1 are left out, but for Y and X.

    Parameters
    ----------
    path : Path
        The file.
    port : str
        Name of the input, for messages.

    Returns
    -------
    Image
        With integers, 32 or 64 bit floats in the byte order of the machine. A file
        that is no TIFF, is cut off or holds no numbers ends the tool with exit code 2.
    """
    if not path.is_file():
        refuse(f"The file of input '{port}' does not exist: import it again.")
    try:
        with _errors_of_tifffile() as errors, tifffile.TiffFile(path) as tif:
            series = tif.series[0]
            if not _is_complete(series, path.stat().st_size):
                _refuse_damaged(port)
            axes, data = series.axes, series.asarray()
            calibration = read_calibration(tif)
    except tifffile.TiffFileError as error:
        if "not a TIFF file" in str(error) or path.stat().st_size == 0:
            refuse(
                f"The file of input '{port}' is not a TIFF image, whatever its name "
                "says: save the image as TIFF or OME-TIFF and import it again."
            )
        _refuse_damaged(port)
    except _UNREADABLE as error:
        _refuse_damaged(port, f" ({error})")
    if errors:
        _refuse_damaged(port)
    data, axes = _with_known_axes(_plain_numbers(data, port), axes, port)
    if "T" not in axes:
        calibration = replace(calibration, time_step_s=None)
    return Image(data, axes, calibration)


def read_labels(path: Path, port: str) -> Image:
    """Read a label image or mask: whole numbers, 0 is background.

    A label image saved as floats is accepted where all values are whole.
    """
    image = read_image(path, port)
    refuse_colour(image, port)
    data = image.data
    if data.dtype.kind == "f":
        if np.any(data != np.floor(data)) or np.any(data > 2**31):
            refuse(
                f"Input '{port}' is not a label image, its values are not whole "
                "numbers: wire the output of a thresholding or labelling tool."
            )
        data = data.astype(np.int64)
    if data.size and data.min() < 0:
        refuse(f"Input '{port}' is not a label image: it holds negative values.")
    return image.with_data(data)


def write_image(path: Path, image: Image, *, compress: bool = False) -> None:
    """Write an OME-TIFF whose bytes depend on nothing but the image.

    Parameters
    ----------
    path : Path
        Where to write.
    image : Image
        8 to 32 bit integers or floats.
    compress : bool
        Deflate the pixels: pays for masks and labels, not for noise.
    """
    data, known = np.ascontiguousarray(image.data), image.calibration
    metadata: dict[str, Any] = {"axes": image.axes, "Creator": _CREATOR}
    for axis, size in sorted(known.pixel_size_um.items()):
        metadata[f"PhysicalSize{axis}"] = size
        metadata[f"PhysicalSize{axis}Unit"] = "µm"
    if known.time_step_s is not None:
        metadata |= {"TimeIncrement": known.time_step_s, "TimeIncrementUnit": "s"}
    if len(known.channel_names) == image.size("C"):
        metadata["Channel"] = {"Name": list(known.channel_names)}
    content = hashlib.sha256(f"{metadata} {data.dtype.str} {data.shape}".encode())
    content.update(data.data)
    metadata["UUID"] = str(uuid.uuid5(_NAMESPACE, content.hexdigest()))
    is_colour = image.size("S") in (3, 4) and data.dtype in (np.uint8, np.uint16)
    tifffile.imwrite(
        path,
        data,
        ome=True,
        photometric="rgb" if is_colour else "minisblack",
        planarconfig="contig" if "S" in image.axes else None,
        compression="zlib" if compress else None,
        bigtiff=data.nbytes > _CLASSIC_TIFF_BYTES,
        metadata=metadata,
    )


def label_dtype(highest: int) -> type[np.unsignedinteger[Any]]:
    """Return the smallest type for labels up to a number: 16 or 32 bit."""
    return np.uint16 if highest <= np.iinfo(np.uint16).max else np.uint32


def refuse_colour(image: Image, port: str) -> None:
    """End the tool if the image is a colour (RGB) picture."""
    if "S" in image.axes:
        refuse(
            f"Input '{port}' is a colour (RGB) picture: split it into channels and "
            "save it as OME-TIFF or ImageJ hyperstack first."
        )


@contextmanager
def _errors_of_tifffile() -> Iterator[list[str]]:
    """Collect the errors that tifffile logs and then steps over, as far as they matter.

    A file that was cut off can lose its last pages, its description or the places of
    its pixels in this way and still be read: as another image.
    """
    messages: list[str] = []

    class _Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            message = record.getMessage()
            if _LOST_PART.search(message):
                messages.append(message)

    listener, log = _Listener(logging.ERROR), logging.getLogger("tifffile")
    propagates, log.propagate = log.propagate, False
    log.addHandler(listener)
    try:
        yield messages
    finally:
        log.removeHandler(listener)
        log.propagate = propagates


def _is_complete(series: tifffile.TiffPageSeries, file_bytes: int) -> bool:
    """Tell whether all pixels of an image lie within its file."""
    offset = series.dataoffset
    if offset is not None and offset + series.nbytes > file_bytes:
        return False
    return all(
        page is not None
        and all(
            start + count <= file_bytes
            for start, count in zip(page.dataoffsets, page.databytecounts, strict=False)
        )
        for page in series.pages
    )


def _refuse_damaged(port: str, detail: str = "") -> None:
    refuse(
        f"The TIFF file of input '{port}' is damaged or incomplete{detail}: copy it "
        "again from where it came from and import it again."
    )


def _plain_numbers(data: NDArray[Any], port: str) -> NDArray[Any]:
    """Return pixels of a type that OME-TIFF knows, in native byte order."""
    kind = data.dtype.kind
    if kind == "b":
        return data.astype(np.uint8)
    if kind == "c":
        refuse(f"Input '{port}' holds complex numbers: save real numbers instead.")
    if kind == "f":
        if not np.isfinite(data).all():
            refuse(
                f"Input '{port}' holds pixels that are not numbers (NaN or infinite): "
                "replace them before you import it."
            )
        return data.astype(np.float64 if data.dtype.itemsize > 4 else np.float32)
    if data.dtype.itemsize == 8:
        low, high = int(data.min()), int(data.max())
        for smaller in (np.uint32, np.int32):
            if np.iinfo(smaller).min <= low and high <= np.iinfo(smaller).max:
                return data.astype(smaller)
        return data.astype(np.float64)
    return data.astype(data.dtype.newbyteorder("="), copy=False)


def _with_known_axes(
    data: NDArray[Any], axes: str, port: str
) -> tuple[NDArray[Any], str]:
    """Return pixels and their axes, each a letter of TZCYXS, samples last."""
    long = [at for at, axis in enumerate(axes) if axis in "YX" or data.shape[at] > 1]
    letters = [axes[at] for at in long]
    if "C" not in letters:  # E is a wavelength
        letters = ["C" if letter == "E" else letter for letter in letters]
    unnamed = [letter for letter in letters if letter not in AXES]
    free = [letter for letter in "ZTC" if letter not in letters]
    if not {"Y", "X"} <= set(letters) or len(unnamed) > len(free):
        refuse(
            f"The axes of input '{port}' are {axes}, and this toolbox knows only "
            "T, Z, C, Y and X: save it as OME-TIFF with these axes named."
        )
    names = iter(sorted(free[: len(unnamed)], key="TZC".index))
    known = "".join(x if x in AXES else next(names) for x in letters)
    data = data.reshape([data.shape[at] for at in long])
    if "S" in known:
        data = np.moveaxis(data, known.index("S"), -1)
        known = known.replace("S", "") + "S"
    return data, known
