"""Calls of the `callback_uri` of orders: deliveries for which the order itself stands for a webhook (D31)."""

from __future__ import annotations

from typing import Any

from fakekounta.core.orders.order import Order
from fakekounta.core.webhooks import CALLBACK, Webhook


def called_by(before: Any, after: Any, company_id: int) -> Webhook | None:
    """Return what gets a call because a record changed: None unless it is an order with another status (D31)."""
    if not isinstance(before, Order) or not isinstance(after, Order):
        return None
    return stand_in(after, company_id) if after.callback_uri and after.status != before.status else None


def stand_in(order: Order, company_id: int) -> Webhook:
    """Return what stands for a webhook in the calls of an order; it has the id of the order."""
    return Webhook(
        id=order.id,
        company_id=company_id,
        client_id=order.client_id or "",
        topic=CALLBACK,
        address=order.callback_uri or "",
        created_at=order.created_at,
        updated_at=order.updated_at,
        filter={},
        headers={},
    )
