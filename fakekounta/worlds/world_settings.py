"""The settings of a world as JSON: those that the state keeps, and those that the control surface shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fakekounta.core.deliveries import DISTURBANCES, SCHEDULE
from fakekounta.core.rate_limit import LIMITS
from fakekounta.core.world import World


def _rate_limit(world: World) -> Mapping[str, Any] | None:
    limits = world.requests_per_minute
    return None if limits is None else LIMITS.document(limits)


_WRITERS: Mapping[str, Callable[[World], Any]] = {
    "assumptions": lambda world: world.assumptions.changes(),
    "page_size": lambda world: world.page_size,
    "rate_limit": _rate_limit,
    "open_auth": lambda world: world.open_auth,
    "webhook_mode": lambda world: world.webhook_mode,
    "webhook_schedule": lambda world: SCHEDULE.document(world.outbox.schedule),
    "webhook_disturbances": lambda world: DISTURBANCES.document(world.outbox.disturbances),
    "allow_webhook_hosts": lambda world: sorted(world.allow_webhook_hosts),
}
KEPT = tuple(_WRITERS)
"""The settings that the state keeps under their names."""
SHOWN = tuple(name for name in KEPT if name != "webhook_disturbances")
"""The settings that the control surface shows; disturbances have a call of their own."""


def written_settings(world: World, names: tuple[str, ...] = KEPT) -> dict[str, Any]:
    """Return the values of these settings of a world, ready for JSON and for `Settings.of`."""
    return {name: _WRITERS[name](world) for name in names}
