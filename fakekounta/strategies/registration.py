"""What Hypothesis loads with itself, by its entry point: our public types work with `st.from_type`.

Everybody who has us installed pays for this module with each `import hypothesis`, so nothing is imported here. A type
can only be registered once its class is there; so the hook registers what has been imported before, and the package
calls it again whenever one of its public names is first asked for.
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
    "fakekounta.core.rate_limit": ("RequestsPerMinute",),
    "fakekounta.core.webhooks": ("Webhook",),
}
_registered: set[str] = set()


def register() -> None:
    """Make known those of our types whose modules have been imported."""
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
