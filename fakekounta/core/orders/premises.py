"""What the rules for writing orders look up in a company: products with their prices, methods, customers, the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.customers import Customer
from fakekounta.core.errors import BadField, Unchangeable, UnknownInBody
from fakekounta.core.orders.order import COMPLETE, ON_HOLD, PENDING, ZERO, LineTax, Named, Order
from fakekounta.core.products import Product


class Offer(NamedTuple):
    """A product as a site sells it; the price is without tax."""

    product: Named
    unit_price: Decimal = ZERO
    taxes: tuple[LineTax, ...] = ()


class Premises(NamedTuple):
    """A company at one moment, as the rules for orders see it."""

    now: datetime
    assumptions: Assumptions
    shelves: Mapping[str, Any]
    customer: Callable[[int], Customer | None]
    client_id: str | None = None
    """The application that asks; None is the POS."""

    def offer(self, field: str, number: int, site_id: int | None) -> Offer:
        """Return the product with this id. Raise UnknownInBody."""
        product: Product = self.found("products", "product", field, number)
        if site_id is not None and not any(one.id == site_id and one.is_available for one in product.sites or ()):
            raise BadField(Quirk.D36_NOT_AT_SITE, field, f"Product #{number} is not available at that site.")
        return _offer(self.shelves, product, site_id)

    def check_stock(self, order: Order) -> None:
        """Raise Unchangeable if the site has less of a product than an order that is ON_HOLD or later (D35)."""
        if order.status not in (ON_HOLD, PENDING, COMPLETE):
            return
        for number, quantity in _quantities(order).items():
            product: Product | None = self.shelves["products"].get(number)
            here = () if product is None or not product.is_inventoried else product.sites or ()
            if any(one.id == order.site_id and one.stock < quantity for one in here):
                raise Unchangeable(Quirk.D35_OUT_OF_STOCK, f"Product ({number}) is out of stock.")

    def method(self, field: str, number: int) -> Named:
        """Return the payment method with this id. Raise UnknownInBody."""
        found = self.found("payment_methods", "payment method", field, number)
        return Named(id=number, name=found.name)

    def own_method(self) -> Named | None:
        """Return the payment method that the application is itself, if it is one (M01)."""
        owned = (one for one in self.shelves["payment_methods"].all() if one.client_id is not None)
        return next((Named(id=one.id, name=one.name) for one in owned if one.client_id == self.client_id), None)

    def check_site(self, number: int) -> None:
        """Raise UnknownInBody if no site has this id, and BadField if it is offline and D66 chooses so."""
        site = self.found("sites", "site", "site_id", number)
        if site.online_ordering == "offline" and self.assumptions.choice(Quirk.D66_SITE_OFFLINE) == "refused":
            raise BadField(Quirk.D66_SITE_OFFLINE, "site_id", "the online ordering of this site is offline")

    def check_printing(self, site_id: int) -> None:
        """Raise Unchangeable if the pass-thru register of a site is offline (D40)."""
        name = self.shelves["sites"].get(site_id).pass_thru_printing_register
        for one in self.shelves["registers"].all() if name else ():
            if (one.site_id, one.name, one.assigned_to_device) == (site_id, name, False):
                raise Unchangeable(Quirk.D40_PASS_THRU_OFFLINE, f"Pass-thru register {name} ({one.id}) is offline.")

    def check_customer(self, number: int) -> None:
        """Raise UnknownInBody if no customer has this id."""
        if self.customer(number) is None:
            raise unknown_in_body("customer_id", f"there is no customer {number}")

    def found(self, plural: str, name: str, field: str, number: int) -> Any:
        """Return the record with this id. Raise UnknownInBody."""
        record = self.shelves[plural].get(number)
        if record is None:
            raise unknown_in_body(field, f"there is no {name} {number}")
        return record


def unknown_in_body(field: str, reason: str) -> UnknownInBody:
    """Return the refusal of the id of something that is not there (D55)."""
    return UnknownInBody(Quirk.D55_UNKNOWN_IN_BODY, field, reason)


def _quantities(order: Order) -> dict[int, Decimal]:
    """Return how much of each product an order has, in all its lines."""
    wanted: dict[int, Decimal] = {}
    for line in order.lines:
        wanted[line.product.id] = wanted.get(line.product.id, ZERO) + line.quantity
    return wanted


def _offer(shelves: Mapping[str, Any], product: Product, site_id: int | None) -> Offer:
    here = product if site_id is None else product.at(site_id)
    taxes = (shelves["taxes"].get(number) for number in product.tax_ids)
    return Offer(
        Named(id=product.id, name=product.name),
        ZERO if here.unit_price is None else here.unit_price,
        tuple(LineTax(id=one.id, name=one.name, rate=one.rate) for one in taxes if one is not None),
    )
