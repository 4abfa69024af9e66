"""Who is told of what happens in a fake."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.journal import Entry


class Observers:
    """Who is told of what happens in any namespace of a fake."""

    def __init__(self) -> None:
        self.exchanges: list[Callable[[Entry], None]] = []
        self.beside: list[Callable[[Sequence[Quirk], bool], None]] = []

    def tell(self, entry: Entry) -> None:
        """Of an exchange."""
        for observer in self.exchanges:
            observer(entry)

    def tell_beside(self, quirks: Sequence[Quirk], is_delivery: bool) -> None:  # noqa: FBT001 - a callback
        """Of quirks that were met outside an exchange."""
        for observer in self.beside:
            observer(quirks, is_delivery)
