"""The guard: a connection to the real service fails at once, with a message that says what to do."""

from __future__ import annotations

import errno
import ssl
from typing import Any

from fakekounta.process.replaced import Replaced
from fakekounta.wire.interception.hooks import install
from fakekounta.wire.interception.proxies import Bypass, has_proxy


class RealServiceBlocked(ConnectionRefusedError):
    """A test tried to connect to the real service; clients treat this as a refused connection."""

    def __init__(self, name: str, what_to_do: str) -> None:
        super().__init__(errno.ECONNREFUSED, f"{name} is the real service, which tests do not reach: {what_to_do}")


class Guard:
    """Refuses each connection to a real name between `begin` and `end`, and keeps which were `refused` (K09).

    `what_to_do` ends the message. `fake` is the host and port of a proxy that is the fake itself: what goes through
    that never reaches the real service.

    A guard can begin again. After `pause` that takes 7 µs, because the functions of `socket` and `ssl` are still
    replaced, and after `end` 27.
    """

    def __init__(self, what_to_do: str, fake: str | None = None) -> None:
        self.refused: list[str] = []
        self._what_to_do = what_to_do
        self._fake = fake
        self._is_behind_fake = False
        self._replaced: Replaced | None = None
        self._bypass: Bypass | None = None

    def begin(self) -> None:
        """Begin to refuse, with none refused."""
        self.refused = []
        self._is_behind_fake = self._fake is not None and has_proxy(self._fake)
        self._bypass = None if self._is_behind_fake else Bypass()
        if self._replaced is None or not self._replaced.resume():
            self._put_back()  # what other tools have left of it
            self._replaced = install(self)

    def pause(self) -> None:
        """Stop refusing, but leave the functions replaced, which then only call the original ones."""
        if self._replaced is not None:
            self._replaced.pause()
        self._let_proxies()

    def end(self) -> None:
        """Stop refusing; doing it twice is fine."""
        self._put_back()
        self._let_proxies()

    def _put_back(self) -> None:
        if self._replaced is not None:
            self._replaced.put_back()
            self._replaced = None

    def _let_proxies(self) -> None:
        if self._bypass is not None:
            self._bypass.end()
            self._bypass = None

    def _refuse(self, name: str) -> RealServiceBlocked:
        self.refused.append(name)
        return RealServiceBlocked(name, self._what_to_do)

    # --- hooks ---------------------------------------------------------------------------------------------------

    def resolve(self, name: str, *_: Any) -> list[tuple[Any, ...]]:
        """Refuse to resolve."""
        raise self._refuse(name)

    def connect(self, name: str, *_: Any) -> Any:
        """Refuse to connect."""
        raise self._refuse(name)

    def context(self, name: str, _: Any, given: ssl.SSLContext) -> ssl.SSLContext:
        """Refuse TLS on a connection that was made in another way, for example by a proxy."""
        if self._is_behind_fake:
            return given
        raise self._refuse(name)
