"""Kinds of values: what a declared field holds, how it is sent in JSON and how it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from fakekounta.core.clock import aware
from fakekounta.core.values import MOST_WHOLE, moment, one_of, whole

_T = TypeVar("_T")
_ONLY_TEXT = frozenset((str,))


class Kind:
    """What a field holds. A subclass says how such a value is sent in JSON, and how it is kept."""

    sent_as: type = str
    """The Python type of the JSON value."""
    kept_as: type = str
    """The Python type of the value as it is kept."""
    reason = "must be a string"
    """What a refusal says of a value with another type."""
    annotation = "str"
    """The type of the value in a signature."""
    absent: Any = None
    """What is kept where nothing was sent, unless the declaration says otherwise."""

    def fits(self, sent: Any) -> bool:  # noqa: ARG002 - for subclasses
        """Return whether what is inside of a value of the type `sent_as` has the right types too."""
        return True

    def read(self, name: str, value: Any) -> Any:
        """Return a single value out of settings or a state document. Raise ValueError as the readers of `values` do."""
        if type(value) is not self.sent_as or not self.fits(value):
            raise ValueError(f"{name}: {self.reason}")
        return self.restored(value)

    def document(self, kept: Any) -> Any:
        """Return the JSON value that `restored` makes the same value of."""
        return kept

    def restored(self, document: Any) -> Any:
        """Return the value that a JSON value of `document` stands for."""
        return document

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


def by_kind(table: Mapping[type[Kind], _T], kind: Kind) -> _T:
    """Return what a table has for a kind, or for the nearest kind that it is derived from."""
    return next(table[one] for one in type(kind).__mro__ if one in table)


class Text(Kind):
    """A text."""


class Email(Text):
    """An email address."""


class Phone(Text):
    """A telephone number: a text (T07)."""


class Url(Text):
    """The address of a picture or page."""


class Choice(Text):
    """One of some texts."""

    def __init__(self, options: Iterable[str]) -> None:
        self.options: tuple[str, ...] = tuple(options)

    def read(self, name: str, value: Any) -> str:
        return one_of(self.options)(name, value)


class Flag(Kind):
    """True or false."""

    sent_as: type = bool
    kept_as: type = bool
    reason = "must be true or false"
    annotation = "bool"
    absent = False


class Whole(Kind):
    """A whole number."""

    sent_as: type = int
    kept_as: type = int
    reason = "must be a whole number"
    annotation = "int"

    def __init__(self, least: int = 0, most: int = MOST_WHOLE) -> None:
        self.least: int = least
        self.most: int = most

    def read(self, name: str, value: Any) -> int:
        return whole(self.least, self.most)(name, value)


class Number(Kind):
    """A number, written with at most six digits after the point."""

    sent_as: type = float
    kept_as: type = float
    reason = "must be a number"
    annotation = "float"

    def document(self, kept: float) -> float:
        return round(kept, 6)


class Moment(Kind):
    """A date and time with an offset (T06)."""

    kept_as = datetime
    reason = "must be an ISO 8601 date and time with an offset"
    annotation = "datetime"

    def read(self, name: str, value: Any) -> datetime:
        return moment(name, value)

    def document(self, kept: datetime | None) -> str | None:
        return None if kept is None else kept.isoformat()

    def restored(self, document: str | None) -> datetime | None:
        return None if document is None else aware(document)


class Texts(Kind):
    """A list of texts, kept as a tuple."""

    sent_as = list
    kept_as = tuple
    reason = "must be an array of strings"
    annotation = "Sequence[str]"
    absent: Any = ()

    def fits(self, sent: Any) -> bool:
        return _ONLY_TEXT.issuperset(map(type, sent))

    def document(self, kept: Any) -> list[str]:
        return list(kept)

    def restored(self, document: Any) -> tuple[str, ...]:
        return tuple(document)


class Items(Kind):
    """A list of anything."""

    sent_as: type = list
    kept_as: type = list
    reason = "must be an array"
    annotation = "Sequence[Any]"


class TextByName(Kind):
    """An object whose values are texts, such as headers."""

    sent_as: type = dict
    kept_as: type = dict
    reason = "must be an object of strings"
    annotation = "Mapping[str, str]"

    def fits(self, sent: Any) -> bool:
        return _ONLY_TEXT.issuperset(map(type, sent.values()))

    def document(self, kept: Any) -> dict[str, str]:
        return dict(kept)


class Pairs(TextByName):
    """The same, kept as a tuple of pairs."""

    kept_as = tuple
    absent: Any = ()

    def restored(self, document: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        return tuple(document.items())


class Private(Text):
    """A text that each application sets and sees for itself; kept are pairs of client id and text (C11)."""

    kept_as = tuple
    absent: Any = ()

    def document(self, kept: Any) -> dict[str, str]:
        return dict(kept)

    def restored(self, document: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        return tuple(document.items())


class Body(Kind):
    """Bytes in UTF-8, written as a text."""

    kept_as = bytes
    annotation = "bytes"

    def document(self, kept: bytes) -> str:
        return kept.decode("utf-8")

    def restored(self, document: str) -> bytes:
        return document.encode("utf-8")
