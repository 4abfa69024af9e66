"""What a million customers cost each request, and how much memory each of them takes."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from statistics import median
from urllib.parse import quote

import samples
from lines import Row, judged, row

from fakekounta import FakeKounta
from fakekounta.documents.customers import customer_from
from fakekounta.transports.call import call

SMALL = 1_000
BASE = "http://127.0.0.1/v1/companies/5678/customers"
HEADERS = [("Authorization", "Bearer fake-access-token"), ("Accept", "*/*")]
JSON_HEADERS = [*HEADERS, ("Content-Type", "application/json")]
TARGET = "<= 1.2"
_MEMORY = """
import resource, sys
sys.path.insert(0, sys.argv[2])
import samples
from fakekounta import FakeKounta
kounta = FakeKounta()
kounta.customers.add(**samples.customer(10**7))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for number in range(int(sys.argv[1])):
    kounta.customers.add(**samples.customer(number))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / int(sys.argv[1]))
"""


class Filled:
    """A fake with so many customers, asked in-process by whole requests."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.kounta = FakeKounta(assumptions={"C21": "204"})
        world = self.kounta.world
        for start in range(0, count, 10_000):
            numbers = range(start, min(start + 10_000, count))
            customers = [customer_from(samples.customer(n), "fake-client-id", world.assumptions) for n in numbers]
            world.company.store.add_all(customers, unique_mobile=True)
        self.first_id = self.kounta.world.company.store.next_id - count
        self._new = itertools.count(2 * 10**7 + count * 10)
        # Each question is about another customer, all over the store
        self._numbers = itertools.cycle(range(0, count, max(1, count // 997)))

    def number(self) -> int:
        """A customer that was not asked about lately."""
        return next(self._numbers)

    def ask(self, method: str, path: str, status: int, body: bytes = b"") -> float:
        """Microseconds of one request."""
        headers = JSON_HEADERS if body else HEADERS
        start = time.perf_counter()
        answer = call(self.kounta.wsgi_app, method, BASE + path, headers, body)
        took = time.perf_counter() - start
        assert answer.status == status, answer
        return 1e6 * took

    def page(self, share: float) -> float:
        """A page of the list, from its beginning (0) to its end (1)."""
        return self.ask("GET", f"?page={1 + int(share * (self.count // 25 - 1))}", 200)

    def create(self) -> float:
        """A new customer."""
        return self.ask("POST", "", 201, json.dumps(samples.customer(next(self._new))).encode())

    def change(self) -> float:
        """A change of three keys that are indexed."""
        fields = {key: samples.customer(next(self._new))[key] for key in ("email", "mobile", "phone")}
        return self.ask("PUT", f"/{self.first_id + self.number()}", 200, json.dumps(fields).encode())

    def remove(self) -> float:
        """A removal, of a customer that was made for it."""
        made = self.kounta.customers.add(**samples.customer(next(self._new)))
        return self.ask("DELETE", f"/{made.id}", 204)


def operations() -> Iterator[tuple[str, Callable[[Filled], float]]]:
    """What is asked of the small store and of the large one."""
    yield "by email", lambda f: f.ask("GET", f"?email=jmcdonald{f.number()}%40kounta.kom", 302)
    yield "by mobile", lambda f: f.ask("GET", f"?mobile=04{f.number():08d}", 302)
    yield "by name and phone", by_name
    yield "reference-id filter", lambda f: f.ask("GET", f"?reference_id=ABC{f.number()}", 200)
    yield "first page", lambda f: f.page(0)
    yield "middle page", lambda f: f.page(0.5)
    yield "last page", lambda f: f.page(1)
    yield "create", Filled.create
    yield "change", Filled.change
    yield "removal", Filled.remove


def by_name(filled: Filled) -> float:
    """The lookup by the three of name and phone."""
    number = filled.number()
    query = f"?first_name=Jamie{number}&last_name=McDonald{number}&phone={quote(f'02 8765 {number:07d}')}"
    return filled.ask("GET", query, 302)


def rows(*, quick: bool) -> list[Row]:
    """The lines about size."""
    large_count = 100_000 if quick else 1_000_000
    rounds, times = (5, 40) if quick else (15, 100)
    bytes_each = float(_output([sys.executable, "-c", _MEMORY, str(large_count), str(_here())]))
    found = [judged("memory of a customer / 1,536 bytes", bytes_each, 1_536, "bytes", bytes_each / 1_536, "<= 1")]
    large, small = Filled(large_count), Filled(SMALL)
    for name, operation in operations():
        pairs = []
        for _ in range(rounds):
            # One by one in turn, so that both sides meet the same weather
            both = [(operation(large), operation(small)) for _ in range(times)]
            pairs.append((median(one for one, _ in both), median(two for _, two in both)))
        found.append(row(f"{name} at {large_count:,} / at {SMALL:,}", pairs, "µs", TARGET))
    return found


def _here() -> str:
    return samples.__file__.rpartition("/")[0]


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
