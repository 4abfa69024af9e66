"""The same fake twice: in this process, and connected over a socket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fakekounta import FakeKounta

IN_PROCESS, CONNECTED = "in-process", "connected"
KINDS = (IN_PROCESS, CONNECTED)


@contextmanager
def held(kind: str, server: FakeKounta, **settings: Any) -> Iterator[Any]:
    """Yield an empty fake with these settings, of the requested kind."""
    if kind == IN_PROCESS:
        with server.fresh(**settings) as kounta:
            yield kounta
    else:
        with FakeKounta.connect(server.url) as remote, remote.fresh(**settings) as kounta:
            yield kounta
