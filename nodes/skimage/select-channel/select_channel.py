"""Take one channel out of an image."""

from dataclasses import replace
from pathlib import Path

from command_line import main
from ome_image import read_image, write_image
from refusal import refuse


def run(*, image: Path, result: Path, channel: int) -> None:
    """Write one channel, counted from 0; pixels and other axes stay as they are."""
    source = read_image(image, "image")
    count = source.size("C")
    if channel >= count:
        there = "one channel, 0" if count == 1 else f"channels 0 to {count - 1}"
        refuse(f"Input 'image' has no channel {channel}: it has {there}.")
    if "C" not in source.axes:
        write_image(result, source)
        return
    names = source.calibration.channel_names
    chosen = source.without_axis("C", source.data.take(channel, source.axes.index("C")))
    if len(names) == count:
        named = replace(chosen.calibration, channel_names=names[channel : channel + 1])
        chosen = replace(chosen, calibration=named)
    write_image(result, chosen)


if __name__ == "__main__":
    main(run)
