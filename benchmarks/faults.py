"""Benchmarks of rules that match nothing, of the journal, and of counting quirks."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile

import load
import samples
from lines import Row, in_turn, row
from servers import AUTH, CUSTOMER_PATH, free_port, get, running

RULES = 100
CUSTOMERS = 2_000
JSON = {"Content-Type": "application/json"}
Pairs = list[tuple[float, float]]
SWITCHABLE = Path(__file__).with_name("switchable.py")


def rows(*, quick: bool) -> list[Row]:
    """Measure faults and journal; each on one server whose features are switched on and off."""
    rounds, requests = (8, 500) if quick else (30, 2_000)
    with (
        NamedTemporaryFile() as told,
        running([sys.executable, str(SWITCHABLE), str(port := free_port()), told.name], port),
    ):
        pid = int(told.read())
        one = [get(port, CUSTOMER_PATH, {"Authorization": AUTH})]
        others = [
            get(port, CUSTOMER_PATH.replace("389427", str(389427 + number)), {"Authorization": AUTH})
            for number in range(CUSTOMERS)
        ]

        def compared(on: Callable[[], object], off: Callable[[], object], asked: list[bytes]) -> Pairs:
            def after(switch: Callable[[], object]) -> Callable[[], float]:
                def measured() -> float:
                    switch()
                    return microseconds(pid, port, asked, requests)

                return measured

            return in_turn(rounds, after(on), after(off))

        def with_rules() -> None:
            set_rules(port, rules())

        def without() -> None:
            set_rules(port, [])

        def journal() -> None:
            os.kill(pid, signal.SIGUSR1)

        def no_journal() -> None:
            os.kill(pid, signal.SIGUSR2)

        add_customers(port, 0, 1)
        lines = [
            row(
                "GET by id, with journal and quirk counts / without", compared(journal, no_journal, one), "µs", "<= 1.1"
            )
        ]
        journal()
        lines.append(
            row(f"GET by id, {RULES} unmatched fault rules / none", compared(with_rules, without, one), "µs", "<= 1.05")
        )
        add_customers(port, 1, CUSTOMERS)
        name = f"GET by {CUSTOMERS:,} ids in turn"
        pairs = compared(with_rules, without, others)
        lines.append(row(f"{name}, {RULES} unmatched fault rules / none", pairs, "µs", ""))
        without()
        pairs = compared(journal, no_journal, others)
        lines.append(row(f"{name}, with journal and quirk counts / without", pairs, "µs", ""))
    return lines


def add_customers(port: int, first: int, end: int) -> None:
    """Add customers with these numbers."""
    body = json.dumps([samples.customer(number) for number in range(first, end)]).encode()
    load.request(port, "POST", "/_fakekounta/customers", JSON, body)


def rules() -> list[dict[str, object]]:
    """Return a hundred rules of every kind, none of which matches a GET by id."""
    kinds: list[dict[str, object]] = [
        {"method": "POST", "path": "/customers", "status": 503},
        {"method": "GET", "path": "/customers/*/addresses", "latency_seconds": 1},
        {"method": ["GET", "PUT"], "path": "/webhooks/{id}", "connection": "reset"},
        {"path": "/v1/companies/6789/**", "status": 500},
        {"method": "GET", "path": "/customers", "rate_limited": True},
    ]
    return [
        {**kinds[number % 5], "times": number + 1}
        if number % 10
        else {"method": "GET", "path": f"/customers/{number + 1}", "client_id": "fake-client-id", "status": 500}
        for number in range(RULES)
    ]


def set_rules(port: int, wanted: list[dict[str, object]]) -> None:
    """Replace the rules of the fake."""
    load.request(port, "DELETE", "/_fakekounta/faults", JSON, b"")
    load.request(port, "POST", "/_fakekounta/faults", JSON, json.dumps(wanted).encode())


def microseconds(pid: int, port: int, asked: list[bytes], requests: int) -> float:
    """Return the processor time of the server for a request on a kept connection, which other load does not change."""
    clock = (~pid << 3) | 2  # the result of clock_getcpuclockid(3) on Linux
    connection = load.Connection(port, asked[0])
    for _ in range(20):
        connection.send()
        connection.receive()
    start = time.clock_gettime_ns(clock)
    for number in range(requests):
        connection.data = asked[number % len(asked)]
        connection.send()
        connection.receive()
    took = time.clock_gettime_ns(clock) - start
    connection.close()
    return took / 1e3 / requests
