"""Benchmarks of serving, against a bare Flask route on the same server, and against peers."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager

import load
import servers
from lines import Row, in_turn, row

Server = Callable[[], AbstractContextManager[tuple[int, bytes]]]
CLIENT_CORE = {1}


def rows(*, quick: bool) -> list[Row]:
    """Measure serving."""
    rounds, seconds = (3, 0.5) if quick else (9, 1.5)
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, CLIENT_CORE & every or every)
    try:
        return [
            compared("GET by id, 1 connection / bare Flask route", servers.bare_on_ours, 1, rounds, seconds, ">= 0.8"),
            compared("GET by id, 8 connections / bare Flask route", servers.bare_on_ours, 8, rounds, seconds, ""),
            compared("GET by id, 8 connections / localstripe", servers.localstripe, 8, rounds, seconds, ">= 1.2"),
            compared("GET by id, 8 connections / moto's server", servers.moto, 8, rounds, seconds, ">= 5"),
            compared(
                "GET by id, 8 connections / Flask under Werkzeug's server",
                servers.bare_on_werkzeug,
                8,
                rounds,
                seconds,
                ">= 2",
            ),
            row("start to first answer / bare Flask app", in_turn(3 * rounds, start_ours, start_bare), "ms", "<= 1.3"),
        ]
    finally:
        os.sched_setaffinity(0, every)


def compared(name: str, other: Server, connections: int, rounds: int, seconds: float, target: str) -> Row:
    """Compare the requests a second of the fake with those of another server, in turn."""
    with servers.fakekounta() as ours, other() as theirs:
        if other in (servers.bare_on_ours, servers.bare_on_werkzeug):
            assert load.body_bytes(*ours) == load.body_bytes(*theirs), "samples.RECORD has another length than the body"
        pairs = in_turn(
            rounds,
            lambda: load.rate(*ours, connections=connections, seconds=seconds),
            lambda: load.rate(*theirs, connections=connections, seconds=seconds),
        )
    return row(name, pairs, "requests/s", target)


def start_ours() -> float:
    """Return the milliseconds of processor time of `fakekounta serve` until its first response."""
    return started(servers.serve_command, "/v1/companies/me.json")


def start_bare() -> float:
    """Return the same for the bare Flask app on the same server."""
    return started(lambda port: servers.bare_command("ours", port), servers.CUSTOMER_PATH)


def started(command: Callable[[int], list[str]], path: str) -> float:
    """Return the milliseconds of processor time from the start of a process to its first response."""
    port = servers.free_port()
    process = subprocess.Popen(
        command(port), env=servers.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        os.sched_setaffinity(process.pid, servers.SERVER_CORE)
        servers.wait_for(port)
        load.request(port, "GET", path, {"Authorization": servers.AUTH}, b"")
    finally:
        process.kill()
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    return 1e3 * (usage.ru_utime + usage.ru_stime)
