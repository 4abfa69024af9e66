"""Helpers of contract tests for webhooks, which are deleted when the test ends."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from contracts.arranging import precondition, record_id
from contracts.exchanges import TIMEOUT_SECONDS
from contracts.expecting import expect_status
from contracts.forms import plain, without_id_str
from contracts.receiver import Arrival, Receiver
from contracts.samples import new_webhook
from contracts.target import KountaTarget

Headers = Mapping[str, str | None]
CREATED, UPDATED, DELETED = "customers/created", "customers/updated", "customers/deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """The webhooks of the target's application; `by` are headers with the credentials of another one."""

    target: KountaTarget
    made: dict[int, Headers] = field(default_factory=dict)

    @property
    def all(self) -> str:
        return f"{self.target.company}/webhooks"

    def one(self, webhook_id: object) -> str:
        return f"{self.all}/{webhook_id}"

    def create(self, fields: Any, *, path: str | None = None, by: Headers | None = None) -> httpx.Response:
        """Return the response to a POST of exactly these fields."""
        answer = self.target.ask("POST", path or self.all, json=fields, headers=by)
        if answer.is_success:
            self.made[self._id(answer, by)] = by or {}
        return answer

    def _id(self, answer: httpx.Response, by: Headers | None) -> int:
        """Return the id of a new webhook, from its Location or else the last of the list, so that it is deleted."""
        return record_id(answer) if "Location" in answer.headers else max(self.listed(by=by))

    def add(self, by: Headers | None = None, /, **fields: Any) -> int:
        """Create a webhook and return its id."""
        created = self.create(new_webhook(**fields), by=by)
        precondition(created.status_code == 201 and "Location" in created.headers, "W13", created)
        return record_id(created)

    def change(self, webhook_id: int, /, **fields: Any) -> httpx.Response:
        return self.target.ask("PUT", self.one(webhook_id), json=fields)

    def changed(self, webhook_id: int, /, **fields: Any) -> dict[str, Any]:
        """Return the record in the response to a change."""
        answer = self.change(webhook_id, **fields)
        expect_status(answer, 200)
        return without_id_str(self.target.chosen, answer.json())

    def delete(self, webhook_id: int, by: Headers | None = None) -> httpx.Response:
        return self.target.ask("DELETE", self.one(webhook_id), headers=by)

    def record(self, webhook_id: int) -> dict[str, Any]:
        answer = self.target.get(self.one(webhook_id))
        precondition(answer.status_code == 200, "W01", answer)
        return without_id_str(self.target.chosen, answer.json())

    def listed(self, path: str | None = None, by: Headers | None = None) -> dict[int, dict[str, Any]]:
        """Return the items of the whole list by id; the page after the last is empty."""
        items: dict[int, dict[str, Any]] = {}
        for page in range(1_000):
            answer = self.target.get(path or self.all, headers={**(by or {}), "X-Page": str(page)})
            expect_status(answer, 200)
            if not answer.json():
                break
            items |= {item["id"]: without_id_str(self.target.chosen, item) for item in answer.json()}
        return items

    def delete_made(self) -> None:
        """Delete the webhooks that the test has created."""
        for webhook_id, by in self.made.items():
            answer = self.delete(webhook_id, by)
            expect_status(answer, 204, 404)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A webhook whose deliveries arrive at a path of its own on the test's receiver."""

    id: int
    path: str
    receiver: Receiver
    chosen: Mapping[str, str]

    def wait_for(self, count: int = 1) -> list[Arrival]:
        """Return all requests that have arrived, once there are at least so many."""
        return self.receiver.wait_for(self.path, count, timeout_seconds=TIMEOUT_SECONDS)

    def first_of(self, *customers: int) -> Arrival:
        """Wait for the first request about one of these customers, since others may also use a live account."""
        count = 1
        while True:
            arrivals = self.wait_for(count)
            mine = [arrival for arrival in arrivals if arrival.json()["id"] in customers]
            if mine:
                return mine[0]
            count = len(arrivals) + 1

    def first_payload(self, *customers: int) -> dict[str, Any]:
        """Return the first payload about one of these customers, in the default form."""
        return plain(self.chosen, self.first_of(*customers).json())

    def of(self, customer: int, count: int) -> list[dict[str, Any]]:
        """Return all payloads about a customer, once there are so many."""
        wanted = count
        while True:
            payloads = [plain(self.chosen, arrival.json()) for arrival in self.wait_for(wanted)]
            mine = [payload for payload in payloads if payload["id"] == customer]
            if len(mine) >= count:
                return mine
            wanted = len(payloads) + 1

    def answer(self, *statuses: int) -> None:
        """Answer the next requests with these statuses."""
        self.receiver.answer(self.path, *statuses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Creates webhooks whose deliveries arrive at the test's receiver."""

    webhooks: Webhooks
    receiver: Receiver

    def to(self, topic: str, by: Headers | None = None, /, **fields: Any) -> Listener:
        """Create a webhook on this topic."""
        path = f"/{uuid4().hex}"
        address = self.receiver.url + path
        webhook_id = self.webhooks.add(by, topic=topic, address=address, **fields)
        return Listener(id=webhook_id, path=path, receiver=self.receiver, chosen=self.webhooks.target.chosen)


def is_signed(arrival: Arrival, signature: str, token: str) -> bool:
    """Return whether the text is the lower-case hex HMAC-SHA256 of the exact body."""
    return hmac.compare_digest(hmac.new(token.encode(), arrival.body, hashlib.sha256).hexdigest(), signature)


def refused(target: KountaTarget, answer: httpx.Response, *words: str) -> None:
    """Check a refusal (A17): its description has these words, and none that clients take for a token error."""
    target.refuses(answer)
    for word in words:
        assert word in answer.text
    assert "invalid" not in answer.text
    assert "expired" not in answer.text
