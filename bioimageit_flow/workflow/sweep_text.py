"""Sweeps as people write them: ``5, 10, 20``, ``1 to 10 step 0.5``, ``1 to 9 in 5``.

Ranges are also read as functions: ``lin(0, 1, 5)``, ``log(1, 100, 3)``, both with how
many values there are, and ``range(0, 10, 2.5)`` with the step.
"""

import re
from typing import Final

from pydantic import ValidationError

from bioimageit_flow.model.parameter import ParameterType
from bioimageit_flow.model.validation import explain
from bioimageit_flow.model.yaml_text import YamlTextError, read_yaml
from bioimageit_flow.workflow.document import Sweep, SweepRange, Swept

_NUMBER: Final = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE: Final = re.compile(
    rf"\s*({_NUMBER})\s*(?:to|\.\.|-|à)\s*({_NUMBER})"
    rf"\s*(?:(step|by|in|par|en)\s*({_NUMBER})\s*(log)?)?\s*",
    re.IGNORECASE,
)
_CALL: Final = re.compile(
    rf"\s*(lin|linspace|log|logspace|range)\s*\(\s*({_NUMBER})\s*,\s*({_NUMBER})"
    rf"\s*(?:,\s*({_NUMBER})\s*)?\)\s*",
    re.IGNORECASE,
)
_NAMES: Final = re.compile(
    r"(?P<values>.*?)"
    r"(?:\s+zip\s+(?P<zip>[\w-]+)|\s+as\s+(?P<key>\"[^\"]+\"|[^\s,\]\"]+))*\s*",
    re.DOTALL,
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
        how, number = (found[3] or "in").lower(), found[4]
        is_count = how in _COUNTS
        return _range(found[1], found[2], number, bool(found[5]), is_count=is_count)
    if is_number and (found := _CALL.fullmatch(text)):
        how = found[1].lower()
        is_log, is_count = how.startswith("log"), how != "range"
        return _range(found[2], found[3], found[4], is_log, is_count=is_count)
    if text.strip().startswith("["):
        return _listed(text.strip())
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise ValueError("write values with commas between them, such as 5, 10, 20")
    values = tuple(_value(word, type_) for word in words)
    return Swept(sweep=Sweep(values=values))


def keep_sweep(text: str, type_: ParameterType) -> Swept:
    """Read a sweep, or keep a text that is none, for the rules to say what is wrong.

    Nothing typed is lost so: `sweep_text` gives the text back.
    """
    try:
        return read_sweep(text, type_)
    except ValueError:
        words = [word.strip() for word in text.split(",")]
        return Swept(sweep=Sweep(values=tuple(_value_or_word(one) for one in words)))


def _value_or_word(word: str) -> int | float | str:
    try:
        number = float(word)
    except ValueError:
        return word
    return (
        int(number) if number.is_integer() and word.lstrip("+-").isdigit() else number
    )


def read_named_sweep(text: str, type_: ParameterType) -> Swept:
    """Read a sweep that may be followed by ``as KEY`` and ``zip NAME``.

    Raises
    ------
    ValueError
        As of `read_sweep`.
    """
    found = _NAMES.fullmatch(text)
    assert found is not None
    swept = read_sweep(found["values"], type_)
    names = {"zip": found["zip"], "key": (found["key"] or "").strip('"')}
    return Swept(sweep=swept.sweep.model_copy(update=names))


def _range(
    first: str, last: str, number: str | None, is_log: bool, *, is_count: bool
) -> Swept:
    fields: dict[str, object] = {"from": float(first), "to": float(last)}
    if is_count:
        count = float(number or _DEFAULT_COUNT)
        fields |= {"count": int(count) if count.is_integer() else count, "log": is_log}
    else:
        fields["step"] = float(number or 1)
    try:
        return Swept(sweep=Sweep(range=SweepRange.model_validate(fields)))
    except ValidationError as error:
        raise ValueError(explain(error)) from error


def _listed(text: str) -> Swept:
    """Read a list as in YAML, whose texts may hold commas."""
    try:
        return Swept.model_validate({"sweep": {"values": read_yaml(text)}})
    except YamlTextError as error:
        raise ValueError(f"{text} is not a list: {error}") from error
    except ValidationError as error:
        raise ValueError(explain(error)) from error


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
