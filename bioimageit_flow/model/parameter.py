"""Parameters of tools: their type, bounds, and the check of a value."""

import math
from enum import StrEnum
from typing import Literal, TypeVar, assert_never

from pydantic import StrictBool, field_validator, model_validator

from bioimageit_flow.model.described import Described

_Number = TypeVar("_Number", int, float)

ParameterValue = bool | int | float | str | list[int | float | str]
"""What a resolved parameter can be."""


class ParameterType(StrEnum):
    """The types a parameter can have."""

    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    CHOICE = "choice"
    TEXT = "text"
    LIST = "list"
    FILE = "file"


class Choice(Described):
    """One value of a choice parameter, with the words shown for it.

    Attributes
    ----------
    value : str
        What the tool is given.
    label : str
        What the editor shows; the value by default.
    """

    value: str
    label: str = ""


class Parameter(Described):
    """One parameter of a tool.

    Attributes
    ----------
    type : ParameterType
        int, float, bool, choice, text, list or file.
    default : bool, int, float, str, list or None
        Its value where the user gives none; only a file may have none.
    label : str
        What the editor writes at it; its name by default.
    unit : str
        Unit of a number, such as ``px`` or ``um``.
    min, max : float or None
        Bounds, both included; of each element for a list of numbers, and of the number
        of characters for a text.
    step : float or None
        What a spin box steps by.
    help : str
        What it does, in a sentence.
    advanced : bool
        Whether the editor hides it at first.
    choices : tuple of Choice
        The values of a choice.
    item : str
        For a list, the type of its elements: int, float or text.
    """

    type: ParameterType
    default: StrictBool | int | float | str | list[int | float | str] | None = None
    label: str = ""
    unit: str = ""
    min: float | None = None
    max: float | None = None
    step: float | None = None
    help: str = ""
    advanced: bool = False
    choices: tuple[Choice, ...] = ()
    item: Literal["int", "float", "text"] = "text"

    @field_validator("min", "max", "step")
    @classmethod
    def _is_finite(cls, value: float | None) -> float | None:
        if value is not None and not math.isfinite(value):
            raise ValueError("a bound must be a finite number; leave it out for none")
        return value

    @model_validator(mode="after")
    def _default_fits(self) -> "Parameter":
        if self.type is ParameterType.CHOICE and not self.choices:
            raise ValueError("a choice needs 'choices'")
        values = [choice.value for choice in self.choices]
        if len(values) != len(set(values)):
            raise ValueError("two of the 'choices' have the same value")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(
                f"'min' {_short(self.min)} is above 'max' {_short(self.max)}"
            )
        if self.step is not None and self.step <= 0:
            raise ValueError("'step' must be above zero")
        if self.default is None:
            if self.type is ParameterType.FILE:
                return self
            raise ValueError("a parameter needs a 'default'")
        try:
            self.check(self.default)
        except ValueError as error:
            raise ValueError(f"its 'default' does not fit: {error}") from error
        return self

    def check(self, value: object) -> ParameterValue:
        """Return a value as this parameter takes it.

        A whole float is taken for an int and an int for a float, since a file or a
        form may spell ``1`` either way.

        Raises
        ------
        ValueError
            With a sentence that says what is expected.
        """
        match self.type:
            case ParameterType.INT:
                return self._within(_whole(value))
            case ParameterType.FLOAT:
                return self._within(_number(value))
            case ParameterType.BOOL:
                if not isinstance(value, bool):
                    raise ValueError(f"{value!r} is not true or false")
                return value
            case ParameterType.CHOICE:
                allowed = [choice.value for choice in self.choices]
                if value not in allowed:
                    names = ", ".join(allowed)
                    raise ValueError(f"{value!r} is not one of {names}")
                return str(value)
            case ParameterType.TEXT:
                return self._of_fitting_length(_text(value))
            case ParameterType.FILE:
                return _text(value)
            case ParameterType.LIST:
                if not isinstance(value, list | tuple):
                    raise ValueError(f"{value!r} is not a list")
                return [self._element(element) for element in value]
        assert_never(self.type)

    def _element(self, value: object) -> int | float | str:
        match self.item:
            case "int":
                return self._within(_whole(value))
            case "float":
                return self._within(_number(value))
            case "text":
                return _text(value)
        assert_never(self.item)

    def _within(self, value: _Number) -> _Number:
        unit = f" {self.unit}" if self.unit else ""
        if self.min is not None and value < self.min:
            raise ValueError(
                f"{value}{unit} is below the smallest value {_short(self.min)}{unit}"
            )
        if self.max is not None and value > self.max:
            raise ValueError(
                f"{value}{unit} is above the largest value {_short(self.max)}{unit}"
            )
        return value

    def _of_fitting_length(self, text: str) -> str:
        if self.min is not None and len(text) < self.min:
            raise ValueError(f"{text!r} is shorter than {_short(self.min)} characters")
        if self.max is not None and len(text) > self.max:
            raise ValueError(f"the text is longer than {_short(self.max)} characters")
        return text


def _short(number: float) -> str:
    return str(int(number)) if number.is_integer() else repr(number)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a text")
    if "\0" in value:
        raise ValueError("a text cannot hold a null character")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{value!r} holds characters that are not Unicode") from None
    return value


def _whole(value: object) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{value!r} is not a whole number")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r} is not a number")
    try:
        number = float(value)
    except OverflowError:
        raise ValueError(f"{value} is too large a number") from None
    if not math.isfinite(number):
        raise ValueError(f"{value} is not a finite number")
    return number
