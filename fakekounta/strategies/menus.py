"""What a company sells, as its seed describes it, for the strategies of orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.customers import Customer
from fakekounta.core.errors import Unchangeable
from fakekounta.core.orders.order import Order
from fakekounta.core.orders.premises import Premises
from fakekounta.core.orders.writing import new_order
from fakekounta.core.products import Product
from fakekounta.core.shelf import Shelves
from fakekounta.schemas.collections import record_from
from fakekounta.settings.cafe import cafe

Seed = Mapping[str, Sequence[Mapping[str, Any]]]
"""Arrays of documents by kind, as in a seed file: `{"sites": [...], "products": [...]}`."""

_NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


class Menu:
    """The sites, products, payment methods and customers of a seed, under some assumptions."""

    def __init__(self, seed: Seed, assumptions: Assumptions) -> None:
        shelves = Shelves()
        for plural, collection in COLLECTIONS.items():
            if plural != "orders":
                shelves.add(plural, [record_from(collection, one) for one in seed.get(plural, ())])
        customers = {
            one["id"]: Customer(id=one["id"], first_name="") for one in seed.get("customers", ()) if one.get("id")
        }
        self.assumptions = assumptions
        self.customers: tuple[int, ...] = tuple(customers)
        self.methods: tuple[int, ...] = shelves["payment_methods"].ids()
        self.sites: tuple[int, ...] = shelves["sites"].ids()
        self.premises: Premises = Premises(_NOW, assumptions, shelves, customers.get)

    @property
    def offline(self) -> tuple[int, ...]:
        """The sites whose online ordering is offline."""
        return tuple(one.id for one in self.premises.shelves["sites"].all() if one.online_ordering == "offline")

    @property
    def unprinted(self) -> tuple[int, ...]:
        """The sites whose pass-thru register is offline (D40)."""
        return tuple(one for one in self.sites if not self._prints(one))

    def _prints(self, site: int) -> bool:
        try:
            self.premises.check_printing(site)
        except Unchangeable:
            return False
        return True

    @property
    def products(self) -> tuple[Product, ...]:
        """All products."""
        return tuple(self.premises.shelves["products"].all())

    def at(self, site: Any) -> tuple[int, ...]:
        """Return the products that a site sells and that are available there (D36)."""
        here = ((one, each) for one in self.products for each in one.sites or () if each.id == site)
        return tuple(dict.fromkeys(one.id for one, each in here if each.is_available))

    def follows(self, quirk: Quirk) -> str:
        """Return the choice of an assumption."""
        return self.assumptions[quirk.id]

    def order(self, body: Mapping[str, Any]) -> Order:
        """Return the order that a POST of a body makes. Raise Refusal."""
        return new_order(body, self.premises)


@lru_cache(maxsize=1)
def _ready() -> Seed:
    return cafe()


def menu_of(seed: Seed | None, assumptions: Mapping[str, str] | None) -> Menu:
    """Return the menu of a seed, by default of the café of the setting `cafe`. Raise ValueError."""
    return Menu(_ready() if seed is None else seed, Assumptions(assumptions))
