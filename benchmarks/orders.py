"""Benchmarks of orders: each list at 100,000 orders against 1,000, and a new order with five lines."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import count, cycle
from random import Random
from statistics import median
from typing import Any

import samples
from lines import Row, row

from fakekounta import FakeKounta
from fakekounta.core.collection import SEEDED_AT
from fakekounta.core.order_desk import OrderDesk
from fakekounta.core.orders.collection import ORDERS
from fakekounta.core.orders.index import BY_STATUS, FILTERS, SCOPES, Wanted
from fakekounta.core.orders.order import DELETED, STATUSES, Line, Named, Order
from fakekounta.core.record_desk import RecordDesk
from fakekounta.wire.clients.call import call

BASE = "http://127.0.0.1/v1/companies/5678"
HEADERS = [("Authorization", "Bearer fake-access-token"), ("Content-Type", "application/json"), ("Accept", "*/*")]
SMALL, LARGE = 1_000, 100_000
TARGET = "<= 1.2"
PAGE = 25
VARIATIONS = (Decimal(1), Decimal(1), Decimal("0.9"))
LINES = 5


class Filled:
    """A café with so many orders more, in every status, made one minute after the other."""

    def __init__(self, count: int) -> None:
        self.kounta = FakeKounta(cafe=True)
        self.company = self.kounta.world.company
        self.desk = OrderDesk(self.company)
        self.ids = {scope: self._id_of(scope) for scope in SCOPES}
        RecordDesk(self.company, ORDERS).add([*self._orders(count)])

    def _id_of(self, scope: str) -> int:
        """Return the id of a record of the café, which half of the orders have."""
        handle = self.kounta.customers if scope == "customers" else self.kounta.collection(scope)
        return min(one.id for one in handle)

    def _orders(self, count: int) -> Iterator[Order]:
        random = Random(count)
        line = Line(product=Named(id=301, name="Flat white"))
        for number in range(count):
            status = random.choice(STATUSES)
            at = SEEDED_AT + timedelta(minutes=number)
            yield Order(
                id=ORDERS.first_id + 10_000 + number,
                status=status,
                deleted=status == DELETED,
                lines=(line,),
                price_variation=random.choice(VARIATIONS),
                created_at=at,
                updated_at=at,
                **{name: self.ids[scope] for scope, name in SCOPES.items() if random.random() < 0.5},
            )

    def ask(self, method: str, path: str, status: int, body: bytes = b"") -> float:
        """Return the microseconds of processor time of one request."""
        return asked(self.kounta, method, path, status, body)

    def look(self, wanted: Wanted) -> float:
        """Return the microseconds of a first page at the index, the mean of ten."""
        start = time.thread_time()
        for _ in range(10):
            self.desk.page(wanted, 0, PAGE)
        return 1e5 * (time.thread_time() - start)


def asked(kounta: FakeKounta, method: str, path: str, status: int, body: bytes = b"") -> float:
    """Return the microseconds of processor time of one request."""
    start = time.thread_time()
    answer = call(kounta.wsgi_app, method, BASE + path, HEADERS, body)
    took = time.thread_time() - start
    assert answer.status == status, answer
    return 1e6 * took


def lists(ids: dict[str, int]) -> Iterator[tuple[str, list[tuple[str, Wanted]]]]:
    """Yield each kind of list: a name, and its paths below the company, each with what it asks of the index."""
    yield "all orders", [("/orders", Wanted())]
    for name in FILTERS:
        yield f"orders/{name}", [(f"/orders/{name}", Wanted(filters=(name,)))]
    for scope, number in ids.items():
        path, scopes = f"/{scope}/{number}/orders", {scope: number}
        yield f"orders of {scope}", [(path, Wanted(scopes=scopes))]
        yield (
            f"orders of {scope} by status",
            [(f"{path}/{name}", Wanted(scopes=scopes, filters=(name,))) for name in BY_STATUS],
        )


def rows(*, quick: bool) -> list[Row]:
    """Measure lists and new orders."""
    rounds, times = (5, 12) if quick else (15, 30)
    large, small = Filled(LARGE), Filled(SMALL)
    found = []
    for name, places in lists(small.ids):
        paths = cycle(path for path, _ in places for _ in (large, small))
        whole = pairs(lambda one, paths=paths: one.ask("GET", next(paths), 200), large, small, rounds, times)
        wants = cycle(wanted for _, wanted in places for _ in (large, small))
        index = pairs(lambda one, wants=wants: one.look(next(wants)), large, small, rounds, times)
        found.append(row(f"{name} at {LARGE:,} / at {SMALL:,}", whole, "µs", TARGET))
        found.append(row(f"index: {name} at {LARGE:,} / at {SMALL:,}", index, "µs", ""))
    made = pairs(lambda one: one(small), new_order, new_customer, rounds, times)
    return [*found, row(f"new order with {LINES} lines / new customer", made, "µs", "<= 4")]


def pairs(measure: Callable[[Any], float], one: Any, other: Any, rounds: int, times: int) -> list[tuple[float, float]]:
    """Return the medians of each round; both are measured in turn, so that other load affects them alike."""
    found = []
    for _ in range(rounds):
        both = [(measure(one), measure(other)) for _ in range(times)]
        found.append((median(first for first, _ in both), median(second for _, second in both)))
    return found


_numbers = count(1)


def new_order(filled: Filled) -> float:
    """Return the microseconds of a POST of an order with lines."""
    products = [one.id for one in filled.kounta.collection("products")][:LINES]
    lines = [{"product_id": product, "quantity": 1} for product in products]
    return filled.ask("POST", "/orders", 201, json.dumps({"site_id": filled.ids["sites"], "lines": lines}).encode())


def new_customer(filled: Filled) -> float:
    """Return the microseconds of a POST of a customer."""
    return filled.ask("POST", "/customers", 201, json.dumps(samples.customer(next(_numbers))).encode())
