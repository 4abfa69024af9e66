"""The state follows from the changes: the same ones, with their moments and entropy, give the same state."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from fakekounta import FakeKounta
from fakekounta.core.deliveries import ATTEMPT, DELIVERY, Attempt, Delivery
from fakekounta.core.sources import GivenSources
from fakekounta.core.world import World
from fakekounta.wire.clients.call import call
from fakekounta.wire.clients.cut import Cut
from fakekounta.wire.delivery.courier import HELD
from fakekounta.worlds.namespace import Namespace
from fakekounta.worlds.state import state_of, world_from

START = datetime(2026, 11, 23, 7, 40, tzinfo=timezone.utc)
AUTH = ("Authorization", "Basic ZmFrZS1jbGllbnQtaWQ6ZmFrZS1jbGllbnQtc2VjcmV0")
JSON = ("Content-Type", "application/json")
CONTROL, OWN = "/_fakekounta", "/v1/companies/5678"
CUSTOMER = 389_427
ORDER = "921477331522330"  # the first is 9214773315223301


class Change(NamedTuple):
    """A request, or the result of an attempt; `at` and `entropy` are those that it was given."""

    at: datetime
    entropy: bytes
    request: tuple[str, str, tuple[tuple[str, str], ...], bytes] | None = None
    result: tuple[str, int, dict[str, Any], str] | None = None


class Replica:
    """A fake that makes given changes. It has no courier that would make others."""

    def __init__(self) -> None:
        self.given = GivenSources()
        self.kounta = FakeKounta(cafe=True, webhook_mode="collect")
        self.kounta._factory.sources = self.given.sources
        self.kounta.reset()

    def make(self, change: Change) -> tuple[int, bytes]:
        """Make a change; return status and body of its response, if it is a request."""
        with self.given.change(change.at, change.entropy):
            if change.result is not None:
                name, number, attempt, outcome = change.result
                self._namespace(name).world.outbox.repeat_result(number, ATTEMPT.restored(attempt), outcome)
                return 0, b""
            assert change.request is not None
            method, path, headers, body = change.request
            held = HELD.set(True)
            try:
                url = f"http://127.0.0.1{path}"
                response = call(self.kounta.wsgi_app, method, url, headers, body, sleep=lambda _: None)
            except Cut:
                return 0, b""
            finally:
                HELD.reset(held)
            return response.status, response.body

    def _namespace(self, name: str) -> Namespace:
        return self.kounta.namespaces[name] if name else self.kounta

    def worlds(self) -> dict[str, World]:
        return {one.name: one.world for one in (self.kounta, *self.kounta.namespaces.values())}

    def states(self, at: datetime) -> str:
        """Return all that the worlds have, as a text."""
        with self.given.change(at, b""):
            worlds = self.worlds().items()
            return json.dumps([(name, state_of(one), _past(one)) for name, one in worlds], indent=1)

    def restore(self, states: str, at: datetime) -> None:
        """Put in what `states` returned."""
        with self.given.change(at, b""):
            for name, state, past in json.loads(states):
                world = world_from(state, self.given.sources)
                world.outbox.restore_past([DELIVERY.restored(one) for one in past])
                (self.kounta.namespace(name) if name else self.kounta).replace_world(world)


def _past(world: World) -> list[dict[str, Any]]:
    return [DELIVERY.document(one) for one in world.outbox.all()]


class Leader(Replica):
    """A fake that makes changes of its own and writes them down, among them the results of its attempts."""

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[Change] = []
        self.bodies: list[tuple[int, bytes]] = []
        self.now = START
        self.token, self.code = "none", "none"
        self.kounta._observers.record_attempt = self._record
        self.kounta.courier._post = self.kounta.namespaces._post = lambda _: self.receiver_status
        self.receiver_status = 200

    def request(self, method: str, path: str, body: Any = None, *headers: tuple[str, str]) -> None:
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        self.now += timedelta(seconds=0.37)
        entropy = b"%d" % len(self.changes)
        given = headers or ((AUTH, JSON) if content or method == "POST" else (AUTH,))
        self._make(Change(self.now, entropy, (method, path, given, content)))

    def _make(self, change: Change) -> None:
        self.changes.append(change)
        self.bodies.append(self.make(change))

    def deliver(self, status: int) -> None:
        self.receiver_status = status
        self.now += timedelta(seconds=0.11)
        with self.given.change(self.now, b""):
            for one in (self.kounta, *self.kounta.namespaces.values()):
                one.webhooks.deliver()

    def _record(self, namespace: Namespace, world: World, delivery: Delivery, attempt: Attempt, outcome: str) -> None:
        change = Change(self.now, b"", None, (namespace.name, delivery.id, ATTEMPT.document(attempt), outcome))
        self.changes.append(change)
        self.bodies.append((0, b""))
        world.outbox.record_result(delivery, attempt, outcome)


def _control(method: str, path: str, body: Any = None) -> Callable[[Leader, int], None]:
    return lambda leader, n: leader.request(method, CONTROL + path.format(n=n), body or {})


def _api(method: str, path: str, body: Any = None) -> Callable[[Leader, int], None]:
    def act(leader: Leader, n: int) -> None:
        sent = None if body is None else {k: v.format(n=n) if isinstance(v, str) else v for k, v in body.items()}
        leader.request(method, path.format(n=n), sent)

    return act


def _in_namespace(leader: Leader, n: int) -> None:
    path = f"{CONTROL}/ns/n{n % 2}{OWN}/customers.json"
    leader.request("POST", path, {"first_name": "Nan", "phone": str(n)})


def _authorize(leader: Leader, _: int) -> None:
    query = "client_id=fake-client-id&response_type=code&redirect_uri=http://localhost/callback&state=s"
    leader.request("GET", f"/authorize?{query}")
    leader.code = next(reversed(leader.kounta.world.applications.tokens()[2]), "none")


def _token(leader: Leader, n: int) -> None:
    grants = (
        {"grant_type": "authorization_code", "code": leader.code, "redirect_uri": "http://localhost/callback"},
        {"grant_type": "refresh_token", "refresh_token": "fake-refresh-token"},
    )
    credentials = {"client_id": "fake-client-id", "client_secret": "fake-client-secret"}
    form = "&".join(f"{key}={value}" for key, value in {**grants[n % 2], **credentials}.items())
    leader.request("POST", "/v1/token", form.encode(), ("Content-Type", "application/x-www-form-urlencoded"))
    status, body = leader.bodies[-1]
    if status == 200:
        leader.token = json.loads(body)["access_token"]


def _with_token(leader: Leader, n: int) -> None:
    path = f"{OWN}/customers/{CUSTOMER + n}.json"
    leader.request("GET", path, None, ("Authorization", f"Bearer {leader.token}"))


_HOOK = {"topic": "customers/created", "address": "http://127.0.0.1:9/"}
_ORDER = {"site_id": 1640, "sale_number": "S{n}", "lines": [{"product_id": 3001, "quantity": 2}]}
_CHANCE = {"duplicate": 0.3, "drop": 0.3, "reorder": 0.3, "delay": 0.3, "seed": 4}
OPERATIONS: dict[str, Callable[[Leader, int], None]] = {
    "create": _api("POST", f"{OWN}/customers.json", {"first_name": "Jo{n}", "mobile": "04{n}", "reference_id": "R{n}"}),
    "create_more": _api("POST", f"{OWN}/customers.json", {"first_name": "Al", "email": "a{n}@example.com"}),
    "change": _api("PUT", f"{OWN}/customers/38942{{n}}.json", {"first_name": "Z{n}", "tags": ["b", "a"]}),
    "read": _api("GET", f"{OWN}/customers.json?mobile=04{{n}}"),
    "order": _api("POST", f"{OWN}/orders.json", _ORDER),
    "ring_up": _control("POST", "/ring_up", {"site_id": 1640, "lines": [{"product_id": 3002, "quantity": 1}]}),
    "complete": _control("POST", f"/orders/{ORDER}{{n}}/complete"),
    "pay": _api("POST", f"{OWN}/orders/{ORDER}{{n}}/payments.json", {"method_id": 1077, "amount": 4}),
    "hook": _api("POST", f"{OWN}/webhooks.json", _HOOK),
    "hook_too": _control("POST", "/webhooks", {"topic": "orders/completed", "address": "http://127.0.0.1:9/o"}),
    "unhook": _api("DELETE", f"{OWN}/webhooks/{{n}}.json"),
    "redeliver": _control("POST", "/deliveries/{n}/redeliver"),
    "disturb": _control("PUT", "/disturbances", _CHANCE),
    "delivered": lambda leader, _: leader.deliver(200),
    "failed": lambda leader, _: leader.deliver(500),
    "freeze": _control("PUT", "/clock", {"frozen": True}),
    "run": _control("PUT", "/clock", {"frozen": False, "rate": 60}),
    "advance": _control("PUT", "/clock", {"advance_seconds": 61}),
    "fault": _control("POST", "/faults", {"status": 503, "probability": 0.5, "seed": 9, "path": "/customers"}),
    "late": _control("POST", "/faults", {"latency_seconds": [0, 9], "clock": True, "seed": 3, "every": 2}),
    "limited": _control("POST", "/faults", {"rate_limited": True, "every": 3}),
    "expire": _control("POST", "/faults", {"token_expired": True, "every": 2, "times": 2}),
    "faultless": _control("DELETE", "/faults/{n}"),
    "assume": _control("PUT", "/assumptions", {"A15": "newest_first", "O06": "new"}),
    "limit": lambda leader, _: leader.request(
        "PUT", f"{CONTROL}/state", {**json.loads(_state(leader)), "rate_limit": {"basic": 5, "oauth": 5}}
    ),
    "open": lambda leader, _: leader.request(
        "PUT", f"{CONTROL}/state", {**json.loads(_state(leader)), "open_auth": True}
    ),
    "namespace": _in_namespace,
    "drop": _control("DELETE", "/namespaces/n{n}"),
    "reset": _control("POST", "/reset"),
    "authorize": _authorize,
    "token": _token,
    "bearer": _with_token,
}


def _state(leader: Leader) -> str:
    with leader.given.change(leader.now, b""):
        return json.dumps(state_of(leader.kounta.world))


STEPS = st.lists(st.tuples(st.sampled_from([*OPERATIONS]), st.integers(0, 9)), max_size=30)


def _steps(names: str) -> list[tuple[str, int]]:
    return [(name, number % 10) for number, name in enumerate(names.split())]


@settings(max_examples=6, deadline=None, phases=(Phase.explicit, Phase.generate))  # to shrink takes minutes
@given(steps=STEPS, place=st.floats(0, 1))
@example(_steps("disturb hook create create create create create create create create create failed redeliver"), 0.4)
@example(_steps("limit read read read read read read read read"), 0.5)
@example(
    _steps("limited read read read read fault fault faultless fault read authorize token bearer token bearer"), 0.5
)
@example(_steps("fault faultless fault fault"), 1.0)
@example(_steps("failed run late create advance failed freeze create delivered"), 0.7)
def test_three_worlds_agree(steps: list[tuple[str, int]], place: float) -> None:
    """One that makes changes, one that makes them again, and one that goes on from a snapshot have the same state."""
    leader, follower, late = Leader(), Replica(), Replica()
    taken, snapshot, taken_at = 0, leader.states(START), START
    for number, (name, n) in enumerate((("hook", 0), ("create", 0), *steps)):
        if number <= place * len(steps):
            taken, snapshot, taken_at = len(leader.changes), leader.states(leader.now), leader.now
        OPERATIONS[name](leader, n)
    late.restore(snapshot, taken_at)
    assert [follower.make(one) for one in leader.changes] == leader.bodies
    assert [late.make(one) for one in leader.changes[taken:]] == leader.bodies[taken:]
    end = leader.now + timedelta(hours=1)
    assert follower.states(end) == leader.states(end)
    assert late.states(end) == leader.states(end)
