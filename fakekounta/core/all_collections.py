"""The table of all collections, by name; a collection comes after those whose records its own refer to."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.categories import CATEGORIES
from fakekounta.core.collection import Collection
from fakekounta.core.orders.collection import ORDERS
from fakekounta.core.payment_methods import PAYMENT_METHODS
from fakekounta.core.products import PRODUCTS
from fakekounta.core.registers import REGISTERS
from fakekounta.core.sites import SITES
from fakekounta.core.staff import STAFF
from fakekounta.core.taxes import TAX_GROUPS, TAXES

_ALL = (SITES, STAFF, REGISTERS, TAXES, TAX_GROUPS, PAYMENT_METHODS, CATEGORIES, PRODUCTS, ORDERS)
COLLECTIONS: Mapping[str, Collection[Any]] = MappingProxyType({one.plural: one for one in _ALL})

CUSTOMERS = "customers"
KINDS = frozenset((CUSTOMERS, *COLLECTIONS))
"""The keys of an object with records of several kinds, in a seed."""


def is_of_several_kinds(document: Any) -> bool:
    """Return whether a document of a seed holds records of several kinds, and is not one customer."""
    return isinstance(document, Mapping) and bool(document) and document.keys() <= KINDS


def plural_of(record: Any) -> str:
    """Return the collection of a record; a customer is one of CUSTOMERS."""
    return _PLURALS.get(type(record), CUSTOMERS)


def event_of(topic: str) -> Quirk | None:
    """Return the quirk of a topic of a collection; None for a topic that the fake never announces, and of customers."""
    plural, _, event = topic.partition("/")
    return COLLECTIONS[plural].events.get(event) if plural in COLLECTIONS else None


_PLURALS = {one.resource.cls: plural for plural, one in COLLECTIONS.items()}
