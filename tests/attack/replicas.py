"""Attack replicas that share a Redis server: kills, cut connections, lost answers, a server that hangs or dies."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from time import monotonic

from tests.attack.figures import Figure, none_of
from tests.attack.history import MAIN, SECONDS, STALE, STALE_BAR
from tests.commands import environment
from tests.histories import Histories
from tests.linearizable import violations
from tests.replicas.server import Server, Way, free_port, way_to

_REPLICAS = 3
_CLIENTS = 5
_ROUND_SECONDS = 20.0
_PAUSE_SECONDS = 1.0
_LONGEST_STOP_SECONDS = 4.0  # longer than the lease of the replica that delivers


class _Replica:
    """A replica in a process of its own, with its own way to the server."""

    def __init__(self, way: Way, planted: str) -> None:
        self.way = way
        self.port = free_port()
        self._planted = planted
        self.start()

    def start(self) -> None:
        """Start it, and return once it serves, or has ended because it could not reach the server."""
        arguments = ["serve", "--port", str(self.port), "--quiet", "--keep", self.way.url]
        self.process = subprocess.Popen(
            [sys.executable, "-c", self._planted + MAIN, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment({}),
        )
        assert self.process.stdout is not None
        self.process.stdout.readline()

    def kill(self) -> None:
        """Kill it."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


class _Disturber:
    """Does one bad thing after the other, and makes it good again."""

    def __init__(self, server: Server, replicas: list[_Replica], seed: int) -> None:
        self._server = server
        self._replicas = replicas
        self._random = random.Random(seed)
        self.count = 0

    def __call__(self, stop: Event) -> None:
        acts: list[Callable[[Event], None]] = [self._kill, self._cut, self._lose, self._stop, self._hang, self._restart]
        while not stop.wait(_PAUSE_SECONDS * self._random.random()):
            self._random.choice(acts)(stop)
            self.count += 1
        for one in self._replicas:
            one.way.mend()

    def _one(self) -> _Replica:
        return self._random.choice(self._replicas)

    def _kill(self, _: Event) -> None:
        one = self._one()
        one.kill()
        one.start()

    def _cut(self, stop: Event) -> None:
        way = self._one().way
        way.cut()
        stop.wait(2 * self._random.random())
        way.mend()

    def _lose(self, _: Event) -> None:
        self._one().way.loses_answer_to = b"once:"

    def _stop(self, stop: Event) -> None:
        one = self._one()
        one.process.send_signal(signal.SIGSTOP)
        stop.wait(_LONGEST_STOP_SECONDS * self._random.random())
        one.process.send_signal(signal.SIGCONT)

    def _hang(self, stop: Event) -> None:
        self._server.send(signal.SIGSTOP)
        stop.wait(self._random.random())
        self._server.send(signal.SIGCONT)

    def _restart(self, _: Event) -> None:
        self._server.stop()
        self._server.start()


def figures(scale: float) -> Iterator[Figure]:
    """Yield what no order explains under disturbances, and how soon a stale read is found that was planted."""
    found: list[str] = []
    requests = acts = seed = 0
    deadline = monotonic() + SECONDS * scale
    while monotonic() < deadline:
        seed += 1
        bad, count, disturbed = _history(seed, _ROUND_SECONDS, is_disturbed=True)
        found += bad
        requests += count
        acts += disturbed
    yield none_of("customers whose history no order explains, on Redis", found, requests)
    yield Figure(name="kills, cuts, stops and restarts meanwhile", value=acts, unit="")
    begun = monotonic()
    planted: list[str] = []
    while not planted and monotonic() < begun + STALE_BAR:
        seed += 1
        planted = _history(seed, 3.0, STALE)[0]
    yield Figure(
        name="a planted stale read is found on Redis after", value=monotonic() - begun, unit="s", bar=STALE_BAR
    )


def _history(seed: int, seconds: float, planted: str = "", *, is_disturbed: bool = False) -> tuple[list[str], int, int]:
    """Return the violations in a history, its number of operations, and the number of disturbances."""
    with _serving(planted) as (server, replicas):
        disturber = _Disturber(server, replicas, seed)
        history = Histories([one.port for one in replicas], seed)
        history.run(_CLIENTS, seconds, 100_000, disturber if is_disturbed else lambda _: None)
        return [*violations(history.operations)], len(history.operations), disturber.count


@contextmanager
def _serving(planted: str) -> Iterator[tuple[Server, list[_Replica]]]:
    """Yield a server, and replicas that share it."""
    with TemporaryDirectory() as folder, ExitStack() as ends:
        server = Server(Path(folder))
        server.start()
        ends.callback(server.stop)
        replicas = []
        for _ in range(_REPLICAS):
            one = _Replica(ends.enter_context(way_to(server)), planted)
            ends.callback(one.kill)
            replicas.append(one)
        yield server, replicas
