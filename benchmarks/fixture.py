"""Benchmarks of the fixture: loading a seed, reset, stop, the plugin, empty tests, requests in-process."""

from __future__ import annotations

import gc
import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Thread

import empty_tests
import plugin
import requests
import samples
from lines import Row, in_turn, judged, row

from fakekounta import FakeKounta
from fakekounta.wire.clients.call import call

LOADED = 100_000


def rows(*, quick: bool) -> list[Row]:
    """Measure the fixture."""
    rounds = 5 if quick else 15
    return [
        *loading(3 if quick else 5),
        *resets(rounds),
        *stops(rounds),
        *plugin.rows(2 * rounds),
        *empty_tests.rows(3 if quick else 7),
        row("GET by id, requests in-process / over a socket", in_process(rounds), "µs", "<= 0.333"),
    ]


def loading(rounds: int) -> list[Row]:
    """Compare a seed file of JSON Lines with json.loads on its lines, once with the results kept and once dropped."""
    with TemporaryDirectory() as folder:
        path = samples.seed_file(Path(folder), LOADED)
        lines = path.read_bytes().splitlines()

        def load() -> float:
            return processor_milliseconds(lambda: FakeKounta(seed_file=path))

        kept = in_turn(rounds, load, lambda: processor_milliseconds(lambda: parsed(lines)))
        dropped = in_turn(rounds, load, lambda: processor_milliseconds(lambda: parsed_and_dropped(lines)))
    return [
        row(f"load {LOADED:,} from JSON Lines / json.loads", kept, "ms", "<= 3"),
        row(f"load {LOADED:,} from JSON Lines / json.loads, dropped", dropped, "ms", ""),
    ]


def parsed(lines: list[bytes]) -> list[object]:
    """Return all lines, each parsed."""
    return [json.loads(line) for line in lines]


def parsed_and_dropped(lines: list[bytes]) -> None:
    """Parse each line and drop the result."""
    for line in lines:
        json.loads(line)


def processor_milliseconds(action: Callable[[], object]) -> float:
    """Return the processor time of this thread for the action; earlier garbage is collected first."""
    gc.collect()
    start = time.thread_time()
    result = action()
    took = time.thread_time() - start
    del result
    return 1e3 * took


def timed(action: Callable[[], object]) -> float:
    """Return the milliseconds of the action."""
    start = time.perf_counter()
    action()
    return 1e3 * (time.perf_counter() - start)


def resets(rounds: int) -> list[Row]:
    """Compare a reset with a fixed time, and with a whole request in-process."""
    with FakeKounta() as kounta:
        headers = [("Authorization", "Bearer fake-access-token"), ("Accept", "*/*")]

        def ask() -> None:
            call(kounta.wsgi_app, "GET", f"{kounta.url}/v1/companies/me", headers, b"")

        pairs = in_turn(
            rounds, lambda: 10 * timed(lambda: times(100, kounta.reset)), lambda: 10 * timed(lambda: times(100, ask))
        )
    took = median(ours for ours, _ in pairs)
    return [
        judged("reset() with an empty seed / 100 µs", took, 100, "µs", took / 100, "<= 1"),
        row("reset() with an empty seed / a request in-process", pairs, "µs", ""),
    ]


def times(count: int, action: Callable[[], object]) -> None:
    """Call the action so many times."""
    for _ in range(count):
        action()


def stops(rounds: int) -> list[Row]:
    """Compare a stop with eight idle clients with a fixed time, and with the end of eight waiting threads."""
    pairs = in_turn(rounds, stop_milliseconds, threads_milliseconds)
    slowest = max(ours for ours, _ in pairs)
    return [
        judged(f"stop with 8 idle connections, slowest of {rounds} / 20 ms", slowest, 20, "ms", slowest / 20, "<= 1"),
        row("stop with 8 idle connections / end of 8 threads that wait", pairs, "ms", ""),
    ]


def stop_milliseconds() -> float:
    """Return the time of one stop."""
    kounta = FakeKounta().start()
    clients = [socket.create_connection(("127.0.0.1", kounta.port)) for _ in range(8)]
    for client in clients:
        client.sendall(b"GET /_fakekounta/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert client.recv(65_536).startswith(b"HTTP/1.1 200")
    took = timed(kounta.stop)
    for client in clients:
        client.close()
    return took


def threads_milliseconds() -> float:
    """Return the least time of a stop: wake as many threads, and wait until they have ended."""
    pairs = [socket.socketpair() for _ in range(8)]
    threads = [Thread(target=theirs.recv, args=(1,)) for _, theirs in pairs]
    for thread in threads:
        thread.start()
    time.sleep(0.01)

    def end() -> None:
        for ours, _ in pairs:
            ours.close()
        for thread in threads:
            thread.join()

    took = timed(end)
    for _, theirs in pairs:
        theirs.close()
    return took


def in_process(rounds: int) -> list[tuple[float, float]]:
    """Return the microseconds of a GET by `requests_session()`, and by a plain session with a kept connection."""
    with FakeKounta() as kounta:
        made = kounta.customers.add(**samples.customer(1))
        url = f"{kounta.url}/v1/companies/5678/customers/{made.id}.json"
        ours, plain = kounta.requests_session(), requests.Session()
        ours.auth = plain.auth = kounta.auth
        return in_turn(2 * rounds, lambda: get_microseconds(ours, url), lambda: get_microseconds(plain, url))


def get_microseconds(session: requests.Session, url: str) -> float:
    """Return the microseconds of a GET, the mean of a hundred."""
    start = time.perf_counter()
    for _ in range(100):
        assert session.get(url).status_code == 200
    return 1e4 * (time.perf_counter() - start)
