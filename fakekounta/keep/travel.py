"""Tell of earlier states of a file that a server uses: a program of its own, so that the server goes on meanwhile.

`python -m fakekounta.keep.travel change|state|fork FILE POSITION NAMESPACE` prints a JSON document. It ends with exit
code 4 and a line on stdout if there is no such state.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fakekounta.core.clock import system_now
from fakekounta.core.sources import GivenSources
from fakekounta.keep.differences import told
from fakekounta.keep.log import KeepError
from fakekounta.keep.replica import Replica, around, replayed
from fakekounta.keep.sqlite_log import LogReader
from fakekounta.worlds.state import state_of

NOT_THERE = 4
"""The exit code if there is no such state."""


class NotThere(KeepError):
    """Signals that the file has no such state; the message says why."""


class _Then:
    """A namespace at the time of a change."""

    def __init__(self, log: LogReader, position: int, namespace: str) -> None:
        self._log = log
        self._position = position
        self._namespace = namespace
        self._given = GivenSources()
        self._moment = log.moment(position) or system_now()

    def change(self) -> dict[str, Any]:
        """Return the change as a document, with what it changed. Raise KeepError."""
        self._check(max(self._log.first(), 1) + 1)
        before, after = (self._state(replica) for replica in around(self._log, self._given, self._position))
        differences, more = told(before, after)
        return {
            "position": self._position,
            "at": self._moment.isoformat(),
            "differences": differences,
            "more": more,
        }

    def state(self) -> dict[str, Any]:
        """Return the state after the change. Raise KeepError."""
        self._check(max(self._log.first(), 1))
        state = self._state(replayed(self._log, self._given, self._position), whole=True)
        if not state:
            raise NotThere(f"there was no namespace {self._namespace!r} after change {self._position}")
        return state

    def fork(self) -> dict[str, Any]:
        """Return the same state, whose clock runs on from the time that it showed. Raise KeepError."""
        state = self.state()
        clock = state["clock"]
        if not clock["frozen"]:
            clock["offset_seconds"] += (self._moment - system_now()).total_seconds()
        return state

    def _check(self, first: int) -> None:
        """Raise NotThere unless the position is in the file."""
        last = self._log.end()
        if not first <= self._position <= last:
            raise NotThere(f"no change has position {self._position}; the file has those from {first} to {last}")

    def _state(self, replica: Replica, *, whole: bool = False) -> dict[str, Any]:
        world = replica.worlds().get(self._namespace)
        if world is None:
            return {}
        with self._given.change(self._moment, b""):
            return state_of(world, whole=whole)


ASKED: Mapping[str, Callable[[_Then], dict[str, Any]]] = {
    "change": _Then.change,
    "state": _Then.state,
    "fork": _Then.fork,
}
"""What can be asked about a change."""


def answer(asked: str, path: Path, position: int, namespace: str) -> dict[str, Any]:
    """Return the description of a change in a file, or the state after it. Raise KeepError."""
    log = LogReader(path)
    try:
        return ASKED[asked](_Then(log, position, namespace))
    finally:
        log.close()


def main() -> int:
    """Print the answer to the arguments; return the exit code."""
    asked, path, position, namespace = sys.argv[1:]
    try:
        sys.stdout.write(json.dumps(answer(asked, Path(path), int(position), namespace)))
    except KeepError as error:
        sys.stdout.write(str(error))
        return NOT_THERE if isinstance(error, NotThere) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
