"""Register our public types for `st.from_type`. Hypothesis imports this module by its entry point.

Each `import hypothesis` on a machine with fakekounta runs this module, so it imports nothing. A type can be registered
only after its class was imported. So the entry point registers the types of modules that are imported already, and the
package calls `register` again when one of its public names is first read.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

TYPES: Mapping[str, tuple[str, ...]] = {
    "fakekounta.catalogue.assumptions": ("Assumptions",),
    "fakekounta.core.applications": ("Application",),
    "fakekounta.core.company": ("CompanyProfile",),
    "fakekounta.core.customers": ("Address", "Customer"),
    "fakekounta.core.categories": ("Category",),
    "fakekounta.core.orders.order": ("Order",),
    "fakekounta.core.payment_methods": ("PaymentMethod",),
    "fakekounta.core.products": ("Product",),
    "fakekounta.core.rate_limit": ("RequestsPerMinute",),
    "fakekounta.core.registers": ("Register",),
    "fakekounta.core.sites": ("Site",),
    "fakekounta.core.staff": ("StaffMember",),
    "fakekounta.core.taxes": ("Tax", "TaxGroup"),
    "fakekounta.core.webhooks": ("Webhook",),
}
_registered: set[str] = set()


def register() -> None:
    """Register those of our types whose modules have been imported."""
    for module, names in TYPES.items():
        loaded = sys.modules.get(module)
        if loaded is not None and module not in _registered and all(hasattr(loaded, name) for name in names):
            _registered.add(module)
            from hypothesis.strategies import register_type_strategy  # noqa: PLC0415 - see above

            for name in names:
                register_type_strategy(getattr(loaded, name), _drawn)


def _drawn(kind: type[Any]) -> Any:
    from fakekounta.strategies.values import values_of  # noqa: PLC0415 - see above

    return values_of(kind)
