"""Parameters of tools: their type, bounds, and the check of a value."""

import math
from enum import StrEnum
from typing import Literal, TypeVar, assert_never

from pydantic import BaseModel, ConfigDict, StrictBool, model_validator

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


class Choice(BaseModel):
    """One value of a choice parameter, with the words shown for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: str
    label: str = ""


class Parameter(BaseModel):
    """One parameter of a tool.

    Attributes
    ----------
    unit : str
        Unit of a number, such as ``px`` or ``um``.
    min, max : float or None
        Bounds, both included; of each element for a list, and of the number of
        characters for a text.
    step : float or None
        What a spin box steps by.
    item : str
        For a list, the type of its elements.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

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

    @model_validator(mode="after")
    def _default_fits(self) -> "Parameter":
        if self.type is ParameterType.CHOICE and not self.choices:
            raise ValueError("a choice needs 'choices'")
        if self.default is None:
            if self.type is ParameterType.FILE:
                return self
            raise ValueError("a parameter needs a 'default'")
        self.check(self.default)
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
            case ParameterType.TEXT | ParameterType.FILE:
                if not isinstance(value, str):
                    raise ValueError(f"{value!r} is not a text")
                if "\0" in value:
                    raise ValueError("a text cannot hold a null character")
                return value
            case ParameterType.LIST:
                if not isinstance(value, list | tuple):
                    raise ValueError(f"{value!r} is not a list")
                return [self._element(element) for element in value]
        assert_never(self.type)

    def _element(self, value: object) -> int | float | str:
        if self.item == "int":
            return self._within(_whole(value))
        if self.item == "float":
            return self._within(_number(value))
        if not isinstance(value, str):
            raise ValueError(f"{value!r} is not a text")
        return value

    def _within(self, value: _Number) -> _Number:
        unit = f" {self.unit}" if self.unit else ""
        if self.min is not None and value < self.min:
            raise ValueError(
                f"{value}{unit} is below the smallest value {self.min:g}{unit}"
            )
        if self.max is not None and value > self.max:
            raise ValueError(
                f"{value}{unit} is above the largest value {self.max:g}{unit}"
            )
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
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a finite number")
    return float(value)
