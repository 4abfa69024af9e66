"""Benchmarks of `serve --keep`: processor time of requests and of a start, with a file of changes and without."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import load
import samples
import servers
from faults import microseconds
from lines import Row, in_turn, row
from serving import started

CREATE = "/v1/companies/5678/customers.json"
CUSTOMERS = 100_000


def rows(*, quick: bool) -> list[Row]:
    """Measure what it costs to keep changes."""
    rounds, requests, customers = (3, 200, 5_000) if quick else (9, 1_000, CUSTOMERS)
    with TemporaryDirectory() as folder:
        return [
            *_of_requests(Path(folder), rounds, requests),
            _of_workers(rounds, requests),
            *_of_redis(folder, rounds, requests),
            _of_starts(Path(folder), 3, customers),
        ]


def _of_requests(folder: Path, rounds: int, requests: int) -> list[Row]:
    """Compare the processor time of a request, by two servers in turn."""
    numbers = count(1)
    unit = "µs of processor time"
    with _served("--keep", str(folder / "requests.db")) as kept, _served() as plain:

        def creating(pid: int, port: int) -> float:
            # The first one is repeated until the server is warm
            first = servers.get(port, servers.CUSTOMER_PATH, _AUTH)
            asked = [first, *(_creation(port, next(numbers)) for _ in range(requests))]
            return microseconds(pid, port, asked, requests + 1)

        def getting(pid: int, port: int) -> float:
            return microseconds(pid, port, [servers.get(port, servers.CUSTOMER_PATH, _AUTH)], requests)

        for _, port in (kept, plain):
            servers.request(port, "POST", "/_fakekounta/customers", _JSON, json.dumps(samples.customer(0)).encode())
        creations = in_turn(rounds, lambda: creating(*kept), lambda: creating(*plain))
        gets = in_turn(rounds, lambda: getting(*kept), lambda: getting(*plain))
    return [
        row("create, kept / not kept", creations, unit, "<= 1.5"),
        row("GET by id, kept / not kept", gets, unit, "<= 1.15"),
    ]


def _of_workers(rounds: int, requests: int) -> Row:
    """Compare how many reads two workers make on two cores with what one process makes on one, by processor time."""
    with _served("--workers", "2") as (parent, port), _served() as (pid, alone):
        for each in (port, alone):
            servers.request(each, "POST", "/_fakekounta/customers", _JSON, json.dumps(samples.customer(0)).encode())
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
        workers = [parent, *map(int, children)]
        pairs = in_turn(
            rounds, lambda: 2e6 / _getting(workers, port, requests), lambda: 1e6 / _getting([pid], alone, requests)
        )
    return row("GETs by id, 2 workers on 2 cores / 1 process", pairs, "/s of processor time", ">= 1.7")


def _of_redis(folder: str, rounds: int, requests: int) -> list[Row]:
    """Compare a read that asks Redis for the last change with one that does not, by the time of both processes."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        return []
    port = servers.free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    redis = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    try:
        servers.wait_for(port)
        with _served("--keep", f"redis://127.0.0.1:{port}/0") as (pid, kept), _served() as (alone, plain):
            for each in (kept, plain):
                servers.request(each, "POST", "/_fakekounta/customers", _JSON, json.dumps(samples.customer(0)).encode())
            pairs = in_turn(
                rounds,
                lambda: _getting([pid, redis.pid], kept, requests),
                lambda: _getting([alone], plain, requests),
            )
    finally:
        redis.kill()
        redis.wait()
    return [row("GET by id, kept in Redis / not kept", pairs, "µs of processor time", "<= 2")]


def _getting(pids: list[int], port: int, requests: int) -> float:
    """Return the microseconds of processor time of all processes for a GET, on two connections."""
    clocks = [(~pid << 3) | 2 for pid in pids]  # as in `microseconds`
    data = servers.get(port, servers.CUSTOMER_PATH, _AUTH)
    connections = [load.Connection(port, data) for _ in range(2)]
    took = 0
    for connection in connections:  # one after the other, because this machine's core is also that of the client
        for number in range(requests // 2 + 20):
            if number == 20:
                took -= sum(map(time.clock_gettime_ns, clocks))
            connection.send()
            connection.receive()
        took += sum(map(time.clock_gettime_ns, clocks))
    for connection in connections:
        connection.close()
    return took / 1e3 / (requests // 2 * 2)


_AUTH = {"Authorization": servers.AUTH}
_JSON = {"Content-Type": "application/json"}


def _creation(port: int, number: int) -> bytes:
    body = json.dumps(samples.customer(number)).encode()
    head = f"POST {CREATE} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: {servers.AUTH}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _of_starts(folder: Path, rounds: int, customers: int) -> Row:
    """Compare a start from a file with many customers, and a state of its own, with one from a seed file."""
    seed, file = folder / "seed.json", folder / "starts.db"
    seed.write_text(json.dumps([samples.customer(number) for number in range(customers)]))
    arguments = ["--seed-file", str(seed)]
    with _served(*arguments, "--keep", str(file)):
        pass
    # Other settings make a snapshot, so that the next starts read it
    with _served(*arguments, "--keep", str(file), "--page-size", "24"):
        pass

    def start(*more: str) -> float:
        return started(lambda port: [*servers.serve_command(port), *arguments, *more], "/v1/companies/me.json")

    pairs = in_turn(rounds, lambda: start("--keep", str(file), "--page-size", "24"), start)
    return row(f"start with {customers:,} customers, kept / from the seed file", pairs, "ms", "<= 1.3")


@contextmanager
def _served(*arguments: str) -> Iterator[tuple[int, int]]:
    """Run a server, and yield its process id and port."""
    command = [*servers.serve_command(port := servers.free_port()), *arguments]
    process = subprocess.Popen(command, env=servers.environment(), stdout=subprocess.DEVNULL)
    try:
        os.sched_setaffinity(process.pid, servers.SERVER_CORE)
        servers.wait_for(port)
        yield process.pid, port
    finally:
        process.terminate()
        process.wait()
