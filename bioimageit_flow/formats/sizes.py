"""From the dimensions of a maker's file to axes that the program has names for."""

from collections.abc import Mapping

from bioimageit_flow.formats.refusal import Refusal

STACK = "TZC"
_WORDS = {
    "B": "acquisition blocks",
    "V": "views",
    "R": "rotations",
    "I": "illuminations",
    "H": "phases",
    "M": "tiles of a mosaic",
    "A": "rotations",
    "N": "slices of an XT scan",
    "L": "loops",
}


def named_axes(
    sizes: Mapping[str, int], *, order: str = STACK
) -> tuple[str, tuple[int, ...]]:
    """Return axes and shape of one image.

    Parameters
    ----------
    sizes : mapping of str to int
        Length of each dimension by the letter of the maker.
    order : str
        The order of T, Z and C.

    Raises
    ------
    Refusal
        If a dimension that is no T, Z, C, Y, X or S is longer than one: nothing is left
        out silently.
    """
    for letter, length in sizes.items():
        if letter not in (*STACK, "Y", "X", "S") and length > 1:
            what = _WORDS.get(letter, f"planes along a dimension {letter!r}")
            raise Refusal(
                f"has {length} {what} ({letter}), which T, Z, C, Y, X and S cannot "
                "name",
                "Split it into files without that dimension.",
            )
    if not sizes.get("Y") or not sizes.get("X"):
        raise Refusal(
            "holds no image: it has no rows and columns of pixels",
            "Export it as images in X and Y.",
        )
    stack = "".join(axis for axis in order if sizes.get(axis, 1) > 1)
    axes = f"{stack}YX" + ("S" if sizes.get("S", 1) > 1 else "")
    return axes, tuple(sizes[axis] for axis in axes)
