"""An in-memory fake of the Kounta point-of-sale REST API.

The public names are resolved when they are first used, so that importing this package, as the pytest plugin does in
every test session, costs almost nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from fakekounta.process import unpatched as _unpatched  # noqa: F401 - keeps clock and sockets before a test replaces them

if TYPE_CHECKING:
    from fakekounta.catalogue.assumptions import Assumptions
    from fakekounta.catalogue.quirks import Basis, Quirk
    from fakekounta.core.applications import Application
    from fakekounta.core.categories import Category
    from fakekounta.core.company import CompanyProfile
    from fakekounta.core.customers import Address, Customer
    from fakekounta.core.fault_book import FaultRule
    from fakekounta.core.journal import Entry
    from fakekounta.core.orders.order import Order
    from fakekounta.core.payment_methods import PaymentMethod
    from fakekounta.core.products import Product
    from fakekounta.core.rate_limit import RequestsPerMinute
    from fakekounta.core.registers import Register
    from fakekounta.core.sites import Site
    from fakekounta.core.staff import StaffMember
    from fakekounta.core.taxes import Tax, TaxGroup
    from fakekounta.core.webhooks import Webhook
    from fakekounta.kounta import FakeKounta, intercept
    from fakekounta.receiver import Receiver
    from fakekounta.wire.clients.cut import Cut
    from fakekounta.worlds.protocol import Kounta

__version__ = "0.2.0"

__all__ = [
    "Address",
    "Application",
    "Assumptions",
    "Basis",
    "Category",
    "CompanyProfile",
    "Customer",
    "Cut",
    "Entry",
    "FakeKounta",
    "FaultRule",
    "Kounta",
    "Order",
    "PaymentMethod",
    "Product",
    "Quirk",
    "Receiver",
    "Register",
    "RequestsPerMinute",
    "Site",
    "StaffMember",
    "Tax",
    "TaxGroup",
    "Webhook",
    "__version__",
    "intercept",
]

_HOMES = {
    "Address": "fakekounta.core.customers",
    "Application": "fakekounta.core.applications",
    "Assumptions": "fakekounta.catalogue.assumptions",
    "Basis": "fakekounta.catalogue.quirks",
    "Category": "fakekounta.core.categories",
    "CompanyProfile": "fakekounta.core.company",
    "Customer": "fakekounta.core.customers",
    "Cut": "fakekounta.wire.clients.cut",
    "Entry": "fakekounta.core.journal",
    "FakeKounta": "fakekounta.kounta",
    "FaultRule": "fakekounta.core.fault_book",
    "Kounta": "fakekounta.worlds.protocol",
    "Order": "fakekounta.core.orders.order",
    "PaymentMethod": "fakekounta.core.payment_methods",
    "Product": "fakekounta.core.products",
    "Quirk": "fakekounta.catalogue.quirks",
    "Receiver": "fakekounta.receiver",
    "Register": "fakekounta.core.registers",
    "RequestsPerMinute": "fakekounta.core.rate_limit",
    "Site": "fakekounta.core.sites",
    "StaffMember": "fakekounta.core.staff",
    "Tax": "fakekounta.core.taxes",
    "TaxGroup": "fakekounta.core.taxes",
    "Webhook": "fakekounta.core.webhooks",
    "intercept": "fakekounta.kounta",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    registration = sys.modules.get("fakekounta.strategies.registration")
    if registration is not None:  # Hypothesis is there, and has loaded it
        registration.register()
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
