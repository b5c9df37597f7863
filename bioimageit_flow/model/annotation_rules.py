"""Rules that give annotations: by hand, from names and from folders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import ClassVar, Protocol

from bioimageit_flow.errors import DataError
from bioimageit_flow.model.annotation import check_key
from bioimageit_flow.model.chosen import ItemName
from bioimageit_flow.model.data import DataInfo
from bioimageit_flow.model.naming import split_name
from bioimageit_flow.model.pattern import Pattern, PatternError

Values = Mapping[str, object]

_NAMES_MISFIT = ("name does not fit", "names do not fit")

_REMEMBERED = 5_000
"""How many different values a rule remembers; names say the same ones many times."""


class Rule(Protocol):
    """Says which annotations an item gets."""

    @property
    def words(self) -> str:
        """What it does, in words, for the record of the change."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that it may set."""

    @property
    def misfit(self) -> tuple[str, str]:
        """What is said of one item that nothing fits, and of several."""

    @property
    def reads_info(self) -> bool:
        """Whether it needs to know what the header of the file says."""

    def values(self, item: ItemName, info: DataInfo | None) -> Values | None:
        """Return what an item gets as typed texts or values; None if nothing fits."""

    def left_over(self) -> Sequence[str]:
        """Return what no item took, in words, once all items were seen."""

    def shared(self) -> Sequence[str]:
        """Return what several items took, in words, once all items were seen."""


class _Shared:
    """Gives the same object for the same values, so that they are worked out once."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = tuple(keys)
        self._known: dict[tuple[str | None, ...], Values] = {}

    def __call__(self, parts: tuple[str | None, ...]) -> Values:
        """Return the values of the keys that have one."""
        found = self._known.get(parts)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            pairs = zip(self._keys, parts, strict=True)
            found = {key: part for key, part in pairs if part is not None}
            self._known[parts] = found
        return found


@dataclass(slots=True)
class ByHand:
    """The same values for every item; None takes a key away."""

    given: Values
    reads_info: bool = False
    misfit: ClassVar = ("item does not fit", "items do not fit")

    def __post_init__(self) -> None:
        for key in self.given:
            checked_key(key)

    @property
    def words(self) -> str:
        """What it does, in words."""
        return "by hand"

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that it may set."""
        return tuple(self.given)

    def values(self, _item: ItemName, _info: DataInfo | None) -> Values | None:
        """Return what an item gets."""
        return self.given

    def left_over(self) -> Sequence[str]:
        """Return nothing."""
        return ()

    def shared(self) -> Sequence[str]:
        """Return nothing."""
        return ()


@dataclass(slots=True)
class FromName:
    """Named groups of a regular expression, in the name or else the path of import.

    Parameters
    ----------
    expression : str
        Such as ``(?P<condition>[a-z]+)_(?P<n>[0-9]+)``.

    Raises
    ------
    DataError
        If it is no expression, or has no named group.
    """

    expression: str
    reads_info: bool = False
    misfit: ClassVar = _NAMES_MISFIT
    _pattern: Pattern = field(init=False)
    _shared: _Shared = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            self._pattern = Pattern(self.expression)
        except PatternError as error:
            raise DataError(
                f"{_sentence(error)} (at character {error.position + 1}).",
                remedy="Write it as in Python, such as '(?P<well>[A-H][0-9]+)_'.",
            ) from error
        if not self._pattern.groups:
            raise DataError(
                f"The expression '{self.expression}' has no named group and gives no "
                "annotation.",
                remedy="Name what you want, such as '(?P<condition>[a-z]+)'.",
            )
        for key in self._pattern.groups:
            checked_key(key)
        self._shared = _Shared(self._pattern.groups)

    @property
    def words(self) -> str:
        """What it does, in words."""
        return f"from names by {self.expression}"

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that it may set."""
        return self._pattern.groups

    def values(self, item: ItemName, _info: DataInfo | None) -> Values | None:
        """Return what an item gets."""
        try:
            found = self._pattern.parts(item.name)
            if found is None and item.source:
                found = self._pattern.parts(posix(item.source))
        except PatternError as error:
            raise DataError(
                f"{_sentence(error)}; nothing was set.",
                remedy="Write it without repetitions inside repetitions.",
            ) from error
        return None if found is None else self._shared(found)

    def left_over(self) -> Sequence[str]:
        """Return nothing."""
        return ()

    def shared(self) -> Sequence[str]:
        """Return nothing."""
        return ()


@dataclass(slots=True)
class BySeparator:
    """Parts of the name, without its extension, between separators.

    Parameters
    ----------
    separator : str
        Such as ``_``.
    names : sequence of str
        The key of each part in order; an empty one, or ``-``, passes a part over.

    Raises
    ------
    DataError
        If there is no separator or no key, or a key comes twice.
    """

    separator: str
    names: Sequence[str]
    reads_info: bool = False
    misfit: ClassVar = _NAMES_MISFIT
    _shared: _Shared = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.names = [_key_or_none(name) for name in self.names]
        self._shared = _Shared(self.keys)
        if not self.separator or not self.keys:
            raise DataError(
                "A separator and at least one key are needed.",
                remedy="Give for example '_' and the keys 'condition,-,n'.",
            )
        check_distinct(self.keys)

    @property
    def words(self) -> str:
        """What it does, in words."""
        shown = ",".join(name or "-" for name in self.names)
        return f"from names between {self.separator!r}: {shown}"

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that it may set."""
        return tuple(name for name in self.names if name)

    def values(self, item: ItemName, _info: DataInfo | None) -> Values | None:
        """Return what an item gets; None where the name has another number of parts."""
        parts = split_name(item.name)[0].split(self.separator)
        if len(parts) != len(self.names):
            return None
        found = zip(self.names, parts, strict=True)
        return self._shared(tuple([part or None for name, part in found if name]))

    def left_over(self) -> Sequence[str]:
        """Return nothing."""
        return ()

    def shared(self) -> Sequence[str]:
        """Return nothing."""
        return ()


@dataclass(slots=True)
class FromFolders:
    """Names of the folders that a file was imported from.

    Parameters
    ----------
    names : sequence of str
        The key of each folder, the last for the folder that the file lay in; an empty
        one, or ``-``, passes a folder over.
    """

    names: Sequence[str]
    reads_info: bool = False
    misfit: ClassVar = (
        "item was imported from fewer folders",
        "items were imported from fewer folders",
    )
    _shared: _Shared = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.names = [_key_or_none(name) for name in self.names]
        self._shared = _Shared(self.keys)
        if not self.keys:
            raise DataError(
                "At least one key is needed.",
                remedy="Give for example 'patient,condition'.",
            )
        check_distinct(self.keys)

    @property
    def words(self) -> str:
        """What it does, in words."""
        return f"from folders: {'/'.join(name or '-' for name in self.names)}"

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that it may set."""
        return tuple(name for name in self.names if name)

    def values(self, item: ItemName, _info: DataInfo | None) -> Values | None:
        """Return what an item gets; None where the path is shorter."""
        folders = PurePosixPath(posix(item.source)).parts[:-1]
        if len(folders) < len(self.names):
            return None
        found = zip(self.names, folders[-len(self.names) :], strict=True)
        return self._shared(tuple([folder for name, folder in found if name]))

    def left_over(self) -> Sequence[str]:
        """Return nothing."""
        return ()

    def shared(self) -> Sequence[str]:
        """Return nothing."""
        return ()


def posix(path: str) -> str:
    """Return a path with forward slashes."""
    return path.replace("\\", "/")


def _sentence(error: PatternError) -> str:
    text = str(error)
    return text[0].upper() + text[1:]


def checked_key(key: str) -> str:
    """Return a key without white space around it; `DataError` if it is none."""
    try:
        return check_key(key)
    except ValueError as error:
        raise DataError(f"{error}.", remedy="Choose another key.") from error


def _key_or_none(name: str) -> str:
    return "" if name.strip() in ("", "-") else checked_key(name)


def check_distinct(keys: Sequence[str]) -> None:
    """Refuse keys that come twice; `DataError`."""
    twice = [key for key in keys if keys.count(key) > 1]
    if twice:
        raise DataError(
            f"The key {twice[0]!r} is given twice.", remedy="Use each key once."
        )
