"""Benchmarks of webhooks, a part of `benchmarks/run.py`; alone: `python benchmarks/webhooks.py [--quick]`.

1. A call with a webhook: see `webhook_calls`.
2. Deliveries: many that become due at once, made by the courier's own threads, against a loop that posts the same bytes
   and headers with the same library over one connection; once more in CPU time, which a busy machine does not change
   as much.
3. Many webhooks: one change of a customer with 10, 100 and 1,000 webhooks on its topic. "The call" is the PUT
   in-process in mode `collect`, less what it takes without a webhook. "All delivered" is until the receiver has the
   last one, once in time and once in CPU time of the fake, for 1,000 deliveries in total: one change with 1,000
   webhooks, ten with 100, a hundred with 10, each followed by a wait.
4. Hanging receivers: deliveries to one receiver while others do not answer until the measurement is over.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from lines import Row, in_turn, row, table
from servers import SERVER_CORE
from urllib3 import HTTPConnectionPool
from webhook_calls import CUSTOMER, TOPIC, calls
from webhook_receiver import OTHER_CORE, ReceiverProcess, pin, receiving

from fakekounta import FakeKounta

Parcels = Sequence[tuple[bytes, dict[str, str]]]


def rows(*, quick: bool) -> list[Row]:
    """Measure webhooks."""
    rounds, scale = (5, 10) if quick else (7, 1)
    every = os.sched_getaffinity(0)
    try:
        pin(0, OTHER_CORE)  # the fake has the first core, in a process of its own
        found = called(rounds, scale)
        pin(0, SERVER_CORE)  # the fake is in this process, the receiver on the other core
        with receiving() as receiver:
            found += [
                *delivering(receiver, rounds, 10_000 // scale),
                *many_webhooks(receiver, 3 * rounds, scale),
                *hanging_receivers(receiver, 3 * rounds, 2_000),
            ]
    finally:
        os.sched_setaffinity(0, every)
    return found


def called(rounds: int, scale: int) -> list[Row]:
    """Measure what a webhook adds to a call."""
    return [
        row("PUT with a webhook, paced / without", calls(rounds, 200 // scale, paced=True), "µs", "<= 1.15"),
        row("PUT with a webhook, back to back / without", calls(rounds, 500 // scale, paced=False), "µs", ""),
    ]


# --- deliveries ----------------------------------------------------------------------------------------------------


def delivering(receiver: ReceiverProcess, rounds: int, deliveries: int) -> Iterator[Row]:
    """Compare the courier with a bare loop."""
    parcels = parcels_of(receiver, deliveries)
    for webhooks, name in ((1, "one webhook"), (10, "10 webhooks")):
        pairs = in_turn(
            rounds, partial(rate, receiver, deliveries, webhooks=webhooks), partial(bare_rate, receiver, parcels)
        )
        yield row(f"{deliveries:,} deliveries of {name} / bare loop", pairs, "deliveries/s", ">= 0.6")
    cpu = time.process_time
    pairs = in_turn(rounds, partial(rate, receiver, deliveries, clock=cpu), partial(bare_rate, receiver, parcels, cpu))
    yield row(f"{deliveries:,} deliveries, CPU / bare loop", pairs, "deliveries/s", ">= 0.6")


@contextmanager
def due(receiver: ReceiverProcess, deliveries: int, *, webhooks: int = 1, hanging: int = 0) -> Iterator[FakeKounta]:
    """Return a fake in `background` whose deliveries become due when its clock advances by a minute."""
    with FakeKounta(webhook_mode="background", webhook_schedule={"minutes": [1]}) as kounta:
        kounta.clock.freeze()
        subscribe(kounta, receiver.hanging_url, hanging)
        subscribe(kounta, receiver.url, webhooks)
        for number in range(deliveries // webhooks):
            kounta.customers.change(1, last_name=str(number), announce=True)
        yield kounta


def subscribe(kounta: FakeKounta, address: str, webhooks: int) -> None:
    """Add so many webhooks, and the customer of their events."""
    if not kounta.customers:
        kounta.customers.add(**CUSTOMER)
    for _ in range(webhooks):
        kounta.webhooks.add(TOPIC, address)


def rate(
    receiver: ReceiverProcess,
    deliveries: int,
    *,
    webhooks: int = 1,
    hanging: int = 0,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Return the courier's deliveries a second, to receivers that answer."""
    with due(receiver, deliveries, webhooks=webhooks, hanging=hanging) as kounta:
        start = clock()
        kounta.clock.advance(seconds=60)
        receiver.wait_for(deliveries)
        return deliveries / (clock() - start)


def bare_rate(receiver: ReceiverProcess, parcels: Parcels, clock: Callable[[], float] = time.perf_counter) -> float:
    """Return the posts a second of a loop with urllib3 over one connection."""
    with HTTPConnectionPool("127.0.0.1", receiver.port, maxsize=1) as pool:
        start = clock()
        for body, headers in parcels:
            pool.urlopen("POST", "/webhooks", body=body, headers=headers, retries=False, redirect=False)
        receiver.wait_for(len(parcels))
        return len(parcels) / (clock() - start)


def parcels_of(receiver: ReceiverProcess, deliveries: int) -> Parcels:
    """Return the bytes and headers that `rate` sends."""
    with due(receiver, deliveries) as kounta:
        kounta.clock.advance(seconds=60)
        receiver.wait_for(deliveries)
        while kounta.webhooks.pending:  # the last attempt is recorded a moment after the receiver got it
            time.sleep(0.001)
        return [(one.attempts[0].body, dict(one.attempts[0].headers)) for one in kounta.webhooks.deliveries]


# --- many webhooks -------------------------------------------------------------------------------------------------


def many_webhooks(receiver: ReceiverProcess, rounds: int, scale: int) -> Iterator[Row]:
    """Compare the cost of one webhook of many with that of one of ten."""
    parts: list[tuple[str, Callable[[int], float]]] = [
        ("the call", lambda webhooks: call_microseconds(webhooks, scale)),
        ("all delivered", lambda webhooks: delivered_microseconds(receiver, webhooks, time.perf_counter)),
        ("all delivered, CPU", lambda webhooks: delivered_microseconds(receiver, webhooks, time.process_time)),
    ]
    for part, cost in parts:
        for many in (100, 1_000):
            pairs = in_turn(rounds, partial(cost, many), partial(cost, 10))
            yield row(f"each of {many:,} webhooks of a PUT, {part} / each of 10", pairs, "µs", "<= 1.2")


def call_microseconds(webhooks: int, scale: int) -> float:
    """Return what each webhook adds to a call."""
    with_them = call_seconds(webhooks, max(4_000 // (webhooks + 10) // scale, 3))
    return 1e6 * (with_them - call_seconds(0, 200 // scale)) / webhooks


def call_seconds(webhooks: int, repeats: int) -> float:
    """Return the seconds of one PUT in-process, in `collect`: the least of some."""
    kounta = FakeKounta(webhook_mode="collect")
    subscribe(kounta, "http://127.0.0.1:1/webhooks", webhooks)
    took = []
    with kounta.httpx_client() as client:
        for number in range(repeats):
            start = time.perf_counter()
            client.put("/v1/companies/5678/customers/1.json", auth=kounta.auth, json={"last_name": str(number)})
            took.append(time.perf_counter() - start)
    return min(took)


def delivered_microseconds(receiver: ReceiverProcess, webhooks: int, clock: Callable[[], float]) -> float:
    """Return the time for each webhook until all deliveries are made in the background."""
    with FakeKounta(webhook_mode="background") as kounta:
        subscribe(kounta, receiver.url, webhooks)
        start = clock()
        for number in range(1_000 // webhooks):
            kounta.customers.change(1, last_name=str(number), announce=True)
            receiver.wait_for(webhooks)
        return 1e3 * (clock() - start)


# --- hanging receivers ---------------------------------------------------------------------------------------------


def hanging_receivers(receiver: ReceiverProcess, rounds: int, deliveries: int) -> Iterator[Row]:
    """Measure deliveries to one receiver while others hang."""
    for hanging, name in ((1, "another receiver hangs"), (8, "8 others hang")):
        pairs = in_turn(
            rounds, partial(rate, receiver, deliveries, hanging=hanging), partial(rate, receiver, deliveries)
        )
        yield row(f"deliveries while {name} / while none does", pairs, "deliveries/s", ">= 0.9")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What webhooks cost.")
    parser.add_argument("--quick", action="store_true", help="a tenth of all counts")
    found = rows(quick=parser.parse_args().quick)
    sys.stdout.write(table(found) + "\n")


if __name__ == "__main__":
    main()
