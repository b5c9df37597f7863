"""The pixels of one block of a CZI."""

from dataclasses import dataclass
from typing import BinaryIO

import imagecodecs
import numpy as np

from bioimageit_flow.formats.czi_structure import Block, block_place
from bioimageit_flow.formats.image import Pixels
from bioimageit_flow.formats.refusal import EXPORT_AGAIN, Refusal

_JPEG, _JPEG_XR = 1, 4
_NAMES = {2: "LZW"}


@dataclass(frozen=True, slots=True)
class PixelType:
    """How pixels are kept: NumPy type, and samples (3 are blue, green, red)."""

    name: str
    dtype: str
    samples: int = 1


PIXEL_TYPES = {
    0: PixelType("Gray8", "<u1"),
    1: PixelType("Gray16", "<u2"),
    2: PixelType("Gray32Float", "<f4"),
    3: PixelType("Bgr24", "<u1", 3),
    4: PixelType("Bgr48", "<u2", 3),
    8: PixelType("Bgr96Float", "<f4", 3),
    9: PixelType("Bgra32", "<u1", 4),
    12: PixelType("Gray32", "<u4"),
    13: PixelType("Gray64Float", "<f8"),
}


def decode(stream: BinaryIO, size: int, block: Block) -> Pixels:
    """Return the pixels of a block: rows, columns, and samples as red, green, blue.

    Raises
    ------
    Refusal
        If they are not all there, or are compressed in an unknown way.
    """
    pixel = PIXEL_TYPES[block.pixel_type]
    place, length = block_place(stream, size, block)
    stream.seek(place)
    data = stream.read(length)
    shape = (block.stored["Y"], block.stored["X"], pixel.samples)
    dtype = np.dtype(pixel.dtype)
    try:
        array = _array(data, block.compression, dtype)
        array = array.reshape(shape).astype(dtype.newbyteorder("="), copy=False)
    except (ValueError, RuntimeError) as error:
        raise Refusal(
            f"has a block of pixels that cannot be decoded: {error}", EXPORT_AGAIN
        ) from error
    is_decoded = block.compression in (_JPEG, _JPEG_XR)
    if pixel.samples > 1 and not is_decoded:
        array = array[..., [2, 1, 0, *range(3, pixel.samples)]]
    return array if pixel.samples > 1 else array[..., 0]


def _array(data: bytes, compression: int, dtype: np.dtype[np.generic]) -> Pixels:
    match compression:
        case 0:
            return np.frombuffer(data, dtype)
        case _ if compression == _JPEG:
            return np.asarray(imagecodecs.jpeg_decode(data))
        case _ if compression == _JPEG_XR:
            return np.asarray(imagecodecs.jpegxr_decode(data))
        case 5:
            return np.frombuffer(imagecodecs.zstd_decode(data), dtype)
        case 6:
            return _unshuffled(data, dtype)
        case _:
            named = _NAMES.get(compression, f"method {compression}")
            raise Refusal(
                f"has pixels compressed by {named}, which this version cannot read",
                "Save it again with ZEN without compression, or with Zstd.",
            )


def _unshuffled(data: bytes, dtype: np.dtype[np.generic]) -> Pixels:
    """Decode Zstd after its small header, which tells whether bytes are apart."""
    length = data[0] if data else 0
    is_apart = length >= 3 and data[1] == 1 and bool(data[2] & 1)
    if length not in (1, 3):
        raise ValueError("its header is unknown")
    plain = imagecodecs.zstd_decode(data[length:])
    if not is_apart:
        return np.frombuffer(plain, dtype)
    halves = np.frombuffer(plain, np.uint8).reshape(2, -1)
    return np.ascontiguousarray(halves.T).reshape(-1).view(dtype)
