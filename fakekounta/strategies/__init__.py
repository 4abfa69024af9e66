"""Hypothesis strategies for what the API takes, refuses and answers. They need the extra `hypothesis`.

Every part is a keyword: a strategy to draw it from, or a plain value. `...` stands for what is drawn if nothing is
given, and ABSENT, given or drawn, leaves the field out. What is given is not judged: it is drawn as it is.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fakekounta.strategies.address import addresses
    from fakekounta.strategies.customer import customer_changes, customers, mobile_key, new_customers
    from fakekounta.strategies.parts import ABSENT
    from fakekounta.strategies.refused import RefusedCustomer, refused_customers
    from fakekounta.strategies.texts import emails, mobiles, names, phones, reference_ids, tags
    from fakekounta.strategies.webhook import webhook_filters, webhooks

__all__ = [
    "ABSENT",
    "RefusedCustomer",
    "addresses",
    "customer_changes",
    "customers",
    "emails",
    "mobile_key",
    "mobiles",
    "names",
    "new_customers",
    "phones",
    "reference_ids",
    "refused_customers",
    "tags",
    "webhook_filters",
    "webhooks",
]

_HOMES = {
    "ABSENT": "parts",
    "RefusedCustomer": "refused",
    "addresses": "address",
    "customer_changes": "customer",
    "customers": "customer",
    "emails": "texts",
    "mobile_key": "customer",
    "mobiles": "texts",
    "names": "texts",
    "new_customers": "customer",
    "phones": "texts",
    "reference_ids": "texts",
    "refused_customers": "refused",
    "tags": "texts",
    "webhook_filters": "webhook",
    "webhooks": "webhook",
}


def __getattr__(name: str) -> Any:
    """Return a strategy, loaded when it is first asked for: Hypothesis loads `registration` while it loads itself."""
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
