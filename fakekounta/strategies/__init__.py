"""Hypothesis strategies for the bodies that the API accepts and refuses, and for its records.

They need the extra `hypothesis`. Each keyword of a strategy is a part, given as a strategy or a plain value. `...`
stands for the default, and ABSENT, given or drawn, leaves the field out. A given part is not validated.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fakekounta.strategies.address import addresses
    from fakekounta.strategies.cafe import cafes
    from fakekounta.strategies.collections import new_records
    from fakekounta.strategies.customer import customer_changes, customers, mobile_key, new_customers
    from fakekounta.strategies.order import new_orders
    from fakekounta.strategies.parts import ABSENT
    from fakekounta.strategies.refused import RefusedCustomer, refused_customers
    from fakekounta.strategies.refused_order import RefusedOrder, refused_orders
    from fakekounta.strategies.texts import emails, mobiles, names, phones, reference_ids, tags
    from fakekounta.strategies.webhook import webhook_filters, webhooks

__all__ = [
    "ABSENT",
    "RefusedCustomer",
    "RefusedOrder",
    "addresses",
    "cafes",
    "customer_changes",
    "customers",
    "emails",
    "mobile_key",
    "mobiles",
    "names",
    "new_customers",
    "new_orders",
    "new_records",
    "phones",
    "reference_ids",
    "refused_customers",
    "refused_orders",
    "tags",
    "webhook_filters",
    "webhooks",
]

_HOMES = {
    "ABSENT": "parts",
    "RefusedCustomer": "refused",
    "RefusedOrder": "refused_order",
    "addresses": "address",
    "cafes": "cafe",
    "customer_changes": "customer",
    "customers": "customer",
    "emails": "texts",
    "mobile_key": "customer",
    "mobiles": "texts",
    "names": "texts",
    "new_customers": "customer",
    "new_orders": "order",
    "new_records": "collections",
    "phones": "texts",
    "reference_ids": "texts",
    "refused_customers": "refused",
    "refused_orders": "refused_order",
    "tags": "texts",
    "webhook_filters": "webhook",
    "webhooks": "webhook",
}


def __getattr__(name: str) -> Any:
    """Return a strategy. Its module is imported here, because Hypothesis imports this package while it is imported."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        raise ImportError(
            "fakekounta.strategies needs hypothesis: pip install 'fakekounta[hypothesis]'", name="hypothesis"
        ) from error
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
