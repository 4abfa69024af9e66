"""What a world takes from outside: the moment of each change, and its entropy. All else follows from the changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from threading import local
from types import TracebackType
from typing import NamedTuple

from fakekounta.core.clock import system_now
from fakekounta.core.tokens import new_token

_TOKEN_LETTERS = 40


class Sources(NamedTuple):
    """Functions that return the current time, in UTC, and a new token."""

    now: Callable[[], datetime] = system_now
    token: Callable[[], str] = new_token


SYSTEM = Sources()
"""The machine's time, and tokens that nobody can guess."""


class _Here(local):
    moment: datetime | None = None
    entropy: bytes = b""
    tokens: int = 0


class GivenSources:
    """Sources that give each change a moment and entropy of its own, so that the same changes give the same state.

    In a block of `change`, in the thread that entered it, `now` returns the given moment and tokens follow from the
    given entropy. Elsewhere both are the machine's.
    """

    def __init__(self) -> None:
        self._here = _Here()
        self.sources: Sources = Sources(self._now, self._token)

    def change(self, moment: datetime, entropy: bytes) -> _Change:
        """Return a block in which this thread makes one change."""
        return _Change(self._here, moment, entropy)

    def _now(self) -> datetime:
        moment = self._here.moment
        return system_now() if moment is None else moment

    def _token(self) -> str:
        here = self._here
        if here.moment is None:
            return new_token()
        here.tokens += 1
        return sha256(b"%b/%d" % (here.entropy, here.tokens)).hexdigest()[:_TOKEN_LETTERS]


class _Change:
    __slots__ = ("_entropy", "_here", "_moment")

    def __init__(self, here: _Here, moment: datetime, entropy: bytes) -> None:
        self._here = here
        self._moment = moment
        self._entropy = entropy

    def __enter__(self) -> None:
        self._here.moment, self._here.entropy, self._here.tokens = self._moment, self._entropy, 0

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._here.moment = None
