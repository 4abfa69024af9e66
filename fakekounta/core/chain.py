"""Chains: deliveries that cause changes that cause deliveries. A webhook to the fake itself would never end (W20).

A change belongs to a chain if it happens in the context of a delivery to an application in this process, which threads
and tasks of the application have, too; or in a request whose headers say so, because a delivery came back by HTTP
(`schemas.payloads`).
"""

from __future__ import annotations

from contextvars import Context, ContextVar

MOST_CAUSED = 100
ENDED = (
    f"W20: a chain of {MOST_CAUSED} deliveries, each caused by the one before, ends here: a webhook gets no delivery"
)

_Chain = tuple[int, list[str]]
_here: ContextVar[_Chain | None] = ContextVar("fakekounta chain", default=None)


class caused_by:  # noqa: N801 - used like a function; a generator would cost each request 1 µs more
    """Set how many deliveries in a row caused what happens in the block; yield notes for the journal."""

    __slots__ = ("_chain", "_token")

    def __init__(self, deliveries: int) -> None:
        self._chain: _Chain = (deliveries, [])

    def __enter__(self) -> list[str]:
        self._token = _here.set(self._chain)
        return self._chain[1]

    def __exit__(self, *exc_info: object) -> None:
        _here.reset(self._token)


def new_context() -> Context:
    """Return an empty context for an application in this process; only the chain goes on in it."""
    context, chain = Context(), _here.get()
    if chain is not None:
        context.run(_here.set, chain)
    return context


def deliveries_before() -> int:
    """Return how many deliveries in a row caused what happens here."""
    chain = _here.get()
    return 0 if chain is None else chain[0]


def note(text: str) -> None:
    """Add a note to the journal entry of the request under way."""
    notes_here().append(text)


def notes_here() -> list[str]:
    """Return the notes for the journal entry of the request under way."""
    chain = _here.get()
    return [] if chain is None else chain[1]
