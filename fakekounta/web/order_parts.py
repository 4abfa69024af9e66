"""`/v1/companies/{company_id}/orders/{order_id}/lines` and `/payments`: the parts of an order."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from flask import Blueprint, Response, request

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.errors import NotFound
from fakekounta.core.order_desk import OrderDesk
from fakekounta.core.orders.bodies import LINE_SENT, PAYMENT_CHANGES, PAYMENT_SENT
from fakekounta.core.orders.order import LINE, Order
from fakekounta.core.orders.sent import Sent
from fakekounta.core.resources import Shape
from fakekounta.schemas.parsing import parse_json
from fakekounta.web.answers import empty_answer
from fakekounta.web.body import json_object, sent_fields, sent_object
from fakekounta.web.exchange import Exchange, current, record_id
from fakekounta.web.negotiation import check_content_type
from fakekounta.web.orders import changed_order, created_order, order_number
from fakekounta.web.paging import page_answer

blueprint: Blueprint = Blueprint("order_parts", __name__, url_prefix="/v1/companies/<company_id>/orders/<order_id>")


class _Part(NamedTuple):
    """How a part of an order is changed: by which quirk, with which fields, by which use case."""

    quirk: Quirk
    fields: Shape
    change: Callable[[OrderDesk, int, int, Sent], Order]


_LINE = _Part(Quirk.D33_CHANGED_LINES, LINE_SENT, OrderDesk.change_line)
_PAYMENT = _Part(Quirk.M03_CHANGED_PAYMENT, PAYMENT_CHANGES, OrderDesk.change_payment)


def _changed(company_id: str, order_id: str, number: str, part: _Part) -> Response:
    """Change a part of an order as the body says."""
    exchange = current()
    company = exchange.company(company_id)
    sent = sent_fields(exchange, part.fields)
    order = part.change(OrderDesk(company), order_number(order_id), record_id(number, part.quirk), sent)
    exchange.covers(part.quirk)
    return changed_order(exchange, company, order)


# --- lines -------------------------------------------------------------------------------------------------------


@blueprint.get("/lines")
def list_lines(company_id: str, order_id: str) -> Response:
    """Return the lines of an order (D33)."""
    exchange = current()
    company = exchange.company(company_id)
    lines, view = OrderDesk(company).get(order_number(order_id)).lines, exchange.view(company)
    exchange.covers(Quirk.D12_LINES, Quirk.D33_CHANGED_LINES)
    return page_answer(
        exchange, lambda start, stop: (list(lines[start:stop]), len(lines)), lambda one: LINE.seen(one, view)
    )


@blueprint.post("/lines")
def create_lines(company_id: str, order_id: str) -> Response:
    """Add a line, or an array of lines: 201 with the Location of the first of them (D32)."""
    exchange = current()
    company = exchange.company(company_id)
    check_content_type(exchange)
    body = parse_json(request.get_data(cache=True))
    several = isinstance(body, list)
    bodies = body if several else [json_object()]
    sent = [sent_object(exchange, LINE_SENT, one, f"{at}." if several else "") for at, one in enumerate(bodies)]
    order = OrderDesk(company).add_lines(order_number(order_id), sent, several=several)
    exchange.covers(Quirk.D32_NEW_LINES, Quirk.D12_LINES)
    first = (sent[0].get("number") if sent else None) or max(len(order.lines) - len(sent) + 1, 1)
    return created_order(exchange, company, order, f"/lines/{first}")


@blueprint.put("/lines/<line_number>")
def change_line(company_id: str, order_id: str, line_number: str) -> Response:
    """Change a line of an order (D33)."""
    return _changed(company_id, order_id, line_number, _LINE)


@blueprint.delete("/lines/<line_number>")
def delete_line(company_id: str, order_id: str, line_number: str) -> Response:
    """Remove a line of an order: 204 (D33)."""
    company = current().company(company_id)
    OrderDesk(company).remove_line(order_number(order_id), record_id(line_number, Quirk.D33_CHANGED_LINES))
    current().covers(Quirk.D33_CHANGED_LINES)
    return empty_answer(204)


# --- payments ----------------------------------------------------------------------------------------------------


@blueprint.post("/payments")
def create_payment(company_id: str, order_id: str) -> Response:
    """Add a payment: 201 with a Location that serves PUT only (M01)."""
    exchange = current()
    company = exchange.company(company_id)
    sent = sent_fields(exchange, PAYMENT_SENT)
    order = OrderDesk(company).pay(exchange.client_id, order_number(order_id), sent)
    exchange.covers(Quirk.M01_NEW_PAYMENT)
    return created_order(exchange, company, order, f"/payments/{len(order.payments)}")


@blueprint.put("/payments/<payment_number>")
def change_payment(company_id: str, order_id: str, payment_number: str) -> Response:
    """Change reference or tip of a payment; amounts never change (M03)."""
    return _changed(company_id, order_id, payment_number, _PAYMENT)


NO_PAYMENTS = NotFound(Quirk.M24_GET_OF_PAYMENTS, "Not Found: payments are read in the order")
"""The refusal of a GET of payments, where it is 404."""


def hides(exchange: Exchange) -> bool:
    """Return whether a wrong method of a path is 404, because the path is that of payments."""
    if not exchange.path.endswith("/payments"):
        return False
    return exchange.world.assumptions.choice(Quirk.M24_GET_OF_PAYMENTS) == "404"
