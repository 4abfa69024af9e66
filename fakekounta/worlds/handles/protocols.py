"""Protocols of the handles, for a fake in this process and on a remote server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

from fakekounta.core.customers import Customer

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from fakekounta.settings.keywords import CustomerChanges, NewCustomer

_T = TypeVar("_T")


class KountaCollection(Protocol[_T]):
    """The records of one kind of a company. These methods make no request to the API."""

    def all(self) -> list[_T]:
        """Return all records, in the order of lists."""
        ...

    def get(self, number: int, /) -> _T:
        """Return the record with this id. Raise KeyError if there is none."""
        ...

    def remove(self, number: int, /) -> _T:
        """Delete a record and return it. Raise KeyError if there is none."""
        ...

    def __len__(self) -> int:
        """Return the number of records."""
        ...

    def __iter__(self) -> Iterator[_T]:
        """Iterate over all records, in the order of lists."""
        ...


class KountaCustomers(KountaCollection[Customer], Protocol):
    """The customers of one company. These methods make no request to the API: no credentials, no rate limit."""

    def add(self, *, announce: bool = False, **fields: Unpack[NewCustomer]) -> Customer:
        """Add a new customer and return it.

        `reference_id` is that of the company's first application; `reference_ids` maps client ids to reference ids.

        Args:
            announce: Whether webhooks get a delivery.
            **fields: The fields of a POST (C10), and `id` and `reference_ids`.

        Raises:
            ValueError: A field is wrong; the message names the field and the reason.
        """
        ...

    def change(self, customer_id: int, *, announce: bool = False, **fields: Unpack[CustomerChanges]) -> Customer:
        """Change some fields, those of a PUT, and return the customer.

        Raises:
            KeyError: There is no customer with this id.
            ValueError: A field is wrong; the message names the field and the reason.
        """
        ...

    def remove(self, customer_id: int, /, *, announce: bool = False) -> Customer:
        """Delete a customer and return it. Raise KeyError if there is none."""
        ...


class KountaClock(Protocol):
    """The clock of the fake: token expiry, rate limit, webhook retries, timestamps.

    A moment is an aware datetime, or ISO 8601 text with an offset.
    """

    @property
    def frozen(self) -> bool:
        """Whether the clock is stopped."""

    @property
    def rate(self) -> float:
        """How many seconds the running clock advances in a second of real time."""

    def now(self) -> datetime:
        """Return the time, in UTC."""
        ...

    def freeze(self, at: datetime | str | None = None) -> datetime:
        """Stop the clock, now or at a moment, and return its time. Raise ValueError for a moment without an offset."""
        ...

    def run(self, *, rate: float = 1) -> datetime:
        """Run the clock from its current time at this rate, and return that time. Rate 60 is a minute each second.

        Raises:
            ValueError: The rate is not above 0, or above 1,000,000.
        """
        ...

    def advance(self, *, seconds: float) -> datetime:
        """Move the clock forward, whether it is stopped or runs, and return the new time.

        Raises:
            ValueError: The number is negative, or leads beyond the end of the calendar.
        """
        ...

    def set(self, at: datetime | str) -> datetime:
        """Set the clock to a moment; it stays stopped or running. Raise ValueError as `freeze` does."""
        ...

    def resume(self) -> datetime:
        """Run the clock from its current time, at the rate it had, and return that time."""
        ...
