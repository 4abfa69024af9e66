"""A model of what must arrive: the webhook lab as simply as possible, without queues, lanes and locks."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from fakekounta.settings.kinds import Mode

START = datetime(2026, 11, 23, 7, 40, tzinfo=timezone.utc)
ZONE = ZoneInfo("Australia/Melbourne")
MINUTES = (0, 1, 5, 30, 120)
TOKENS = {"fake-client-id": "fake-signature-token", "other-id": "other-token"}
MEANT_BY = {
    "name": {"first_name", "last_name"},
    "phone": {"phone"},
    "mobile": {"mobile"},
    "email": {"email"},
    "address": {"primary_address", "shipping_address"},
    "tags": {"tags"},
    "image": {"image"},
    "accepts_marketing": {"accepts_marketing"},
}
NEW_CUSTOMER: dict[str, Any] = {
    "first_name": "Al",
    "last_name": "",
    "email": "al@example.com",
    "phone": None,
    "mobile": None,
    "image": None,
    "tags": [],
    "primary_address": None,
    "shipping_address": None,
    "accepts_marketing": False,
}

Heard = tuple[str, str, str]
"""Path, time of the event as it is shown, and the rest of the payload."""


def payload_time(seconds: int) -> str:
    """Return a time as payloads write it."""
    return (START + timedelta(seconds=seconds)).astimezone(ZONE).isoformat()


def heard(path: str, payload: dict[str, Any]) -> Heard:
    rest = {key: value for key, value in payload.items() if not key.endswith("_at") and key != "primary_email_address"}
    return path, payload["created_at"], json.dumps(rest, sort_keys=True)


@dataclass(kw_only=True)
class Recorder:
    """A receiver as a WSGI app that fails the planned number of first attempts of each delivery."""

    fails: dict[str, int] = field(default_factory=dict)
    log: list[Heard] = field(default_factory=list)
    signers: set[tuple[str, str]] = field(default_factory=set)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        body = environ["wsgi.input"].read()
        this = heard(environ["PATH_INFO"], json.loads(body))
        for client_id, token in TOKENS.items():
            if hmac.new(token.encode(), body, hashlib.sha256).hexdigest() == environ["HTTP_X_KOUNTA_SIGNATURE"]:
                self.signers.add((this[0], client_id))
        tries = sum(one[:2] == this[:2] for one in self.log)
        self.log.append(this)
        start_response("204 No Content" if tries >= self.fails[this[1]] else "500 Planned", [])
        return []

    def first_attempts(self, path: str) -> list[str]:
        """Return the times of the events that arrived at a path, in the order of their first attempts."""
        return list(dict.fromkeys(time for at, time, _ in self.log if at == path))


@dataclass(kw_only=True)
class Hook:
    id: int
    client_id: str
    topic: str
    path: str
    attributes: list[str]


@dataclass(kw_only=True)
class Due:
    """A delivery as it must be: its webhook and body, its time, and its outcome so far."""

    hook_id: int
    client_id: str
    topic: str
    path: str
    customer_id: int
    customer: dict[str, Any]
    occurred: int
    fails: int
    tries: int = 0
    outcome: str = "pending"

    def heard(self) -> Heard:
        own = {**self.customer, "reference_id": self.customer["reference_ids"].get(self.client_id, "")}
        del own["reference_ids"]
        return heard(self.path, {"id": self.customer_id, **own, "created_at": payload_time(self.occurred)})


@dataclass(kw_only=True)
class Model:
    """One world: its webhooks, its customers, and the deliveries that must have been made."""

    mode: Mode
    recorder: Recorder = field(default_factory=Recorder)
    now: int = 0
    hooks: dict[int, Hook] = field(default_factory=dict)
    customers: dict[int, dict[str, Any]] = field(default_factory=dict)
    deliveries: list[Due] = field(default_factory=list)

    def event(self, topic: str, customer_id: int, changed: Iterable[str], fails: int) -> None:
        """Note a change of a customer at this moment."""
        self.recorder.fails[payload_time(self.now)] = fails
        for hook in self.hooks.values():
            asked = {name for attribute in hook.attributes for name in MEANT_BY[attribute]}
            if hook.topic == topic and (not asked or asked & set(changed)):
                self.tell(hook, customer_id, self.customers[customer_id], fails)

    def tell(self, hook: Hook, customer_id: int, customer: dict[str, Any], fails: int) -> None:
        self.deliveries.append(
            Due(
                hook_id=hook.id,
                client_id=hook.client_id,
                topic=hook.topic,
                path=hook.path,
                customer_id=customer_id,
                customer={**customer, "reference_ids": dict(customer["reference_ids"])},
                occurred=self.now,
                fails=fails,
            )
        )

    def again(self, old: Due, fails: int) -> None:
        """Redeliver a delivery that is done."""
        self.recorder.fails[payload_time(self.now)] = fails
        hook = Hook(id=old.hook_id, client_id=old.client_id, topic=old.topic, path=old.path, attributes=[])
        self.tell(hook, old.customer_id, old.customer, fails)

    def deliver(self) -> int:
        """Make every attempt that is due, and return their number."""
        attempts = 0
        for one in self.deliveries:
            while one.outcome == "pending" and self.now >= one.occurred + 60 * MINUTES[one.tries]:
                one.tries += 1
                attempts += 1
                if one.tries > one.fails:
                    one.outcome = "delivered"
                elif one.tries == len(MINUTES):
                    one.outcome = "failed"
        return attempts

    def settle(self) -> None:
        if self.mode == "immediate":
            self.deliver()

    def expected(self) -> Counter[Heard]:
        """Return how often each delivery must have arrived."""
        return sum((Counter({one.heard(): one.tries}) for one in self.deliveries), Counter())

    def first_attempts(self, path: str) -> list[str]:
        return [payload_time(one.occurred) for one in self.deliveries if one.path == path and one.tries]
