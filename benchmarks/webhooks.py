"""What webhooks cost: `python benchmarks/webhooks.py [--rounds 9] [--quick]`.

Each figure is a ratio of two things measured in turn, round by round, in one run on one machine, because the times
themselves depend on both. The ratio that counts is that of the two bests: what else the machine does can only make a
round worse. The median of the rounds' own ratios stands beside it; far from the first, it says that the machine was
busy. The receiver is a process of its own.

1. *A call with a webhook*: one client over one kept-alive socket changes a customer by PUT; the fake is
   `fakekounta serve`, a process of its own in its default mode, `background`. Each call changes the customer, so that
   with a webhook each causes one delivery. The time of a call is from before its first byte goes out until the last
   byte of its answer is in. *Paced*: 4 ms pass between two calls, the time in which a delivery is made; what is seen
   is whether the delivery gets in the way of the call that caused it. *Back to back*: the next call begins at once; the
   deliveries then take their share of the one interpreter, and what is seen is that share.
2. *Deliveries*: 10,000 deliveries that become due at once, made by the courier's own threads, against a loop that posts
   the same bytes and headers with the same library over one connection.
3. *Many webhooks*: one change of a customer with 10, 100 and 1,000 webhooks on its topic. *The call*: the PUT
   in-process, in mode `collect`, less what it takes without a webhook. *All delivered*: until the last one is delivered.
4. *A receiver that hangs*: deliveries to one receiver while another leaves its connections without an answer.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from socket import IPPROTO_TCP, TCP_NODELAY, create_connection
from statistics import median

from urllib3 import HTTPConnectionPool

from fakekounta import FakeKounta

TOPIC = "customers/updated"
PACE_SECONDS = 0.004
AUTH = "Basic " + b64encode(b"fake-client-id:fake-client-secret").decode()
CUSTOMER = {"id": 1, "first_name": "Jamie", "email": "jamie@example.com", "tags": ["regular"]}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table; `ours` and `other` are the bests, in `unit`."""

    name: str
    ours: float
    other: float
    unit: str
    ratio: float
    median_ratio: float
    target: str
    holds: bool | None


def row(name: str, pairs: Sequence[tuple[float, float]], unit: str, target: str) -> Row:
    """A line made of pairs that were measured in turn. The target is "<= 1.15", ">= 0.6", or "" for none."""
    best = max if unit == "1/s" else min
    ours, other = (best(side) for side in zip(*pairs, strict=True))
    ratio, bound = ours / other, float(target[3:] or 0)
    holds = None if not target else ratio <= bound if target.startswith("<=") else ratio >= bound
    typical = median(one / two for one, two in pairs)
    return Row(
        name=name, ours=ours, other=other, unit=unit, ratio=ratio, median_ratio=typical, target=target, holds=holds
    )


def table(rows: Sequence[Row]) -> str:
    """The lines as a table."""
    lines = [
        "| what | best | compared with | unit | ratio | median | target | holds |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in rows:
        verdict = {True: "yes", False: "NO", None: ""}[one.holds]
        lines.append(
            f"| {one.name} | {_short(one.ours)} | {_short(one.other)} | {one.unit} | {one.ratio:.2f} "
            f"| {one.median_ratio:.2f} | {one.target} | {verdict} |"
        )
    return "\n".join(lines)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


class ReceiverProcess:
    """The receiver and the way to wait for it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.port = int(process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}/webhooks"
        self.hanging_url = f"http://127.0.0.1:{self.port}/hang"
        self._connection = HTTPConnection("127.0.0.1", self.port)

    def wait_for(self, posts: int) -> None:
        """Return when so many posts have come since this last returned."""
        self._connection.request("GET", f"/wait/{posts}")
        self._connection.getresponse().read()


@contextmanager
def receiving() -> Iterator[ReceiverProcess]:
    """A receiver in a process of its own."""
    script = str(Path(__file__).with_name("webhook_receiver.py"))
    with subprocess.Popen(
        [sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield ReceiverProcess(process)
        finally:
            process.kill()


# --- 1. a call with a webhook --------------------------------------------------------------------------------------


class Caller:
    """A client that does next to nothing itself: prepared bytes out, an answer in, on one socket."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket = create_connection(("127.0.0.1", port))
        self._socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)

    def seconds(self, method: str, path: str, body: object = None) -> float:
        """Ask, and say how long it took until the whole answer was there."""
        content = b"" if body is None else json.dumps(body).encode()
        request = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nAuthorization: {AUTH}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        ).encode() + content
        start = time.perf_counter()
        self._socket.sendall(request)
        answer = self._socket.recv(65_536)
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._socket.recv(65_536)
        head = answer[:end].lower()
        length = int(head.partition(b"\r\ncontent-length:")[2].split(b"\r\n", 1)[0] or 0)
        while len(answer) < end + 4 + length:
            answer += self._socket.recv(65_536)
        took = time.perf_counter() - start
        assert answer.startswith(b"HTTP/1.1 2"), answer
        return took


@contextmanager
def serving() -> Iterator[int]:
    """The port of `fakekounta serve` in a process of its own."""
    command = [sys.executable, "-m", "fakekounta", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline().rpartition(":")[2])
        finally:
            process.terminate()


def calls(rounds: int, size: int, *, paced: bool) -> list[tuple[float, float]]:
    """Microseconds of a call with a webhook and without: the median call of each block, of both blocks of a round."""
    names = count()
    with receiving() as receiver, serving() as port:
        caller = Caller(port)
        caller.seconds("POST", "/_fakekounta/customers", CUSTOMER)
        webhook_ids = count(1)

        def block() -> float:
            took = []
            for _ in range(size):
                took.append(
                    caller.seconds("PUT", "/v1/companies/5678/customers/1.json", {"last_name": str(next(names))})
                )
                if paced:
                    time.sleep(PACE_SECONDS)
            return 1e6 * (median(took) if paced else sum(took) / size)

        def block_with_webhook() -> float:
            caller.seconds("POST", "/v1/companies/5678/webhooks.json", {"topic": TOPIC, "address": receiver.url})
            result = block()
            receiver.wait_for(size)
            caller.seconds("DELETE", f"/v1/companies/5678/webhooks/{next(webhook_ids)}.json")
            return result

        return in_turn(rounds, block_with_webhook, block)


# --- 2. deliveries -------------------------------------------------------------------------------------------------


def in_turn(rounds: int, ours: Callable[[], float], other: Callable[[], float]) -> list[tuple[float, float]]:
    """Both, round by round, after one round that does not count; who is first changes."""
    pairs = []
    for number in range(rounds + 1):
        if number % 2:
            first = ours()
            pairs.append((first, other()))
        else:
            second = other()
            pairs.append((ours(), second))
    return pairs[1:]


@contextmanager
def due(receiver: ReceiverProcess, deliveries: int, webhooks: int = 1, hanging: int = 0) -> Iterator[FakeKounta]:
    """A fake in mode `background` whose deliveries, all one minute old, are due when its clock goes on by a minute."""
    with FakeKounta(webhook_mode="background", webhook_schedule={"minutes": [1]}) as kounta:
        kounta.clock.freeze()
        kounta.customers.add(**CUSTOMER)
        for _ in range(hanging):
            kounta.webhooks.add(TOPIC, receiver.hanging_url)
        for _ in range(webhooks):
            kounta.webhooks.add(TOPIC, receiver.url)
        for number in range(deliveries // webhooks):
            kounta.customers.change(1, last_name=str(number), announce=True)
        yield kounta


def rate(receiver: ReceiverProcess, deliveries: int, webhooks: int = 1, hanging: int = 0) -> float:
    """Deliveries a second of the courier."""
    with due(receiver, deliveries, webhooks, hanging) as kounta:
        start = time.perf_counter()
        kounta.clock.advance(seconds=60)
        receiver.wait_for(deliveries)
        return deliveries / (time.perf_counter() - start)


def bare_rate(receiver: ReceiverProcess, parcels: Sequence[tuple[bytes, dict[str, str]]]) -> float:
    """Posts a second of a loop with urllib3 over one connection."""
    with HTTPConnectionPool("127.0.0.1", receiver.port, maxsize=1) as pool:
        start = time.perf_counter()
        for body, headers in parcels:
            pool.urlopen("POST", "/webhooks", body=body, headers=headers, retries=False, redirect=False)
        receiver.wait_for(len(parcels))
        return len(parcels) / (time.perf_counter() - start)


def parcels_of(receiver: ReceiverProcess, deliveries: int) -> list[tuple[bytes, dict[str, str]]]:
    """The bytes and headers that `rate` sends."""
    with due(receiver, deliveries) as kounta:
        kounta.clock.advance(seconds=60)
        receiver.wait_for(deliveries)
        while kounta.webhooks.pending:  # the last attempt is noted a moment after the receiver has it
            time.sleep(0.001)
        return [(one.attempts[0].body, dict(one.attempts[0].headers)) for one in kounta.webhooks.deliveries]


# --- 3. many webhooks, 4. one that hangs ---------------------------------------------------------------------------


def call_seconds(webhooks: int, repeats: int) -> float:
    """One PUT in-process, in mode `collect`: the least of some."""
    kounta = FakeKounta(webhook_mode="collect")
    kounta.customers.add(**CUSTOMER)
    for _ in range(webhooks):
        kounta.webhooks.add(TOPIC, "http://127.0.0.1:1/webhooks")
    took = []
    with kounta.httpx_client() as client:
        for number in range(repeats):
            start = time.perf_counter()
            client.put("/v1/companies/5678/customers/1.json", auth=kounta.auth, json={"last_name": str(number)})
            took.append(time.perf_counter() - start)
    return min(took)


def delivered_seconds(receiver: ReceiverProcess, webhooks: int, repeats: int) -> float:
    """One change until its last delivery is made in the background, the least of some."""
    took = []
    with FakeKounta(webhook_mode="background") as kounta:
        kounta.customers.add(**CUSTOMER)
        for _ in range(webhooks):
            kounta.webhooks.add(TOPIC, receiver.url)
        for number in range(repeats):
            start = time.perf_counter()
            kounta.customers.change(1, last_name=str(number), announce=True)
            receiver.wait_for(webhooks)
            took.append(time.perf_counter() - start)
    return min(took)


# --- the table -----------------------------------------------------------------------------------------------------


def rows(rounds: int, scale: int) -> Iterator[Row]:
    """All lines, each as soon as it is measured; with a `scale` above 1, so much less of everything."""
    yield row("PUT with one webhook, paced, against without", calls(rounds, 200 // scale, paced=True), "µs", "<= 1.15")
    yield row("PUT with one webhook, back to back, against without", calls(rounds, 500 // scale, paced=False), "µs", "")
    total = 10_000 // scale
    with receiving() as receiver:
        parcels = parcels_of(receiver, total)
        for webhooks in (1, 10):
            pairs = in_turn(rounds, lambda n=webhooks: rate(receiver, total, n), lambda: bare_rate(receiver, parcels))
            yield row(f"{total:,} deliveries to {webhooks} webhook(s), against a bare loop", pairs, "1/s", ">= 0.6")
    yield from curve(rounds, scale)
    with receiving() as receiver:
        for hanging in (1, 8):
            pairs = in_turn(
                rounds,
                lambda n=hanging: rate(receiver, 2_000 // scale, hanging=n),
                lambda: rate(receiver, 2_000 // scale),
            )
            yield row(f"deliveries while {hanging} other receiver(s) hang, against none", pairs, "1/s", ">= 0.9")


def curve(rounds: int, scale: int) -> Iterator[Row]:
    """What one webhook of many costs, against one of ten."""
    for many in (100, 1_000):
        pairs = in_turn(rounds, lambda n=many: call_cost(n, scale), lambda: call_cost(10, scale))
        yield row(f"PUT with {many:,} webhooks, each, against 10: the call", pairs, "µs", "<= 1.2")
    with receiving() as receiver:
        for many in (100, 1_000):
            pairs = in_turn(
                rounds,
                lambda n=many: 1e6 * delivered_seconds(receiver, n, max(2_000 // n // scale, 1)) / n,
                lambda: 1e6 * delivered_seconds(receiver, 10, 200 // scale) / 10,
            )
            yield row(f"PUT with {many:,} webhooks, each, against 10: all delivered", pairs, "µs", "<= 1.2")


def call_cost(webhooks: int, scale: int) -> float:
    """Microseconds that each webhook adds to a call."""
    repeats = max(4_000 // (webhooks + 10) // scale, 3)
    return 1e6 * (call_seconds(webhooks, repeats) - call_seconds(0, 200 // scale)) / webhooks


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What webhooks cost.")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, to see that it runs")
    options = parser.parse_args()
    found = []
    for one in rows(options.rounds, 10 if options.quick else 1):
        print(f"{one.name}: {one.ratio:.2f}", file=sys.stderr, flush=True)
        found.append(one)
    print(table(found))


if __name__ == "__main__":
    main()
