"""What the fixture costs: loading a seed, reset, stop, the plugin's import, requests in-process."""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import requests
import samples
from lines import Row, in_turn, judged, row

from fakekounta import FakeKounta

_EMPTY_PROJECT = (
    "import sys, pytest; code = pytest.main(['--collect-only', '-q', '-p', 'no:cacheprovider', *sys.argv[1:]]); "
)
_LAZY = ("flask", "marshmallow", "hypothesis", "werkzeug", "httptools", "urllib3")


def rows(*, quick: bool) -> list[Row]:
    """The lines about the fixture."""
    rounds = 5 if quick else 15
    return [
        *loading(10_000 if quick else 100_000, 3 if quick else 5),
        judged("reset() with an empty seed / 100 µs", resets := reset_microseconds(), 100, "µs", resets / 100, "<= 1"),
        judged(
            "stop with 8 idle connections / 20 ms", stops := stop_milliseconds(rounds), 20, "ms", stops / 20, "<= 1"
        ),
        plugin(rounds),
        row("GET by id, requests in-process / over a socket", in_process(rounds), "µs", "<= 0.333"),
    ]


def loading(count: int, rounds: int) -> list[Row]:
    """A seed file of JSON Lines against json.loads on its lines, once kept in a list and once dropped."""
    lines = samples.json_lines(count)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "seed.jsonl"
        path.write_text("\n".join(lines), encoding="utf-8")
        kept = in_turn(rounds, lambda: timed(lambda: FakeKounta(seed_file=path)), lambda: timed(lambda: parsed(lines)))
        dropped = in_turn(
            rounds, lambda: timed(lambda: FakeKounta(seed_file=path)), lambda: timed(lambda: parsed_and_dropped(lines))
        )
    return [
        row(f"load {count:,} from JSON Lines / json.loads", kept, "ms", "<= 3"),
        row(f"load {count:,} from JSON Lines / json.loads, dropped", dropped, "ms", ""),
    ]


def parsed(lines: list[str]) -> list[object]:
    """All lines, each parsed."""
    return [json.loads(line) for line in lines]


def parsed_and_dropped(lines: list[str]) -> None:
    """All lines, each parsed and forgotten."""
    for line in lines:
        json.loads(line)


def timed(action: Callable[[], object]) -> float:
    """Milliseconds."""
    start = time.perf_counter()
    result = action()
    took = time.perf_counter() - start
    del result
    return 1e3 * took


def reset_microseconds() -> float:
    """The median of a thousand."""
    with FakeKounta() as kounta:
        return 1e3 * median(timed(kounta.reset) for _ in range(1_000))


def stop_milliseconds(rounds: int) -> float:
    """The slowest of so many stops, with eight clients that keep their connections."""
    took = []
    for _ in range(rounds):
        kounta = FakeKounta().start()
        clients = [socket.create_connection(("127.0.0.1", kounta.port)) for _ in range(8)]
        for client in clients:
            client.sendall(b"GET /_fakekounta/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert client.recv(65_536).startswith(b"HTTP/1.1 200")
        took.append(timed(kounta.stop))
        for client in clients:
            client.close()
    return max(took)


def plugin(rounds: int) -> Row:
    """What `pytest --collect-only` of an empty project takes more with the plugin than without it."""
    with_plugin, without = ["-p", "fakekounta.pytest_plugin"], []
    extra = [
        ours - other
        for ours, other in in_turn(3 * rounds, lambda: collecting(with_plugin), lambda: collecting(without))
    ]
    more = median(extra)
    return judged("importing the plugin / 5 ms", more, 5, "ms", more / 5, "<= 1")


def collecting(options: list[str]) -> float:
    """Milliseconds of CPU that pytest takes for an empty project; the heavy libraries must stay out of it."""
    assert find_spec("fakekounta.pytest_plugin") is not None
    check = f"sys.exit(0 if code == 5 and not set({_LAZY!r}) & set(sys.modules) else 1)"
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    with TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-c", _EMPTY_PROJECT + check, *options],
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1e3 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def in_process(rounds: int) -> list[tuple[float, float]]:
    """Microseconds of a GET by `requests_session()` and by a plain session that keeps its connection."""
    with FakeKounta() as kounta:
        made = kounta.customers.add(**samples.customer(1))
        url = f"{kounta.url}/v1/companies/5678/customers/{made.id}.json"
        ours, plain = kounta.requests_session(), requests.Session()
        ours.auth = plain.auth = kounta.auth
        return in_turn(2 * rounds, lambda: asked(ours, url), lambda: asked(plain, url))


def asked(session: requests.Session, url: str) -> float:
    """Microseconds of a GET, the mean of a hundred."""
    start = time.perf_counter()
    for _ in range(100):
        assert session.get(url).status_code == 200
    return 1e4 * (time.perf_counter() - start)
