"""Computed keys of records: those that no field stores, and the view of a company that they are computed from."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, NamedTuple, Protocol

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.kinds import Kind, View, Whole
from fakekounta.core.records import Record


class CompanyView(View, Protocol):
    """What the records of a company show besides their own values."""

    @property
    def company_id(self) -> int:
        """The id of the company."""

    @property
    def now(self) -> str:
        """The current time with the company's offset (T06)."""

    def customer(self, customer_id: int, /) -> Any:
        """Return the customer with this id, or None."""
        ...

    def choice(self, quirk: Quirk, /) -> str:
        """Return the choice of an assumption, and record that it was asked."""
        ...

    def counted(self, plural: str, scope: str, record: Any) -> Record:
        """Return the count of a collection: of those in this record of the collection `scope`, if it has that scope."""
        ...

    def with_key(self, plural: str, name: str, key: Hashable) -> list[Any]:
        """Return the records of a collection with this key in an index of `keyed`."""
        ...

    def stored(self, plural: str, numbers: Iterable[int]) -> list[Any]:
        """Return the records of a collection with these ids, without those that do not exist."""
        ...


class Computed(NamedTuple):
    """A key of the record that no field stores.

    Attributes:
        kind: The kind of its value.
        value: The value as JSON shows it, as a function of the record and the view; LEFT_OUT for no such key.
        in_record: Whether the complete record has it.
        in_list: Whether list items have it.
        nullable: Whether it may be null.
        optional: Whether it may be LEFT_OUT.

    """

    kind: Kind
    value: Callable[[Any, Any], Any]
    in_record: bool = True
    in_list: bool = False
    nullable: bool = False
    optional: bool = False


LEFT_OUT: Any = object()
"""The value of a computed key that the record lacks."""
COMPANY_ID = Computed(Whole(1), lambda _, view: view.company_id)
"""The id of the record's company."""
