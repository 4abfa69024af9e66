"""Benchmarks of interception and guard, for a test and for a request by the real address."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from statistics import median

import requests
from lines import Row, in_turn, judged, row

from fakekounta import FakeKounta
from fakekounta.wire.interception.guard import Guard

PATH = "/v1/companies/me.json"
REAL = f"https://api.kounta.com{PATH}"
GUARD_MICROSECONDS = 50.0
INTERCEPT_MICROSECONDS = 2_000.0


def rows(*, quick: bool) -> list[Row]:
    """Measure interception."""
    rounds = 5 if quick else 15
    with FakeKounta() as kounta:
        empty, used = (spent(kounta.intercept, 20 * rounds, inside) for inside in (nothing, ask_of(kounta)))
        own = f"{kounta.url}{PATH}"
        pairs = in_turn(
            rounds, lambda: asking(kounta.intercept(), REAL, kounta), lambda: asking(nullcontext(), own, kounta)
        )
    return [
        judged("guard of one test / 50 µs", *against(guarding(100 * rounds), GUARD_MICROSECONDS)),
        judged("intercept() after the first / 2 ms", *against(empty, INTERCEPT_MICROSECONDS)),
        judged(
            "intercept() after the first, ending a pooled connection / 2 ms", *against(used, INTERCEPT_MICROSECONDS)
        ),
        row("request on a kept connection, intercepted by TLS / by the fake's own address", pairs, "µs", ""),
    ]


def against(took: float, limit: float) -> tuple[float, float, str, float, str]:
    """Return a row that compares these microseconds with a limit."""
    return took, limit, "µs", took / limit, "<= 1"


def guarding(rounds: int) -> float:
    """Return the microseconds to begin and end the guard."""
    took = []
    for _ in range(rounds):
        guard = Guard("what to do")
        begun = time.perf_counter()
        guard.begin()
        guard.end()
        took.append(time.perf_counter() - begun)
    return 1e6 * median(took)


def spent(block: Callable[[], AbstractContextManager[None]], rounds: int, inside: Callable[[], None]) -> float:
    """Return the microseconds to begin and end interception, without the time of the block."""
    took = []
    for _ in range(rounds + 1):
        begun = time.perf_counter()
        with block():
            between = time.perf_counter()
            inside()
            between = time.perf_counter() - between
        took.append(time.perf_counter() - begun - between)
    return 1e6 * median(took[1:])


def nothing() -> None:
    """Make no connection."""


def ask_of(kounta: FakeKounta) -> Callable[[], None]:
    """Return a function that makes a request whose session keeps the connection."""
    session = requests.Session()

    def ask() -> None:
        assert session.get(REAL, auth=kounta.auth).status_code == 200

    return ask


def asking(block: AbstractContextManager[object], url: str, kounta: FakeKounta) -> float:
    """Return the microseconds of a request on a kept connection in the block."""
    with block, requests.Session() as session:
        session.get(url, auth=kounta.auth)
        begun = time.perf_counter()
        for _ in range(50):
            assert session.get(url, auth=kounta.auth).status_code == 200
        return 1e6 * (time.perf_counter() - begun) / 50
