"""Check a history of concurrent operations: is there one order, within their times, that explains every response?

The search is that of Wing and Gong, with the states that were seen remembered. It is made for each customer on its own,
because a history is linearizable if that of each object is. A list is a read of every customer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

CREATE, CHANGE, DELETE, READ = "create", "change", "delete", "read"
NEVER = float("inf")


class Operation(NamedTuple):
    """One operation on one customer.

    Attributes:
        key: What identifies the customer.
        kind: One of the kinds above.
        value: What was written or read; None if there was no such customer.
        begun: When the request was sent.
        ended: When the response was there; NEVER without one, so that it may have been made at any time, or not at all.

    """

    key: str
    kind: str
    value: str | None
    begun: float
    ended: float

    def after(self, state: str | None) -> str | None:
        """Return the state after it. Raise ValueError if the response is impossible in this state."""
        is_possible = self.value == state if self.kind == READ else (state is None) == (self.kind == CREATE)
        if is_possible:
            return state if self.kind == READ else self.value
        if self.ended == NEVER:  # it was refused, or not made
            return state
        raise ValueError(f"{self.kind} {self.value} of {self.key}, which was {state}")


def violations(history: Iterable[Operation]) -> Iterator[str]:
    """Yield a line for each customer whose operations no order explains."""
    by_key: defaultdict[str, list[Operation]] = defaultdict(list)
    for one in history:
        by_key[one.key].append(one)
    for key, operations in by_key.items():
        stuck = _stuck(sorted(operations, key=lambda one: one.begun))
        if stuck is not None:
            yield f"{key}: no order explains {stuck}"


def _stuck(operations: Sequence[Operation]) -> Operation | None:
    """Return the operation that no order reaches, or None if one explains all; these are sorted by their begin."""
    wanted = sum(1 << place for place, one in enumerate(operations) if one.ended != NEVER)
    seen: set[tuple[int, str | None]] = {(0, None)}
    stack: list[tuple[int, str | None]] = [(0, None)]
    furthest = 0
    while stack:
        done, state = stack.pop()
        if done & wanted == wanted:
            return None
        furthest = max(furthest, done & wanted, key=int.bit_count)
        for place in _next(operations, done):
            try:
                later = done | 1 << place, operations[place].after(state)
            except ValueError:
                continue
            if later not in seen:
                seen.add(later)
                stack.append(later)
    return min((operations[place] for place in _places(wanted & ~furthest)), key=lambda one: one.ended)


def _next(operations: Sequence[Operation], done: int) -> Iterator[int]:
    """Yield the places of those that may be made next: none that is left has ended before they began."""
    first_end = NEVER
    begun: list[int] = []
    for place, one in enumerate(operations):
        if one.begun > first_end:
            break
        if not done >> place & 1:
            begun.append(place)
            first_end = min(first_end, one.ended)
    return (place for place in begun if operations[place].begun <= first_end)


def _places(bits: int) -> Iterator[int]:
    return (place for place in range(bits.bit_length()) if bits >> place & 1)
