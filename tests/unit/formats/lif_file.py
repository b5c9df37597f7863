"""A Leica LIF made by hand: binary header, XML, memory blocks."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray

IDS = {"X": 1, "Y": 2, "Z": 3, "T": 4, "λ": 5, "M": 10}


@dataclass
class LifImage:
    """An image; the array has the axes of `dims`, slowest first, C between them."""

    name: str
    dims: str
    array: NDArray[np.uint16]
    step: dict[str, float] = field(default_factory=dict)
    channels: Sequence[str] = ("Green",)


def lif_bytes(images: Sequence[LifImage], *, doctype: str = "") -> bytes:
    elements = "".join(_element(n, image) for n, image in enumerate(images))
    xml = (
        f'{doctype}<LMSDataContainerHeader Version="2"><Element Name="Project" '
        f'UniqueID="p"><Data><Experiment/></Data><Memory Size="0" '
        f'MemoryBlockID="MemBlock_p"/><Children>{elements}</Children></Element>'
        "</LMSDataContainerHeader>"
    )
    text = xml.encode("utf-16-le")
    parts = [struct.pack("<IIBI", 0x70, len(text) + 5, 0x2A, len(text) // 2), text]
    blocks = [("MemBlock_p", b"")]
    blocks += [
        (f"MemBlock_{n}", image.array.astype("<u2").tobytes())
        for n, image in enumerate(images)
    ]
    for name, data in blocks:
        label = name.encode("utf-16-le")
        size = 1 + 8 + 1 + 4 + len(label)
        parts.append(struct.pack("<IIBQ", 0x70, size, 0x2A, len(data)))
        parts.append(struct.pack("<BI", 0x2A, len(label) // 2) + label + data)
    return b"".join(parts)


def _element(number: int, image: LifImage) -> str:
    strides = dict(zip(image.dims, image.array.strides, strict=True))
    sizes = dict(zip(image.dims, image.array.shape, strict=True))
    dimensions = "".join(
        f'<DimensionDescription DimID="{IDS[dim]}" NumberOfElements="{sizes[dim]}" '
        f'Origin="0" Length="{image.step.get(dim, 0) * (sizes[dim] - 1)!r}" '
        f'Unit="{"s" if dim == "T" else "m"}" BytesInc="{strides[dim]}" BitInc="0"/>'
        for dim in image.dims
        if dim != "C"
    )
    channels = "".join(
        '<ChannelDescription DataType="0" ChannelTag="0" Resolution="16" '
        'NameOfMeasuredQuantity="" Min="0" Max="65535" Unit="" '
        f'LUTName={quoteattr(name)} IsLUTInverted="0" '
        f'BytesInc="{n * strides.get("C", 0)}" BitInc="0"/>'
        for n, name in enumerate(image.channels)
    )
    return (
        f'<Element Name={quoteattr(image.name)} UniqueID="u{number}"><Data><Image>'
        f"<ImageDescription><Channels>{channels}</Channels><Dimensions>{dimensions}"
        f"</Dimensions></ImageDescription></Image></Data><Memory "
        f'Size="{image.array.nbytes}" MemoryBlockID="MemBlock_{number}"/>'
        "<Children/></Element>"
    )
