"""`OrderActs`: what a test does to orders in place of the POS, here and at a remote server."""

from __future__ import annotations

from typing import Any, Protocol

from fakekounta.core.orders.order import Order


class OrderActs(Protocol):
    """What a test does to orders in place of the POS. Each raises KeyError for an unknown id."""

    def ring_up(self, **fields: Any) -> Order:
        """Add a PENDING order as a register does, and return it: lists have it at once.

        `fields` are those of a POST of the API, such as `site_id` and `lines`, with `register_id` and
        `staff_member_id`.

        Raises:
            ValueError: A field is wrong; the message names the field and the reason.
        """
        ...

    def accept(self, number: int, /) -> Order:
        """Accept a SUBMITTED order and return it. Raise ValueError for another status."""
        ...

    def reject(self, number: int, /) -> Order:
        """Reject a SUBMITTED order and return it. Raise ValueError for another status."""
        ...

    def pay(self, number: int, /, **fields: Any) -> Order:
        """Pay what is open, or an `amount`, and return the order; `tip`, `ref` and `method_id` may be given.

        Raises:
            ValueError: The order takes no payment, or a field is wrong.
        """
        ...

    def complete(self, number: int, /) -> Order:
        """Complete an order and return it; what is open is paid in cash. Raise ValueError for a terminal order."""
        ...

    def delete(self, number: int, /) -> Order:
        """Delete an order at the POS and return it; it stays, as DELETED. Raise ValueError if it is deleted already."""
        ...
