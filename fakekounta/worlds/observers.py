"""Callbacks for exchanges, deliveries and direct changes, in all namespaces of a fake."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.journal import Entry, QuirkObserver


class Observers:
    """The callbacks of a fake."""

    def __init__(self) -> None:
        self.exchanges: list[Callable[[Entry], None]] = []
        self.deliveries: list[QuirkObserver] = []
        self.direct_changes: list[QuirkObserver] = []

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
