"""Exceptions of the handles, and the check of the names of fields."""

from __future__ import annotations

from collections.abc import Iterable

from fakekounta.catalogue.names import known_are


class Clash(ValueError):
    """Signals that a valid value contradicts the world's data; the control surface responds with 409."""


SHOWN = 10
"""How many of those that there are a message names."""


class Missing(KeyError):
    """Signals that there is none with this key; the message says which ones there are, the first of `total`."""

    def __init__(self, what: str, key: object, there: Iterable[object], total: int | None = None) -> None:
        super().__init__(key)
        self._what, self._there = what, [*there]
        self._total = len(self._there) if total is None else total

    def __str__(self) -> str:
        first = ", ".join(map(repr, self._there[:SHOWN]))
        more = f" and {self._total - SHOWN:,} more" if self._total > SHOWN else ""
        return f"there is no {self._what} {self.args[0]!r}; there {'are none' if not first else f'are {first}{more}'}"


def refuse_unknown(fields: Iterable[object], known: Iterable[str], what: str) -> None:
    """Raise ValueError for a field that no request, and so no test, can set."""
    names = [*known]
    for name in fields:
        if name not in names:
            raise ValueError(f"{name}: is not a field of {what}; {known_are(name, names)}")
