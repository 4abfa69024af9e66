"""The entropy of changes."""

from __future__ import annotations

from secrets import token_bytes

from fakekounta.process.forks import reset_in_children

BYTES = 16
"""The size of the entropy of one change."""
_AT_ONCE = 256


class Entropy:
    """Random bytes for one change after the other, of the system, which is asked for many at once."""

    def __init__(self) -> None:
        self._left: list[bytes] = []
        reset_in_children(self)

    def reset_after_fork(self) -> None:
        """Begin anew in a forked child, which must not have the same."""
        self._left = []

    def next(self) -> bytes:
        """Return the entropy of one more change. Callers take turns."""
        if not self._left:
            drawn = token_bytes(BYTES * _AT_ONCE)
            self._left = [drawn[at : at + BYTES] for at in range(0, len(drawn), BYTES)]
        return self._left.pop()
