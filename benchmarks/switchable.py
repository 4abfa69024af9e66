"""A fake whose journal and counts of quirks are switched on by SIGUSR1 and off by SIGUSR2."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from fakekounta import FakeKounta
from fakekounta.web import exchange
from fakekounta.web.exchange import Exchange


class Bare:
    """An exchange that is not recorded."""

    __slots__ = ("at", "client_id", "method", "notes", "path", "query", "quirks")

    def __init__(self, *, method: str, path: str, query: str, at: object) -> None:
        self.method, self.path, self.query, self.at = method, path, query, at


def nothing(*_: Any) -> None:
    """Do nothing."""


def switch(number: int, _: object) -> None:
    """Switch both on or off."""
    for name, part in ON.items():
        setattr(Exchange, name, part if number == signal.SIGUSR1 else nothing)
    exchange.Entry = ENTRY if number == signal.SIGUSR1 else Bare  # type: ignore[misc,assignment]


ON = {"covers": Exchange.covers, "answered": Exchange.answered}
ENTRY = exchange.Entry


def main() -> None:
    """Write the process id to a file, and serve on a port until the process is killed."""
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, switch)
    kounta = FakeKounta(port=int(sys.argv[1]))
    Path(sys.argv[2]).write_text(str(os.getpid()), encoding="ascii")
    kounta.start()
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
