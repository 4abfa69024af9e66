"""The process at its limits: without memory for threads, and while it ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack

from tests.attack.figures import Figure
from tests.attack.victim import Victim, serving

_END_BAR = 2.0
_MOST_SECONDS = 20.0
_CONNECTIONS = 250


def figures(scale: float) -> Iterator[Figure]:
    """Yield whether it answers after the clients have left, and how long it takes to end."""
    del scale
    for kilobytes in (500_000, 700_000):
        with serving(ulimit=f"-v {kilobytes}") as victim, ExitStack() as stack:
            lines = _fill(victim, stack)
            yield Figure(name=f"threads under ulimit -v {kilobytes}", value=lines, unit="")
            stack.close()
            answered = victim.seconds_until_answered("/_fakekounta/health")
            yield Figure(name="an answer when the clients have gone", value=answered, unit="s", bar=_END_BAR)
            _fill(victim, stack)
            yield _ends(victim, f"SIGTERM under ulimit -v {kilobytes}, all connections open")


def _fill(victim: Victim, stack: ExitStack) -> int:
    for _ in range(_CONNECTIONS):
        sock = stack.enter_context(socket.socket())
        sock.settimeout(1.0)
        sock.connect(("127.0.0.1", victim.port))
        sock.sendall(b"GET / HTTP/1.1\r\n")
    time.sleep(3.0)
    return victim.threads


def _ends(victim: Victim, name: str) -> Figure:
    started = time.monotonic()
    victim.process.send_signal(signal.SIGTERM)
    try:
        victim.process.wait(_MOST_SECONDS)
    except subprocess.TimeoutExpired:
        return Figure(name=name, value=_MOST_SECONDS, unit="s", bar=_END_BAR, note="it had to be killed")
    return Figure(name=name, value=time.monotonic() - started, unit="s", bar=_END_BAR)
