"""Hypothesis strategies for what the API takes, refuses and answers. They need the extra `hypothesis`.

Every part is a keyword: a strategy to draw it from, or a plain value. `...` stands for what is drawn if nothing is
given, and ABSENT, given or drawn, leaves the field out. What is given is not judged: it is drawn as it is.
"""

from __future__ import annotations

try:
    from fakekounta.strategies.addresses import addresses
    from fakekounta.strategies.customers import customer_changes, customers, mobile_key, new_customers
    from fakekounta.strategies.parts import ABSENT
    from fakekounta.strategies.refused import RefusedCustomer, refused_customers
    from fakekounta.strategies.texts import emails, mobiles, names, phones, reference_ids, tags
    from fakekounta.strategies.webhooks import webhook_filters, webhooks
except ModuleNotFoundError as error:
    if error.name != "hypothesis":
        raise
    raise ImportError(
        "fakekounta.strategies needs hypothesis: pip install 'fakekounta[hypothesis]'", name="hypothesis"
    ) from error

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
