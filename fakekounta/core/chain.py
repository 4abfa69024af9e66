"""Deliveries that are caused by deliveries: a webhook to the fake itself would otherwise go on for ever (W20).

What a delivery causes is recognised by the thread, where the receiver is an application in this process, and by the
headers of the request, where a delivery came back over HTTP (`documents.payloads`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import local

MOST_CAUSED = 100
ENDED = f"W20: a chain of {MOST_CAUSED} deliveries, each caused by the one before, ends here: a webhook is not told"

_here = local()  # not a context variable: applications are called in a context of their own


@contextmanager
def caused_by(deliveries: int) -> Iterator[list[str]]:
    """In it, so many deliveries in a row have caused what happens in this thread; yields what there is to say of it."""
    before = getattr(_here, "chain", None)
    notes: list[str] = []
    _here.chain = (deliveries, notes)
    try:
        yield notes
    finally:
        _here.chain = before


def deliveries_before() -> int:
    """Return how many deliveries in a row have caused what happens in this thread."""
    chain: tuple[int, list[str]] | None = getattr(_here, "chain", None)
    return 0 if chain is None else chain[0]


def note(text: str) -> None:
    """Have the journal say this of the request that is being answered in this thread."""
    notes_here().append(text)


def notes_here() -> list[str]:
    """Return what there is to say of the request that is being answered in this thread."""
    chain: tuple[int, list[str]] | None = getattr(_here, "chain", None)
    return [] if chain is None else chain[1]
