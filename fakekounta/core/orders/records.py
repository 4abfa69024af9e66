"""What the record of an order has besides its fields: the customer, option sets, and ids of payments."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.computed import COMPANY_ID, LEFT_OUT, CompanyView, Computed
from fakekounta.core.fields import declared
from fakekounta.core.kinds import Amount, Email, Flag, Text, Url, Whole
from fakekounta.core.orders.order import LINE_TAX, OPTION_SET, PAYMENT, ZERO, LineTax, OptionSet, Order, Payment
from fakekounta.core.resources import Nested, Parts, Resource
from fakekounta.process.dataclass import dataclass

_MANY, _MOST_PAYMENTS = 10**9, 1_000  # the id of a payment is computed from the order's


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """The customer of an order, as it is now."""

    id: int = declared(Whole(1), required=True)
    first_name: str = declared(Text(), absent="")
    last_name: str = declared(Text(), absent="")
    email: str | None = declared(Email())
    image: str | None = declared(Url())


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionProduct:
    """A product of an order that has option sets (D14)."""

    product_id: int = declared(Whole(1), required=True)
    name: str = declared(Text(), absent="")
    unit_price: Decimal = declared(Amount(), absent=ZERO)
    unit_tax: Decimal = declared(Amount(), absent=ZERO)
    taxes: tuple[LineTax, ...] = declared(Parts(LINE_TAX))
    line_number: int = declared(Whole(1), required=True)
    option_sets: tuple[OptionSet, ...] = declared(Parts(OPTION_SET))


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedPayment(Payment):
    """A payment with an id, which is the same in every response."""

    id: int = declared(Whole(1), required=True)


_BUYER = Nested(Resource("buyer", Buyer))
_OPTIONS = Parts(Resource("option_product", OptionProduct))
_PAYMENTS = Parts(Resource("numbered_payment", NumberedPayment))


def _customer(order: Order, view: CompanyView) -> Any:
    found = None if order.customer_id is None else view.customer(order.customer_id)
    if found is not None:
        return _BUYER.shown(found, view)
    return LEFT_OUT if view.choice(Quirk.D15_NO_CUSTOMER) == "absent" else None


def _options(order: Order, view: CompanyView) -> Any:
    made = [
        OptionProduct(
            product_id=line.product.id,
            name=line.product.name,
            unit_price=line.unit_price,
            unit_tax=line.unit_tax,
            taxes=line.taxes,
            line_number=line.number,
            option_sets=line.option_sets,
        )
        for line in order.lines
        if line.option_sets
    ]
    return _OPTIONS.shown(made, view)


def _payments(order: Order, view: CompanyView) -> Any:
    first = order.id % _MANY * _MOST_PAYMENTS
    return [{"id": first + one.number, **PAYMENT.seen(one, view)} for one in order.payments]


COMPUTED = {
    "company_id": COMPANY_ID,
    "customer": Computed(_BUYER, _customer, nullable=True, optional=True),
    "options": Computed(_OPTIONS, _options),
    "payments": Computed(_PAYMENTS, _payments),
    "is_refund": Computed(Flag(), lambda order, _: order.refunded_order_id is not None, in_record=False, in_list=True),
}


def stored(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return an order of the API with what is computed in the fields that store it. Raise ValueError.

    Its customer becomes an id, its options are put into their lines, and its payments lose their ids. A value of
    another form is left as it is.
    """
    document = dict(record)
    customer = document.get("customer")
    if isinstance(customer, Mapping) and "id" in customer:
        number = customer["id"]
        if document.setdefault("customer_id", number) != number:
            raise ValueError("customer: contradicts customer_id")
    if isinstance(document.get("payments"), list):
        document["payments"] = [_without_id(one) for one in document["payments"]]
    options, lines = document.get("options"), document.get("lines")
    if options and isinstance(options, list) and isinstance(lines, list):
        document["lines"] = _with_options(lines, options)
    return document


def _without_id(payment: Any) -> Any:
    return {key: one for key, one in payment.items() if key != "id"} if isinstance(payment, Mapping) else payment


def _with_options(lines: list[Any], options: list[Any]) -> list[Any]:
    """Return the lines, each with the option sets of the options that name its number."""
    chosen = {one["line_number"]: one.get("option_sets") for one in options if _has_whole(one, "line_number")}
    return [
        {**one, "option_sets": chosen[one["number"]]} if _has_whole(one, "number") and one["number"] in chosen else one
        for one in lines
    ]


def _has_whole(document: Any, key: str) -> bool:
    return isinstance(document, Mapping) and type(document.get(key)) is int
