"""Chains: deliveries that cause changes that cause deliveries. A webhook to the fake itself would never end (W20).

A change belongs to a chain if it happens in the thread of a delivery to an application in this process, or in a
request whose headers say so, because a delivery came back by HTTP (`schemas.payloads`).
"""

from __future__ import annotations

from threading import local

MOST_CAUSED = 100
ENDED = (
    f"W20: a chain of {MOST_CAUSED} deliveries, each caused by the one before, ends here: a webhook gets no delivery"
)

_here = local()  # not a context variable: applications are called in a context of their own


class caused_by:  # noqa: N801 - used like a function; a generator would cost each request 1 µs more
    """Count what this thread does in the block as caused by so many deliveries; yield notes for the journal."""

    __slots__ = ("_before", "_chain")

    def __init__(self, deliveries: int) -> None:
        self._chain: tuple[int, list[str]] = (deliveries, [])

    def __enter__(self) -> list[str]:
        self._before: tuple[int, list[str]] | None = getattr(_here, "chain", None)
        _here.chain = self._chain
        return self._chain[1]

    def __exit__(self, *exc_info: object) -> None:
        _here.chain = self._before


def deliveries_before() -> int:
    """Return how many deliveries in a row caused what this thread does."""
    chain: tuple[int, list[str]] | None = getattr(_here, "chain", None)
    return 0 if chain is None else chain[0]


def note(text: str) -> None:
    """Add a note to the journal entry of this thread's request."""
    notes_here().append(text)


def notes_here() -> list[str]:
    """Return the notes for the journal entry of this thread's request."""
    chain: tuple[int, list[str]] | None = getattr(_here, "chain", None)
    return [] if chain is None else chain[1]
