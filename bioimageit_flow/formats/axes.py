"""From the axis letters of tifffile to ours, ``TZCYXS``.

tifffile also knows letters for axes that we have no name for (``I`` sequence, ``Q``
other, ``A`` angle, ``P`` position, ``H`` lifetime, ...) and gives ``I`` or ``Q`` to the
planes of a stack that says nothing about them. Here

* an axis of length one is left out, but for Y and X;
* ``E`` (wavelength) is ``C`` where the file has no ``C``;
* one unknown axis is ``Z``, as ImageJ opens an unnamed stack; two are ``T`` and ``Z``,
  three are ``T``, ``Z`` and ``C``, always without the letters that the file uses.
"""

from collections.abc import Sequence

from bioimageit_flow.formats.refusal import Refusal

LETTERS = "TZCYXS"

_FILL_ORDER = "ZTC"
_USUAL_ORDER = "TZC"


def flow_axes(axes: str, shape: Sequence[int]) -> tuple[str, tuple[int, ...]]:
    """Return axes and shape in our letters.

    Parameters
    ----------
    axes : str
        Letters of tifffile, one per dimension.
    shape : sequence of int
        Length of each axis.

    Raises
    ------
    Refusal
        If there is no Y or X, or if there are more axes than letters.
    """
    kept = [
        (letter, length)
        for letter, length in zip(axes, shape, strict=True)
        if length != 1 or letter in "YX"
    ]
    letters = _named([letter for letter, _ in kept])
    if "Y" not in letters or "X" not in letters:
        raise Refusal("holds no image: it has no rows and columns of pixels")
    return "".join(letters), tuple(length for _, length in kept)


def _named(letters: list[str]) -> list[str]:
    used: set[str] = set()
    named: list[str | None] = []
    for letter in letters:
        ours = "C" if letter == "E" and "C" not in letters else letter
        is_known = ours in LETTERS and ours not in used
        named.append(ours if is_known else None)
        used |= {ours} if is_known else set()
    unknown = named.count(None)
    free = [letter for letter in _FILL_ORDER if letter not in used]
    if unknown > len(free):
        raise Refusal(
            f"has the axes {''.join(letters)}, more than T, Z, C, Y, X and S can name",
            "Split it into files with at most five dimensions.",
        )
    fill = iter(sorted(free[:unknown], key=_USUAL_ORDER.index))
    return [next(fill) if letter is None else letter for letter in named]
