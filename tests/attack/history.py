"""Attack the one order of all requests: clients of several processes, some of which are killed all the time."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event
from time import monotonic

from tests.attack.figures import Figure, none_of
from tests.commands import environment, url_in
from tests.histories import Histories, workers_of
from tests.linearizable import violations

SECONDS = 600.0
_ROUND_SECONDS = 6.0
_CLIENTS = 5
_KILLED_EVERY = 0.7
STALE_BAR = 60.0
MAIN = "from fakekounta.cli.main import main; main(prog_name='fakekounta')"
STALE = "import fakekounta.keep.worker as w; w.WorkerKounta.follow = lambda self: None; "


def figures(scale: float) -> Iterator[Figure]:
    """Yield what no order explains with kills, and how soon a stale read is found that was planted."""
    found, requests, kills = _killed(SECONDS * scale)
    yield none_of("customers whose history no order explains, with workers killed", found, requests)
    yield Figure(name="workers killed meanwhile", value=kills, unit="")
    begun = monotonic()
    planted: list[str] = []
    with _serving(STALE) as (_, port):
        seed = 0
        while not planted and monotonic() < begun + STALE_BAR:
            seed += 1
            planted = _history(port, seed, 3.0)[0]
    yield Figure(name="a planted stale read is found after", value=monotonic() - begun, unit="s", bar=STALE_BAR)


def _killed(seconds: float) -> tuple[list[str], int, int]:
    found: list[str] = []
    requests = kills = seed = 0
    deadline = monotonic() + seconds
    while monotonic() < deadline:
        seed += 1
        with _serving() as (process, port):
            killer = _Killer(process.pid, seed)
            bad, count = _history(port, seed, _ROUND_SECONDS, killer)
            found += bad
            requests += count
            kills += killer.kills
    return found, requests, kills


class _Killer:
    """Kills one worker after the other."""

    def __init__(self, pid: int, seed: int) -> None:
        self._pid = pid
        self._random = random.Random(seed)
        self.kills = 0

    def __call__(self, stop: Event) -> None:
        while not stop.wait(_KILLED_EVERY * self._random.random()):
            workers = [*workers_of(self._pid)]
            if len(workers) > 1:
                with suppress(ProcessLookupError):
                    os.kill(self._random.choice(workers), signal.SIGKILL)
                    self.kills += 1


def _history(port: int, seed: int, seconds: float, beside: _Killer | None = None) -> tuple[list[str], int]:
    """Return the violations in a history, and its number of operations."""
    history = Histories([port], seed)
    history.run(_CLIENTS, seconds, 10_000, beside or (lambda _: None))
    return [*violations(history.operations)], len(history.operations)


@contextmanager
def _serving(planted: str = "") -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Yield a server with three workers, perhaps with a planted bug, and its port."""
    process = subprocess.Popen(
        [sys.executable, "-c", planted + MAIN, "serve", "--port", "0", "--quiet", "--workers", "3"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment({}),
    )
    assert process.stdout is not None
    try:
        yield process, int(url_in(process.stdout.readline()).rpartition(":")[2])
    finally:
        process.terminate()
        process.wait()
