"""Keys of annotations: what is declared of them, and which values they take."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bioimageit_flow.model.annotation import check_key, read_value
from bioimageit_flow.model.data import AnnotationValue

_QUANTITY = re.compile(
    r"(?P<number>[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"
    r"\s*(?P<unit>\S.*)?"
)
_TRUE, _FALSE = ("true", "yes"), ("false", "no")
_SHOWN = 8


class KeyType(StrEnum):
    """What the values of a key are."""

    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is declared.

    Attributes
    ----------
    name : str
        As `check_key` takes it.
    unit : str
        Of a number, such as ``µM``; empty where there is none.
    description : str
        A sentence for people.
    choices : tuple of str
        Of a choice: its values.
    """

    name: str
    type: KeyType = KeyType.TEXT
    unit: str = ""
    description: str = ""
    choices: tuple[str, ...] = ()

    def checked(self) -> "Key":
        """Return the declaration with its name trimmed.

        Raises
        ------
        ValueError
            If it contradicts itself: a unit on what is no number, a choice without
            values, values without a choice.
        """
        name = check_key(self.name)
        is_number = self.type in (KeyType.NUMBER, KeyType.INTEGER)
        if self.unit and not is_number:
            raise ValueError(f"the key {name!r} is {self.type} and has no unit")
        is_choice = self.type is KeyType.CHOICE
        if is_choice is not bool(self.choices):
            raise ValueError(
                f"the key {name!r} is a choice and needs values to choose from"
                if is_choice
                else f"the key {name!r} is {self.type} and has no values to choose from"
            )
        if len(set(self.choices)) != len(self.choices) or "" in self.choices:
            raise ValueError(f"the choices of {name!r} must differ and not be empty")
        unit, text = self.unit.strip(), self.description.strip()
        return Key(name, self.type, unit, text, self.choices)

    def read(self, value: object) -> AnnotationValue:
        """Return a value as this key keeps it.

        Parameters
        ----------
        value : object
            A typed text (numbers may bear the unit of the key), or a value of Python.

        Raises
        ------
        ValueError
            If it is none of this key; says why.
        """
        text = value.strip() if isinstance(value, str) else None
        match self.type:
            case KeyType.TEXT:
                return _plain_text(value)
            case KeyType.CHOICE:
                return self._choice(_plain_text(value))
            case KeyType.DATE:
                return self._date(value)
            case KeyType.BOOLEAN:
                if isinstance(value, bool):
                    return value
                if text is not None and text.lower() in (*_TRUE, *_FALSE):
                    return text.lower() in _TRUE
                raise self._refusal(value, "true or false")
            case KeyType.NUMBER | KeyType.INTEGER:
                return self._number(value, text)

    def _number(self, value: object, text: str | None) -> int | float:
        number: object = value
        if text is not None:
            found = _QUANTITY.fullmatch(text)
            if found is None:
                raise self._refusal(value, "a number")
            self._check_unit(value, found["unit"] or "")
            number = _number_of(found["number"])
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise self._refusal(value, "a number")
        if not math.isfinite(number):
            raise self._refusal(value, "a finite number")
        if self.type is KeyType.NUMBER:
            return number
        if number != int(number):
            raise self._refusal(value, "a whole number")
        return int(number)

    def _check_unit(self, value: object, unit: str) -> None:
        if not unit or _same_unit(unit, self.unit):
            return
        wanted = f"in {self.unit}" if self.unit else "a number without a unit"
        raise ValueError(
            f"{value!r} is in {unit}, but the key {self.name!r} is {wanted}"
        )

    def _choice(self, text: str) -> str:
        if text in self.choices:
            return text
        shown = ", ".join(self.choices[:_SHOWN])
        more = ", ..." if len(self.choices) > _SHOWN else ""
        raise ValueError(
            f"{text!r} is no choice of the key {self.name!r}, which has {shown}{more}"
        )

    def _date(self, value: object) -> str:
        if isinstance(value, datetime):
            has_time = value.time() != datetime.min.time() or value.tzinfo is not None
            return value.isoformat() if has_time else value.date().isoformat()
        if isinstance(value, date):
            return value.isoformat()
        text = value.strip() if isinstance(value, str) else ""
        is_iso = re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}($|[T ])", text)
        try:
            if is_iso:
                datetime.fromisoformat(text)
                return text
        except ValueError:
            pass  # refused below, in our words
        raise self._refusal(value, "a date such as 2026-11-22")

    def _refusal(self, value: object, wanted: str) -> ValueError:
        return ValueError(
            f"{value!r} is no value of the key {self.name!r}, which takes {wanted}"
        )

    def as_json(self) -> dict[str, object]:
        """Return the declaration as plain values."""
        return {
            "name": self.name,
            "type": str(self.type),
            "unit": self.unit,
            "description": self.description,
            "choices": list(self.choices),
        }

    @classmethod
    def from_json(cls, facts: Mapping[str, object]) -> "Key":
        """Make it again from what `as_json` returned."""
        choices = facts.get("choices", [])
        assert isinstance(choices, list)
        return cls(
            name=str(facts["name"]),
            type=KeyType(str(facts["type"])),
            unit=str(facts["unit"]),
            description=str(facts["description"]),
            choices=tuple(str(one) for one in choices),
        )


@dataclass(frozen=True, slots=True)
class KeyUse:
    """A key with how it is used.

    Attributes
    ----------
    key : Key or None
        Its declaration; None where it was only used.
    items : int
        How many items have a value of their own.
    texts, numbers, booleans : int
        How many of these values are of each sort.
    """

    name: str
    key: Key | None
    items: int = 0
    texts: int = 0
    numbers: int = 0
    booleans: int = 0

    @property
    def type(self) -> str:
        """The declared type, or what the values are: ``mixed`` where they differ."""
        if self.key is not None:
            return str(self.key.type)
        sorts = {"text": self.texts, "number": self.numbers, "boolean": self.booleans}
        found = [word for word, count in sorts.items() if count]
        return found[0] if len(found) == 1 else "mixed" if found else "text"


class PlainText(str):
    """A text that is meant as text, also where it looks like a number."""

    __slots__ = ()


def read_annotation(key: Key | None, value: object) -> AnnotationValue:
    """Return a value as a key keeps it; as people mean it where none is declared.

    Raises
    ------
    ValueError
        If it is no value of the key, or none at all.
    """
    if key is not None:
        return key.read(value)
    if isinstance(value, PlainText):
        return str(value)
    if isinstance(value, str):
        return read_value(value)
    if isinstance(value, date):
        return Key("date", KeyType.DATE).read(value)
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    raise ValueError(f"{value!r} cannot be the value of an annotation")


def _plain_text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, date):
        return Key("date", KeyType.DATE)._date(value)
    return value.strip() if isinstance(value, str) else str(value)


def _number_of(text: str) -> int | float:
    number = float(text)
    if re.fullmatch(r"[-+]?[0-9]{1,18}", text):
        return int(text)
    return number


def _same_unit(one: str, other: str) -> bool:
    return _plain_unit(one) == _plain_unit(other)


def _plain_unit(unit: str) -> str:
    # The micro sign, the Greek letter, and what keyboards have.
    return unit.strip().replace("\u00b5", "u").replace("\u03bc", "u")
