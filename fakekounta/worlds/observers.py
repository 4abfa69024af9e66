"""Callbacks for exchanges, deliveries and direct changes, and the record of attempts, in all namespaces of a fake."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.deliveries import Attempt, Delivery
from fakekounta.core.journal import Entry, QuirkObserver
from fakekounta.core.world import World

if TYPE_CHECKING:
    from fakekounta.worlds.namespace import Namespace


def record_attempt(_: Namespace, world: World, delivery: Delivery, attempt: Attempt, outcome: str) -> None:
    """Record the result of an attempt in the world that it was made for."""
    world.outbox.record_result(delivery, attempt, outcome)


class Observers:
    """The callbacks of a fake."""

    def __init__(self) -> None:
        self.exchanges: list[Callable[[Entry], None]] = []
        self.deliveries: list[QuirkObserver] = []
        self.direct_changes: list[QuirkObserver] = []
        self.replica: str | None = None
        """The name of this process, if others serve the same worlds."""
        self.record_attempt: Callable[[Namespace, World, Delivery, Attempt, str], None] = record_attempt
        """What records the result of each attempt to deliver."""
        self.deliver_elsewhere: Callable[[Namespace], int | None] = lambda _: None
        """Has what is due delivered by another process, and returns the number of attempts; None: by this one."""

    def on_exchange(self, entry: Entry) -> None:
        """Pass on an exchange."""
        for observer in self.exchanges:
            observer(entry)

    def on_delivery(self, quirks: Sequence[Quirk]) -> None:
        """Pass on the quirks that a delivery covered."""
        for observer in self.deliveries:
            observer(quirks)

    def on_direct_change(self, quirks: Sequence[Quirk]) -> None:
        """Pass on the assumptions that a direct change depended on."""
        for observer in self.direct_changes:
            observer(quirks)
