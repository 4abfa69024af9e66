"""Control calls for what the POS does to orders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask import Response

from fakekounta.control.calls import CallRefused, answer, body, in_namespace
from fakekounta.control.companies import COMPANY, company_of_query
from fakekounta.control.described import takes
from fakekounta.control.records import of_known
from fakekounta.core.orders.order import ORDER, Order
from fakekounta.core.orders.pos import ACTS
from fakekounta.worlds.handles.orders import OrdersHandle


def _handle(company: Any) -> OrdersHandle:
    handle: OrdersHandle = company.collection("orders")
    return handle


def _fields() -> dict[str, Any]:
    sent = body()
    if not isinstance(sent, dict):
        raise CallRefused("order: must be an object")
    return sent


@takes(query=COMPANY, body="RungUpOrder", answers="Order", status=201, refusals=(404,))
def ring_up_order() -> Response:
    """Add an order as a register does; lists have it at once."""
    sent = _fields()
    order: Order = in_namespace(lambda here: _handle(company_of_query(here)).ring_up_document(sent))
    return answer(ORDER.document(order), 201)


def _view(name: str) -> Callable[..., Response]:
    @takes(query=COMPANY, body="OrderPayment" if name == "pay" else None, answers="Order", refusals=(404,))
    def view(order_id: str) -> Response:
        sent = _fields() if name == "pay" else {}
        order = of_known("order", order_id, lambda company, number: _handle(company).act(name, number, sent))
        return answer(ORDER.document(order))

    view.__name__ = f"{name}_order"
    view.__doc__ = _DOCS[name]
    return view


_DOCS = {
    "accept": "Accept a SUBMITTED order.",
    "reject": "Reject a SUBMITTED order.",
    "pay": "Pay what is open of an order, or an `amount`.",
    "complete": "Complete an order; what is open is paid in cash.",
    "delete": "Delete an order at the POS; it stays, as DELETED.",
}


def routes() -> Iterator[tuple[str, str, Callable[..., Response]]]:
    """Yield rule, method and view of each call."""
    yield "/ring_up", "POST", ring_up_order
    for name in ACTS:
        yield f"/orders/<order_id>/{name}", "POST", _view(name)
