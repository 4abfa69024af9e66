"""Send requests by concurrent clients to several processes, and record the history of requests and responses."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any

from tests.linearizable import CHANGE, CREATE, DELETE, NEVER, READ, Operation

CUSTOMERS = "/v1/companies/5678/customers"
HEADERS = {
    "Authorization": "Basic ZmFrZS1jbGllbnQtaWQ6ZmFrZS1jbGllbnQtc2VjcmV0",
    "Content-Type": "application/json",
}
MOST_KEYS = 12
CONNECTIONS = 2


class Histories:
    """The operations of all clients, and the customers that they share, by reference id."""

    def __init__(self, ports: Sequence[int], seed: int) -> None:
        self.ports = ports
        self.seed = seed
        self.operations: list[Operation] = []
        self.ids: dict[str, int] = {}
        self.stop = Event()
        self.unknown = 0

    def run(self, clients: int, seconds: float, most: int, beside: Callable[[Event], None] = lambda _: None) -> None:
        """Let so many clients work for so long, or until each has sent so many requests."""
        threads = [Thread(target=_Client(self, number).work, args=(most,)) for number in range(clients)]
        for thread in threads:
            thread.start()
        disturber = Thread(target=beside, args=(self.stop,))
        disturber.start()
        deadline = monotonic() + seconds
        for thread in threads:
            thread.join(max(0.0, deadline - monotonic()))
        self.stop.set()
        for thread in (*threads, disturber):
            thread.join()


class _Client:
    """A client with connections of its own, each perhaps to another process."""

    def __init__(self, shared: Histories, number: int) -> None:
        self._shared = shared
        self._random = random.Random(shared.seed * 1_000 + number)
        self._name = f"c{number}"
        self._count = 0
        ports = [shared.ports[(number + one) % len(shared.ports)] for one in range(CONNECTIONS)]
        self._connections = [HTTPConnection("127.0.0.1", port, timeout=30) for port in ports]

    def work(self, most: int) -> None:
        """Send requests until the end."""
        while not self._shared.stop.is_set() and self._count < most:
            self._count += 1
            keys = list(self._shared.ids)
            if (len(keys) < MOST_KEYS and self._random.random() < 0.2) or not keys:
                self._create()
            else:
                act = self._random.choices((self._read, self._search, self._list, self._change, self._delete), _WEIGHTS)
                act[0](self._random.choice(keys))
        for one in self._connections:
            one.close()

    def _ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any, float, float]:
        """Return status, document, begin and end; status 0 and no end without a response."""
        connection = self._random.choice(self._connections)
        begun = monotonic()
        try:
            connection.request(method, path, None if body is None else json.dumps(body), HEADERS)
            response = connection.getresponse()
            content = response.read()
        except (OSError, HTTPException):
            self._shared.unknown += 1
            with suppress(OSError):
                connection.close()
            return 0, None, begun, NEVER
        if response.status >= 500:  # of a proxy, or of a server that cannot reach its log
            self._shared.unknown += 1
            return 0, None, begun, NEVER
        return response.status, json.loads(content or b"null"), begun, monotonic()

    def _note(self, key: str, kind: str, value: str | None, begun: float, ended: float) -> None:
        self._shared.operations.append(Operation(key, kind, value, begun, ended))

    def _create(self) -> None:
        key, value = f"{self._name}-{self._count}", self._value()
        body = {"first_name": value, "phone": "1", "reference_id": key}
        self._write(key, CREATE, value, "POST", f"{CUSTOMERS}.json", body)
        self._search(key)

    def _value(self) -> str:
        return f"{self._name}.{self._count}"

    def _search(self, key: str) -> None:
        status, found, begun, ended = self._ask("GET", f"{CUSTOMERS}.json?reference_id={key}")
        if status:
            self._note(key, READ, found[0]["first_name"] if found else None, begun, ended)
            if found:
                self._shared.ids.setdefault(key, found[0]["id"])

    def _read(self, key: str) -> None:
        status, document, begun, ended = self._ask("GET", f"{CUSTOMERS}/{self._shared.ids[key]}.json")
        if status:
            self._note(key, READ, document["first_name"] if status == 200 else None, begun, ended)

    def _list(self, _: str) -> None:
        known = list(self._shared.ids)
        status, document, begun, ended = self._ask("GET", f"{CUSTOMERS}.json")
        if status:
            values = {one["id"]: one["first_name"] for one in document}
            for key in known:
                self._note(key, READ, values.get(self._shared.ids[key]), begun, ended)

    def _change(self, key: str) -> None:
        value = self._value()
        self._write(key, CHANGE, value, "PUT", f"{CUSTOMERS}/{self._shared.ids[key]}.json", {"first_name": value})

    def _delete(self, key: str) -> None:
        self._write(key, DELETE, None, "DELETE", f"/_fakekounta/customers/{self._shared.ids[key]}")

    def _write(self, key: str, kind: str, value: str | None, method: str, path: str, body: Any = None) -> None:
        status, _, begun, ended = self._ask(method, path, body)
        if status == 404:
            self._note(key, READ, None, begun, ended)
        else:
            assert status in (0, 200, 201, 204), status
            self._note(key, kind, value, begun, ended)


_WEIGHTS = (8, 4, 2, 5, 1)


def workers_of(pid: int) -> Iterator[int]:
    """Yield the process ids of the children of a process."""
    yield from map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split())
