"""Many clients at once: acknowledged changes are kept, ids and mobiles are unique, nothing arrives after a reset."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.attack.figures import Figure, none_of
from tests.attack.receivers import Hits, receiving
from tests.attack.victim import CONTROL, CUSTOMERS, WEBHOOKS, Victim, ask_on, serving

_JOIN_SECONDS = 60.0
_BURST = 12


@dataclass(kw_only=True)
class Seen:
    """The responses that clients got, for the check at the end."""

    victim: Victim
    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    created: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of each customer the path, and the fields that were acknowledged last."""
    failed: list[str] = field(default_factory=list)
    operations: int = 0
    since: float = 0.0
    """When the world was replaced last: what was asked for before may have been answered by the world before."""
    doubled_ids: list[str] = field(default_factory=list)

    def count(self, status: int, what: str) -> None:
        """Count one operation; a 5xx or a missing response is a failure."""
        with self.lock:
            self.operations += 1
            if status >= 500 or status == 0:
                self.failed.append(f"{what}: {status}")

    def acknowledged(self, path: str, fields: dict[str, str], began: float, *, new: bool = False) -> None:
        """Keep the result of a request that was answered 200 or 201 and began at this moment."""
        with self.lock:
            if began < self.since:
                return
            if new and path in self.created:
                self.doubled_ids.append(path)
            if new or path in self.created:
                self.created[path] = {**self.created.get(path, {}), **fields}

    def world_replaced(self) -> None:
        """Forget all acknowledged changes."""
        with self.lock:
            self.since = time.monotonic()
            self.created.clear()
            self.doubled_ids.clear()


def figures(scale: float) -> Iterator[Figure]:
    """Yield what was lost, doubled, or arrived too late."""
    seconds = max(2.0, 10 * scale)
    for name, swapping in _SWAPPERS.items():
        with serving() as victim:
            yield from _kept(victim, name, swapping, seconds)
    with serving() as victim:
        yield from _mobiles(victim, seconds)
    with serving() as victim, receiving() as hits:
        yield from _strays(victim, hits, max(5, int(25 * scale)))


@contextmanager
def _working(seen: Seen, works: Sequence[Callable[[Seen, int], None]]) -> Iterator[None]:
    """Run each work in a thread until the block ends; a thread that does not end is in the figure."""
    threads = [threading.Thread(target=work, args=(seen, number), daemon=True) for number, work in enumerate(works)]
    for thread in threads:
        thread.start()
    yield
    seen.stop.set()
    for thread in threads:
        thread.join(_JOIN_SECONDS)
        if thread.is_alive():
            seen.failed.append("a client never got its answer")


# --- acknowledged changes are kept ----------------------------------------------------------------------------


def _create(seen: Seen, number: int) -> None:
    with seen.victim.connect() as sock:
        count = 0
        while not seen.stop.is_set():
            count += 1
            _created(seen, sock, {"first_name": f"w{number}-{count}", "email": f"w{number}-{count}@example.com"})


def _created(seen: Seen, sock: socket.socket, fields: dict[str, str]) -> str:
    began = time.monotonic()
    answer = ask_on(sock, "POST", CUSTOMERS, fields)
    seen.count(answer.status, "create")
    path = _path_in(answer.header("Location"))
    if answer.status == 201:
        seen.acknowledged(path, fields, began, new=True)
    return path


def _change(seen: Seen, number: int) -> None:
    """Change one customer repeatedly, and another one once its world is gone."""
    with seen.victim.connect() as sock:
        path, count = "/v1/companies/5678/customers/1.json", 0
        while not seen.stop.is_set():
            count += 1
            fields = {"last_name": f"{number}-{count}"}
            began = time.monotonic()
            status = ask_on(sock, "PUT", path, fields).status
            seen.count(status, "change")
            if status == 200:
                seen.acknowledged(path, fields, began)
            if status == 404:
                path = _created(seen, sock, {"first_name": "c", "phone": "1"})


def _webhooks(seen: Seen, number: int) -> None:
    """Subscribe and unsubscribe; the address is on a closed port."""
    with seen.victim.connect() as sock:
        while not seen.stop.is_set():
            fields = {"topic": "customers/deleted", "address": f"http://127.0.0.1:9/{number}"}
            made = ask_on(sock, "POST", WEBHOOKS, fields)
            seen.count(made.status, "subscribe")
            if made.status == 201:
                deleted = ask_on(sock, "DELETE", _path_in(made.header("Location")))
                seen.count(deleted.status, "unsubscribe")


def _look_up(seen: Seen, number: int) -> None:
    with seen.victim.connect() as sock:
        while not seen.stop.is_set():
            answer = ask_on(sock, "GET", f"{CUSTOMERS}?email=w{number}-1@example.com")
            seen.count(answer.status, "look up")


def _path_in(location: str) -> str:
    return "/" + location.partition("://")[2].partition("/")[2]


def _assumptions(seen: Seen) -> None:
    for choice in ("digits", "exact"):
        seen.count(seen.victim.ask("PUT", CONTROL + "/assumptions", {"A11": choice}).status, "assume")


def _other_namespaces(seen: Seen) -> None:
    for method, path in (("POST", "/reset"), ("GET", "/state")):
        headers = {"X-Fakekounta-Namespace": "other"}
        seen.count(seen.victim.ask(method, CONTROL + path, headers=headers).status, path)
    seen.count(seen.victim.ask("DELETE", CONTROL + "/namespaces/other").status, "drop")


def _clock(seen: Seen) -> None:
    for document in ({"frozen": True}, {"advance_seconds": 1}, {"frozen": False, "rate": 2}):
        seen.count(seen.victim.ask("PUT", CONTROL + "/clock", document).status, "clock")


def _resets(seen: Seen) -> None:
    seen.count(seen.victim.ask("POST", CONTROL + "/reset").status, "reset")
    seen.world_replaced()
    time.sleep(0.1)


def _imports(seen: Seen) -> None:
    state = seen.victim.control("GET", "/state").json
    seen.count(seen.victim.ask("PUT", CONTROL + "/state", state).status, "import")
    seen.world_replaced()
    time.sleep(0.2)


_SWAPPERS: dict[str, Callable[[Seen], None]] = {
    "assumptions change": _assumptions,
    "other namespaces come and go": _other_namespaces,
    "the clock is set": _clock,
    "the world is reset": _resets,
    "a state is imported": _imports,
}


def _kept(victim: Victim, name: str, swap: Callable[[Seen], None], seconds: float) -> Iterator[Figure]:
    seen = Seen(victim=victim)
    until = time.monotonic() + seconds
    with _working(seen, [_create, _create, _create, _change, _change, _webhooks, _look_up]):
        while time.monotonic() < until:
            swap(seen)
        time.sleep(0.5)
    lost = [path for path, fields in seen.created.items() if _is_lost(victim, path, fields)]
    yield none_of(f"acknowledged and lost while {name}", lost, len(seen.created))
    yield none_of(f"ids given twice while {name}", seen.doubled_ids, len(seen.created))
    yield none_of(f"5xx, or no answer, while {name}", seen.failed, seen.operations)


def _is_lost(victim: Victim, path: str, fields: dict[str, str]) -> bool:
    answer = victim.ask("GET", path)
    return answer.status != 200 or any(answer.json[name] != value for name, value in fields.items())


# --- nothing is given twice -----------------------------------------------------------------------------------


def _same_mobiles(seen: Seen, number: int) -> None:
    with seen.victim.connect() as sock:
        count = 0
        while not seen.stop.is_set():
            count += 1
            fields = {"first_name": f"m{number}", "mobile": f"04{count % 500:08}"}
            answer = ask_on(sock, "POST", CUSTOMERS, fields)
            seen.count(answer.status, "create")
            if answer.status == 201 and count % 3 == 0:
                seen.count(ask_on(sock, "DELETE", _path_in(answer.header("Location"))).status, "delete")


def _mobiles(victim: Victim, seconds: float) -> Iterator[Figure]:
    seen = Seen(victim=victim)
    with _working(seen, [_same_mobiles] * 6):
        time.sleep(seconds)
    document = victim.control("GET", "/customers?limit=10000").json
    mobiles = [one["mobile"] for one in document["customers"]]
    yield none_of("mobiles held twice", [one for one in set(mobiles) if mobiles.count(one) > 1], len(mobiles))
    yield none_of("5xx, or no answer, while mobiles are fought for", seen.failed, seen.operations)


# --- nothing arrives after a reset or a drop ------------------------------------------------------------------


def _strays(victim: Victim, hits: Hits, rounds: int) -> Iterator[Figure]:
    late, slowest = [], 0.0
    for number in range(rounds):
        headers = {"X-Fakekounta-Namespace": f"n{number}"}
        fields = {"topic": "customers/created", "address": f"{hits.url}/{number}"}
        victim.ask("POST", WEBHOOKS, fields, headers=headers)
        for _ in range(_BURST):
            victim.ask("POST", CUSTOMERS, {"first_name": "A", "phone": "1"}, headers=headers)
        started = time.monotonic()
        victim.control("DELETE", f"/namespaces/n{number}")
        slowest = max(slowest, time.monotonic() - started)
        before = len(hits.found)
        hits.wait_for(before + 1, seconds=0.4)
        late += [path for path, _ in hits.found[before:]]
    yield none_of("deliveries that came after a namespace was dropped", late, _BURST * rounds)
    yield Figure(name="the slowest drop of a namespace", value=slowest, unit="s", bar=1.0)
