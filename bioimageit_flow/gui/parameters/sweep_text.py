"""Sweeps as people write them: ``5, 10, 20``, ``1 to 10 step 0.5``, ``1 to 9 in 5``."""

import re
from typing import Final

from pydantic import ValidationError

from bioimageit_flow.model.parameter import ParameterType
from bioimageit_flow.model.validation import explain
from bioimageit_flow.workflow.document import Sweep, SweepRange, Swept

_NUMBER: Final = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE: Final = re.compile(
    rf"\s*({_NUMBER})\s*(?:to|\.\.|-|à)\s*({_NUMBER})"
    rf"\s*(?:(step|by|in|par|en)\s*({_NUMBER})\s*(log)?)?\s*",
    re.IGNORECASE,
)
_COUNTS: Final = {"in", "en"}
_DEFAULT_COUNT: Final = 5


def sweep_text(sweep: Sweep) -> str:
    """Return a sweep in the words that `read_sweep` reads."""
    if sweep.values is not None:
        return ", ".join(_plain(value) for value in sweep.values)
    found = sweep.range
    assert found is not None
    text = f"{_plain(found.from_)} to {_plain(found.to)}"
    if found.step is not None:
        return f"{text} step {_plain(found.step)}"
    ending = " log" if found.log else ""
    return f"{text} in {found.count}{ending}"


def read_sweep(text: str, type_: ParameterType) -> Swept:
    """Read a sweep.

    Parameters
    ----------
    type_ : ParameterType
        Of the parameter: decides whether ``5`` is a number or a text.

    Raises
    ------
    ValueError
        With a sentence, if the text is neither a list nor a range.
    """
    is_number = type_ in (ParameterType.INT, ParameterType.FLOAT)
    if is_number and (found := _RANGE.fullmatch(text)):
        return _range(found)
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise ValueError("write values with commas between them, such as 5, 10, 20")
    values = tuple(_value(word, type_) for word in words)
    return Swept(sweep=Sweep(values=values))


def _range(found: re.Match[str]) -> Swept:
    first, last = float(found[1]), float(found[2])
    how, number = (found[3] or "in").lower(), float(found[4] or _DEFAULT_COUNT)
    try:
        if how in _COUNTS:
            spacing = SweepRange.model_validate(
                {"from": first, "to": last, "count": int(number), "log": bool(found[5])}
            )
        else:
            spacing = SweepRange.model_validate(
                {"from": first, "to": last, "step": number}
            )
    except ValidationError as error:
        raise ValueError(explain(error)) from error
    return Swept(sweep=Sweep(range=spacing))


def _value(word: str, type_: ParameterType) -> bool | int | float | str:
    match type_:
        case ParameterType.INT | ParameterType.FLOAT:
            try:
                number = float(word)
            except ValueError:
                raise ValueError(f"{word!r} is not a number") from None
            is_whole = number.is_integer() and type_ is ParameterType.INT
            return int(number) if is_whole else number
        case ParameterType.BOOL:
            if word.lower() not in ("true", "false"):
                raise ValueError(f"{word!r} is not true or false")
            return word.lower() == "true"
        case _:
            return word


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
