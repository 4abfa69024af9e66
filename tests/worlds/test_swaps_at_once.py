"""Writers over sockets while worlds, choices and namespaces are swapped under them: what is acknowledged is there.

A writer notes how many swaps had begun and ended before it asked and after it was answered: what was acknowledged with
no swap in between belongs to the world of that time. The test counts what is missing, so it has no luck to rely on.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from itertools import count, cycle
from threading import Condition, Event
from typing import Any

import pytest

from fakekounta import FakeKounta
from tests.sockets import AUTHORIZATION

WRITERS = 3
SWAPS = 100
LAST_WRITES = 15
PATIENCE_SECONDS = 120
HEADERS = {"Content-Type": "application/json", "Accept": "application/json", AUTHORIZATION[0]: AUTHORIZATION[1]}
CUSTOMERS = "/v1/companies/me/customers.json"
WEBHOOK: dict[str, Any] = {"topic": "customers/created", "address": "http://127.0.0.1:9/", "format": "json"}


@pytest.fixture
def kounta() -> Iterator[FakeKounta]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # threads take turns in the middle of everything
    try:
        with FakeKounta(webhook_mode="collect") as kounta:
            yield kounta
    finally:
        sys.setswitchinterval(before)


class Client:
    """A kept-alive connection to one namespace, or to the fake's own world."""

    def __init__(self, kounta: FakeKounta, namespace: str | None = None) -> None:
        self.connection = HTTPConnection("127.0.0.1", kounta.port, timeout=PATIENCE_SECONDS)
        self.headers = HEADERS if namespace is None else {**HEADERS, "X-Fakekounta-Namespace": namespace}

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, str, bytes]:
        content = None if body is None else json.dumps(body)
        self.connection.request(method, path, content, self.headers)
        answer = self.connection.getresponse()
        return answer.status, answer.headers.get("Location", ""), answer.read()

    def close(self) -> None:
        self.connection.close()


class Run:
    """Writers that write until shortly after the last swap."""

    def __init__(self, kounta: FakeKounta, namespace: str | None = None, *, forgets: bool = True) -> None:
        self.kounta, self.namespace = kounta, namespace
        self.forgets = forgets
        self.swaps = 0  # swaps that have begun, and those that have ended
        self.written = 0
        self.progress = Condition()
        self.is_over = Event()
        self.customers: list[tuple[int, int, str]] = []
        self.tokens: list[tuple[int, str]] = []
        self.webhooks: list[tuple[int, int]] = []

    def swap(self, swaps: Iterator[Callable[[], object]]) -> None:
        try:
            for number, swap in zip(range(SWAPS), swaps, strict=False):
                self._wait_for(number * 2)
                self.swaps += self.forgets
                swap()
                self.swaps += self.forgets
        finally:
            self.is_over.set()

    def _wait_for(self, writes: int) -> None:
        with self.progress:
            assert self.progress.wait_for(lambda: self.written >= writes, PATIENCE_SECONDS)

    def write(self, writer: int) -> None:
        left = LAST_WRITES
        with closing(Client(self.kounta, self.namespace)) as client:
            for number in count():
                left -= self.is_over.is_set()
                if left < 0:
                    return
                self._write(client, f"{writer}-{number}")
                with self.progress:
                    self.written += 1
                    self.progress.notify_all()

    def _write(self, client: Client, name: str) -> None:
        before = self.swaps
        status, location, _ = client.ask("POST", CUSTOMERS, {"first_name": name, "phone": name})
        assert status == 201
        customer_id = int(location.removesuffix(".json").rpartition("/")[2])
        self.customers += [(before, customer_id, name)] if self.swaps == before else []
        # After a swap the id may be another customer's: only without one since the POST is this customer changed.
        status, _, _ = client.ask("PUT", f"/v1/companies/me/customers/{customer_id}.json", {"last_name": "x"})
        if status == 200 and self.swaps == before:
            self.customers.append((before, customer_id, f"{name} x"))
        before = self.swaps
        token = json.loads(client.ask("POST", "/v1/token.json", TOKEN)[2])["access_token"]
        self.tokens += [(before, token)] if self.swaps == before else []
        before = self.swaps
        status, location, _ = client.ask("POST", "/v1/companies/me/webhooks.json", WEBHOOK)
        assert status == 201
        number = int(location.removesuffix(".json").rpartition("/")[2])
        self.webhooks += [(before, number)] if self.swaps == before else []

    def of(self, swaps: Iterator[Callable[[], object]]) -> None:
        with ThreadPoolExecutor(WRITERS + 1) as pool:
            futures = [pool.submit(self.swap, swaps), *(pool.submit(self.write, one) for one in range(WRITERS))]
            for future in futures:
                future.result(PATIENCE_SECONDS)

    def lost(self, since: int) -> list[Any]:
        """Return the acknowledged changes since these numbers of swaps that are missing."""
        here = self.kounta if self.namespace is None else self.kounta.namespace(self.namespace)
        world = here.world
        kept = {f"{one.first_name} {one.last_name}".strip(): one.id for one in world.company.store.all()}
        changed = {(number, name) for at, number, name in self.customers if at >= since and name.endswith(" x")}
        made = {(number, name) for at, number, name in self.customers if at >= since and not name.endswith(" x")}
        tokens, webhooks = world.applications.tokens()[0], {one.id for one in world.company.subscriptions.all()}
        assert made
        return [
            *(one for one in changed if kept.get(one[1]) != one[0]),
            *(one for one in made if one[0] not in (kept.get(one[1]), kept.get(f"{one[1]} x"))),
            *(token for at, token in self.tokens if at >= since and token not in tokens),
            *(number for at, number in self.webhooks if at >= since and number not in webhooks),
        ]


TOKEN = {"grant_type": "client_credentials", "client_id": "fake-client-id", "client_secret": "fake-client-secret"}


@pytest.mark.parametrize("way", ["by hand", "by the control surface"])
def test_choices_that_change_all_the_time_lose_nothing(kounta: FakeKounta, way: str) -> None:
    """Customers, their last values, tokens and webhooks are kept, and each delivery is made exactly once."""
    run = Run(kounta, forgets=False)
    with closing(Client(kounta)) as client:
        choices = cycle(({"A11": "digits", "A15": "first_name"}, {"A11": "exact", "A15": "id", "A01": "customer"}))

        def assume() -> None:
            if way == "by hand":
                kounta.assume(**next(choices))
            else:
                assert client.ask("PUT", "/_fakekounta/assumptions", next(choices))[0] == 200

        kounta.webhooks.add(**WEBHOOK)
        run.of(iter(lambda: assume, None))
    made = [number for _, number, name in run.customers if not name.endswith(" x")]
    delivered = [one.customer.id for one in kounta.webhooks.deliveries if one.webhook.id == 1]
    assert run.lost(since=0) == []
    assert sorted(delivered) == sorted(customer.id for customer in kounta.customers)
    assert set(made) <= set(delivered)


def _resets(kounta: FakeKounta, client: Client) -> Iterator[Callable[[], object]]:
    state = kounta.state()
    return cycle(
        (
            kounta.reset,
            lambda: client.ask("POST", "/_fakekounta/reset"),
            lambda: kounta.restore(state),
            lambda: client.ask("PUT", "/_fakekounta/state", state),
            lambda: kounta.assume(A11="digits"),
            lambda: kounta.set_default_assumptions({"A01": "customer"}),
            lambda: kounta.assume(A11="exact"),
        )
    )


def test_what_is_acknowledged_after_the_last_reset_is_there(kounta: FakeKounta) -> None:
    """Acknowledged changes are kept after resets and imports, direct and by control call, and changes of choices."""
    run = Run(kounta)
    with closing(Client(kounta)) as client:
        run.of(_resets(kounta, client))
    assert run.lost(since=run.swaps) == []


def test_what_is_acknowledged_after_the_last_drop_is_there(kounta: FakeKounta) -> None:
    """Namespaces are dropped, cleared, reset and set aside while clients use them."""
    run = Run(kounta, "a")

    def drop() -> None:
        kounta.namespace("a")
        kounta.namespaces.clear()

    def fresh() -> None:
        with kounta.fresh():
            kounta.namespace("a")

    with closing(Client(kounta)) as client:
        run.of(
            cycle(
                (
                    drop,
                    lambda: client.ask("DELETE", "/_fakekounta/namespaces/a"),
                    lambda: client.ask("POST", "/_fakekounta/namespaces/a/reset"),
                    fresh,
                    drop,
                )
            )
        )
    assert run.lost(since=run.swaps) == []
