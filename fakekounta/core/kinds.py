"""Kinds of values of declared fields: the type in JSON, the type in memory, and the conversions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from fakekounta.core.amounts import json_number, rounded
from fakekounta.core.clock import aware, timestamp
from fakekounta.core.values import MOST_WHOLE, is_number, moment, number, one_of, whole

_T = TypeVar("_T")
_ONLY_TEXT = frozenset((str,))


class View(Protocol):
    """What the records of a company show besides their own values."""

    @property
    def zone(self) -> tzinfo:
        """The company's time zone."""

    def with_id_str(self, record: dict[str, Any]) -> dict[str, Any]:
        """Return the record, with `id_str` if its id needs one (T14)."""
        ...

    def referred(self, plural: str, number: int) -> Mapping[str, Any] | None:
        """Return the complete record of a collection with this id, or None."""
        ...


class Kind:
    """The kind of a field's values. A subclass says how such a value is sent in JSON, and how it is stored."""

    sent_as: type = str
    """The Python type of the JSON value."""
    kept_as: type = str
    """The Python type of the stored value."""
    reason = "must be a string"
    """The text of a refusal of a value with another type."""
    annotation = "str"
    """The type of the value in a signature, as a type checker writes it."""
    absent: Any = None
    """The value that is stored if nothing is sent, unless the declaration has `absent`."""

    def accepts(self, value: Any) -> bool:
        """Return whether a JSON value has the right type."""
        return type(value) is self.sent_as and self.fits(value)

    def fits(self, sent: Any) -> bool:  # noqa: ARG002 - for subclasses
        """Return whether the items inside a value of the type `sent_as` have the right types, too."""
        return True

    def read(self, name: str, value: Any) -> Any:
        """Return a single value from settings or a state document. Raise ValueError as the readers of `values` do."""
        if not self.accepts(value):
            raise ValueError(f"{name}: {self.reason}")
        return self.restored(value)

    def document(self, kept: Any) -> Any:
        """Return the JSON value of a stored value; `restored` is the inverse."""
        return kept

    def restored(self, document: Any) -> Any:
        """Return the stored value of a JSON value that `document` returned."""
        return document

    def shown(self, kept: Any, view: View) -> Any:  # noqa: ARG002 - for subclasses
        """Return the value in a complete record of the API, from the stored value."""
        return kept

    def listed(self, kept: Any, view: View) -> Any:
        """Return the value in an abridged list item."""
        return self.shown(kept, view)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


def by_kind(table: Mapping[type[Kind], _T], kind: Kind) -> _T:
    """Return the entry of a table for the class of a kind, or for its nearest base class."""
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

    def __init__(self, least: float = -1e15, most: float = 1e15) -> None:
        self.least: float = least
        self.most: float = most

    def accepts(self, value: Any) -> bool:
        return is_number(value)

    def read(self, name: str, value: Any) -> Any:
        return self.document(number(self.least, self.most)(name, value))

    def document(self, kept: Any) -> Any:
        return round(kept, 6)


class Amount(Number):
    """An amount of money, a rate or a stock: a number with at most six digits after the point, stored as a Decimal."""

    kept_as = Decimal
    annotation = "Decimal | float"

    def __init__(self, least: float = -1e9, most: float = 1e9) -> None:
        super().__init__(least, most)

    def read(self, name: str, value: Any) -> Decimal:
        is_exact = isinstance(value, Decimal) and value.is_finite()
        within = number(self.least, self.most)(name, float(value) if is_exact else value)
        return rounded(value if is_exact else Decimal(repr(within)), "0.000001")

    def document(self, kept: Any) -> Any:
        return None if kept is None else json_number(kept)

    def restored(self, document: Any) -> Decimal | None:
        return None if document is None else Decimal(repr(document))

    def shown(self, kept: Decimal | None, view: View) -> Any:  # noqa: ARG002 - see Kind
        return self.document(kept)


class Moment(Kind):
    """A date and time with an offset (T06)."""

    kept_as = datetime
    reason = "must be an ISO 8601 date and time with an offset"
    annotation = "datetime | str"

    def read(self, name: str, value: Any) -> datetime:
        return moment(name, value)

    def document(self, kept: datetime | None) -> str | None:
        return None if kept is None else kept.isoformat()

    def restored(self, document: str | None) -> datetime | None:
        return None if document is None else aware(document)

    def shown(self, kept: datetime | None, view: View) -> str | None:
        return None if kept is None else timestamp(kept, view.zone)


class Several(Kind):
    """A list of values that are stored as they are sent, in a tuple."""

    sent_as: type = list
    kept_as: type = tuple
    absent: Any = ()

    def document(self, kept: Any) -> list[Any]:
        return list(kept)

    def restored(self, document: Any) -> tuple[Any, ...]:
        return tuple(document)

    def shown(self, kept: Any, view: View) -> list[Any]:  # noqa: ARG002 - see Kind
        return list(kept)


class Texts(Several):
    """A list of texts."""

    reason = "must be an array of strings"
    annotation = "Sequence[str]"

    def fits(self, sent: Any) -> bool:
        return _ONLY_TEXT.issuperset(map(type, sent))


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
    """An object whose values are texts, stored as a tuple of pairs."""

    kept_as = tuple
    absent: Any = ()

    def restored(self, document: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        return tuple(document.items())


class Private(Text):
    """A text of which each application has its own (C11), stored as pairs of client id and text."""

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
