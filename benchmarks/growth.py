"""Benchmarks of each request with a million customers, and of the memory of a customer."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import quote

import samples
from lines import Row, judged, row

from fakekounta import FakeKounta
from fakekounta.core.customers import Fields
from fakekounta.wire.clients.call import call

SMALL = 1_000
BASE = "http://127.0.0.1/v1/companies/5678/customers"
HEADERS = [("Authorization", "Bearer fake-access-token"), ("Accept", "*/*")]
JSON_HEADERS = [*HEADERS, ("Content-Type", "application/json")]
CLIENT_ID = "fake-client-id"
TARGET = "<= 1.2"
BYTES = 1_536
_MEMORY = Path(__file__).with_name("memory.py")
_NEW = 90_000_000
"""The numbers of customers that are created during the measurement begin here."""


class Filled:
    """A fake with so many customers, used by whole requests in-process and by the company's own operations."""

    def __init__(self, count: int, seed_file: Path) -> None:
        self.count = count
        self.kounta = FakeKounta(seed_file=seed_file, assumptions={"C21": "204"})
        self.company = self.kounta.world.company
        self.first_id = self.company.store.next_id - count
        self._new = itertools.count(_NEW)
        self._random = Random(count)

    def number(self) -> int:
        """Return the number of a random customer."""
        return self._random.randrange(self.count)

    def page_number(self, share: float) -> int:
        """Return the number of the first page (0), of the last (1), or of one in between."""
        return 1 + int(share * ((self.count - 1) // 25))

    def fields(self) -> Fields:
        """Return the fields of a new customer."""
        return samples.customer(next(self._new))

    def changes(self) -> Fields:
        """Return new values of three indexed keys."""
        fields = self.fields()
        return {name: fields[name] for name in ("email", "mobile", "phone")}

    def ask(self, method: str, path: str, status: int, fields: Fields | None = None) -> float:
        """Return the microseconds of one request."""
        body, headers = (b"", HEADERS) if fields is None else (json.dumps(fields).encode(), JSON_HEADERS)
        start = time.perf_counter()
        answer = call(self.kounta.wsgi_app, method, BASE + path, headers, body)
        took = time.perf_counter() - start
        assert answer.status == status, answer
        return 1e6 * took

    def filtered(self, reference_id: str) -> None:
        """Return the microseconds of the core's filter."""
        self.company.store.page_by_reference(CLIENT_ID, reference_id, 0, 25)

    def created(self, create: Callable[[Fields], float]) -> float:
        """Return the microseconds of creating a customer, which is removed again."""
        took = create(self.fields())
        self.company.store.remove(self.company.store.next_id - 1)
        return took

    def changed(self, change: Callable[[int, Fields], float]) -> float:
        """Return the microseconds of changing a random customer, which is changed back."""
        before = self.company.customer(self.first_id + self.number())
        took = change(before.id, self.changes())
        self.company.store.change(self.company.customer(before.id), before)
        return took

    def removed(self, remove: Callable[[int], float]) -> float:
        """Return the microseconds of removing a random customer, which is put back."""
        customer = self.company.customer(self.first_id + self.number())
        took = remove(customer.id)
        self.company.store.add(customer, unique_mobile=True)
        return took


def timed(operation: Callable[..., object], *arguments: object) -> float:
    """Return the microseconds of one call."""
    start = time.perf_counter()
    operation(*arguments)
    return 1e6 * (time.perf_counter() - start)


def requests() -> Iterator[tuple[str, Callable[[Filled], float]]]:
    """Return whole requests, which have targets."""
    yield "by id", lambda f: f.ask("GET", f"/{f.first_id + f.number()}", 200)
    yield "by email", lambda f: f.ask("GET", f"?email=jmcdonald{f.number()}%40kounta.kom", 302)
    yield "by mobile", lambda f: f.ask("GET", f"?mobile=04{f.number():08d}", 302)
    yield "by name and phone", lambda f: f.ask("GET", _by_name(f.number()), 302)
    yield "reference-id filter", lambda f: f.ask("GET", f"?reference_id=ABC{f.number()}", 200)
    yield "first page", lambda f: f.ask("GET", "", 200)
    yield "middle page", lambda f: f.ask("GET", f"?page={f.page_number(0.4 + 0.2 * f.number() / f.count)}", 200)
    yield "last page", lambda f: f.ask("GET", f"?page={f.page_number(1)}", 200)
    yield "create", lambda f: f.created(lambda fields: f.ask("POST", "", 201, fields))
    yield "change", lambda f: f.changed(lambda id_, fields: f.ask("PUT", f"/{id_}", 200, fields))
    yield "removal", lambda f: f.removed(lambda id_: f.ask("DELETE", f"/{id_}", 204))


def operations() -> Iterator[tuple[str, Callable[[Filled], float]]]:
    """Return the same operations without HTTP: some dictionary look-ups each, which show misses of the CPU cache."""
    yield "by id", lambda f: timed(f.company.customer, f.first_id + f.number())
    yield "by email", lambda f: timed(f.company.customer_by_email, f"jmcdonald{f.number()}@kounta.kom")
    yield "by mobile", lambda f: timed(f.company.customer_by_mobile, f"04{f.number():08d}")
    yield "by name and phone", lambda f: timed(f.company.customer_by_name_and_phone, *_name_and_phone(f.number()))
    yield "reference-id filter", lambda f: timed(f.filtered, f"ABC{f.number()}")
    yield "middle page", lambda f: timed(f.company.store.page, start := f.number(), start + 25)
    yield "create", lambda f: f.created(lambda fields: timed(f.company.create_customer, CLIENT_ID, fields))
    yield "change", lambda f: f.changed(lambda id_, fields: timed(f.company.change_customer, CLIENT_ID, id_, fields))
    yield "removal", lambda f: f.removed(lambda id_: timed(f.company.store.remove, id_))


def _name_and_phone(number: int) -> tuple[str, str, str]:
    return f"Jamie{number}", f"McDonald{number}", f"02 8765 {number:07d}"


def _by_name(number: int) -> str:
    names = zip(("first_name", "last_name", "phone"), _name_and_phone(number), strict=True)
    return "?" + "&".join(f"{name}={quote(value)}" for name, value in names)


def rows(*, quick: bool) -> list[Row]:
    """Measure the growth of time and memory."""
    large_count = 100_000 if quick else 1_000_000
    rounds, times = (5, 40) if quick else (15, 100)
    with TemporaryDirectory() as folder:
        large_file, small_file = (samples.seed_file(Path(folder), count) for count in (large_count, SMALL))
        found = memory(large_file, large_count)
        large, small = Filled(large_count, large_file), Filled(SMALL, small_file)
    for kind, target, lines in (("", TARGET, requests()), ("core: ", "", operations())):
        for name, one in lines:
            figures = pairs(one, large, small, rounds, times)
            found.append(row(f"{kind}{name} at {large_count:,} / at {SMALL:,}", figures, "µs", target))
    return found


def pairs(
    operation: Callable[[Filled], float], large: Filled, small: Filled, rounds: int, times: int
) -> list[tuple[float, float]]:
    """Return the medians of each round, for the large and for the small store."""
    found = []
    for _ in range(rounds):
        # One by one in turn, so that other load affects both sides alike
        both = [(operation(large), operation(small)) for _ in range(times)]
        found.append((median(one for one, _ in both), median(two for _, two in both)))
    return found


def memory(seed_file: Path, count: int) -> list[Row]:
    """Return the bytes by which a new process grows for each customer, added one by one and loaded from a file."""
    return [
        judged(f"memory of a customer, {name} / {BYTES:,} bytes", used, BYTES, "bytes", used / BYTES, "<= 1")
        for name, argument in (("added", ""), ("from a seed file", str(seed_file)))
        for used in [_output([sys.executable, str(_MEMORY), str(count), argument])]
    ]


def _output(command: list[str]) -> float:
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
