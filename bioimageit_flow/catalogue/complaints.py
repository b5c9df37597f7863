"""What is wrong with a descriptor, in sentences that name the key and the remedy."""

from collections.abc import Callable, Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bioimageit_flow.model.described import NAME, PORT, VERSION

_PATTERNS = {
    f"^{NAME}$": "lower-case letters, digits and single dashes",
    f"^{NAME}/{NAME}$": "'toolbox/name' in lower-case letters, digits, single dashes",
    f"^{VERSION}$": "a version number such as '1.0.0'",
    f"^{PORT}$": "lower-case letters, digits and '_', beginning with a letter",
    r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$": "'module:function'",
    r"^[a-z0-9][A-Za-z0-9._:/-]*$": "the name of an image without its tag",
    r"^\w[\w.-]{0,127}$": "the tag of an image: letters, digits, '_', '-' and '.'",
    r"^([a-z0-9]+:[0-9a-f]{32,})?$": "a digest such as 'sha256:...'",
}

_EXPECTED: Mapping[str, Callable[[Mapping[str, object]], str]] = {
    "string_pattern_mismatch": lambda facts: _PATTERNS.get(
        str(facts["pattern"]), f"a text like {facts['pattern']}"
    ),
    "literal_error": lambda facts: f"{facts['expected']}",
    "enum": lambda facts: f"{facts['expected']}",
    "string_type": lambda _: "a text (write it in quotes)",
    "string_too_short": lambda _: "a text that is not empty",
    "bool_type": lambda _: "true or false",
    "bool_parsing": lambda _: "true or false",
    "int_type": lambda _: "a whole number",
    "int_parsing": lambda _: "a whole number",
    "int_from_float": lambda _: "a whole number",
    "float_type": lambda _: "a number",
    "float_parsing": lambda _: "a number",
    "list_type": lambda _: "a list",
    "tuple_type": lambda _: "a list",
    "dict_type": lambda _: "keys with values",
    "model_type": lambda _: "keys with values",
    "model_attributes_type": lambda _: "keys with values",
    "greater_than_equal": lambda facts: f"at least {facts['ge']}",
    "less_than_equal": lambda facts: f"at most {facts['le']}",
    "too_short": lambda facts: f"at least {facts['min_length']}",
}


def complaints(error: ValidationError, data: object) -> list[str]:
    """Return one sentence for each key that is wrong, without a full stop.

    Parameters
    ----------
    error : ValidationError
        What pydantic says.
    data : object
        What it was given: paths into it are told apart from names of types.

    Returns
    -------
    list of str
        Such as ``'parameters.sigma.type' is 'number'; expected 'int' or 'float'``.
    """
    by_path: dict[str, list[ErrorDetails]] = {}
    for details in error.errors(include_url=False):
        path = _path(details["loc"], data, is_missing=details["type"] == "missing")
        by_path.setdefault(path, []).append(details)
    return [_sentence(path, found) for path, found in by_path.items()]


def _path(loc: tuple[str | int, ...], data: object, *, is_missing: bool) -> str:
    text = ""
    for step in loc[:-1] if is_missing else loc:
        if isinstance(data, dict) and step in data:
            text += f".{step}" if text else str(step)
            data = data[step]
        elif isinstance(data, list) and isinstance(step, int):
            text += f"[{step + 1}]"
            data = data[step]
    if is_missing:
        text += f".{loc[-1]}" if text else str(loc[-1])
    return text


def _sentence(path: str, found: list[ErrorDetails]) -> str:
    where = repr(path) if path else ""
    first = found[0]
    if first["type"] == "missing":
        return f"{where} is missing"
    if first["loc"] and first["loc"][-1] == "[key]":
        return f"{where} is not a name; expected {_expected(first)}"
    if first["type"] == "value_error":
        text = str(first.get("ctx", {}).get("error", first["msg"]))
        return f"{where}: {text}" if where else text
    expected = " or ".join(dict.fromkeys(_expected(details) for details in found))
    return f"{where} is {_shown(first['input'])}; expected {expected}"


def _expected(details: ErrorDetails) -> str:
    if words := _EXPECTED.get(details["type"]):
        return words(details.get("ctx", {}))
    return details["msg"].removeprefix("Input should be ").removeprefix("a valid ")


def _shown(value: object) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return str(value).lower()
        case dict():
            return "a group of keys" if value else "empty"
        case list():
            return "a list" if value else "an empty list"
        case str() if len(value) > 60:
            return repr(value[:57] + "...")
        case _:
            return repr(value)
