"""What a contract test may do with webhooks. Whatever it made is deleted when the test ends."""

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
from contracts.forms import plain
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
        """The answer to a POST of these fields and no others."""
        answer = self.target.ask("POST", path or self.all, json=fields, headers=by)
        if answer.is_success:
            self.made[self._id(answer, by)] = by or {}
        return answer

    def _id(self, answer: httpx.Response, by: Headers | None) -> int:
        """The id of what was made: by its Location, or as the last of the list, so that it is deleted at all events."""
        return record_id(answer) if "Location" in answer.headers else max(self.listed(by=by))

    def add(self, by: Headers | None = None, /, **fields: Any) -> int:
        """The id of a new webhook."""
        created = self.create(new_webhook(**fields), by=by)
        precondition(created.status_code == 201 and "Location" in created.headers, "W13", created)
        return record_id(created)

    def change(self, webhook_id: int, /, **fields: Any) -> httpx.Response:
        return self.target.ask("PUT", self.one(webhook_id), json=fields)

    def changed(self, webhook_id: int, /, **fields: Any) -> dict[str, Any]:
        """The record that a change answers with."""
        answer = self.change(webhook_id, **fields)
        assert answer.status_code == 200, answer.text
        return _plain(self.target, answer.json())

    def delete(self, webhook_id: int, by: Headers | None = None) -> httpx.Response:
        return self.target.ask("DELETE", self.one(webhook_id), headers=by)

    def record(self, webhook_id: int) -> dict[str, Any]:
        answer = self.target.get(self.one(webhook_id))
        precondition(answer.status_code == 200, "W01", answer)
        return _plain(self.target, answer.json())

    def listed(self, path: str | None = None, by: Headers | None = None) -> dict[int, dict[str, Any]]:
        """The items of the whole list by id; the page after the last is empty."""
        items: dict[int, dict[str, Any]] = {}
        for page in range(1_000):
            answer = self.target.get(path or self.all, headers={**(by or {}), "X-Page": str(page)})
            assert answer.status_code == 200, answer.text
            if not answer.json():
                break
            items |= {item["id"]: _plain(self.target, item) for item in answer.json()}
        return items

    def delete_made(self) -> None:
        """Delete what is left of what was made."""
        for webhook_id, by in self.made.items():
            answer = self.delete(webhook_id, by)
            assert answer.status_code in (204, 404), answer.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A webhook whose deliveries come to a path of their own at the test's receiver."""

    id: int
    path: str
    receiver: Receiver
    chosen: Mapping[str, str]

    def wait_for(self, count: int = 1) -> list[Arrival]:
        """All that has come, once it is at least as much."""
        return self.receiver.wait_for(self.path, count, timeout_seconds=TIMEOUT_SECONDS)

    def first_of(self, *customers: int) -> Arrival:
        """The first that came about one of these customers, once it is there: others may use a live account too."""
        count = 1
        while True:
            arrivals = self.wait_for(count)
            mine = [arrival for arrival in arrivals if arrival.json()["id"] in customers]
            if mine:
                return mine[0]
            count = len(arrivals) + 1

    def told(self, *customers: int) -> dict[str, Any]:
        """The first payload about one of these customers, in the default form."""
        return plain(self.chosen, self.first_of(*customers).json())

    def of(self, customer: int, count: int) -> list[dict[str, Any]]:
        """All payloads about a customer, once they are as many."""
        wanted = count
        while True:
            payloads = [plain(self.chosen, arrival.json()) for arrival in self.wait_for(wanted)]
            mine = [payload for payload in payloads if payload["id"] == customer]
            if len(mine) >= count:
                return mine
            wanted = len(payloads) + 1

    def answer(self, *statuses: int) -> None:
        """Answer what comes next with these."""
        self.receiver.answer(self.path, *statuses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Makes webhooks that are called at the test's receiver."""

    webhooks: Webhooks
    receiver: Receiver

    def to(self, topic: str, by: Headers | None = None, /, **fields: Any) -> Listener:
        """A new webhook on this topic."""
        path = f"/{uuid4().hex}"
        address = self.receiver.url + path
        webhook_id = self.webhooks.add(by, topic=topic, address=address, **fields)
        return Listener(id=webhook_id, path=path, receiver=self.receiver, chosen=self.webhooks.target.chosen)


def is_signed(arrival: Arrival, signature: str, token: str) -> bool:
    """Whether the text is the lower-case hex HMAC-SHA256 of the exact body."""
    return hmac.compare_digest(hmac.new(token.encode(), arrival.body, hashlib.sha256).hexdigest(), signature)


def refused(target: KountaTarget, answer: httpx.Response, *words: str) -> None:
    """A refusal (A17), whose description has these words, but none that speak of tokens."""
    target.refuses(answer)
    for word in words:
        assert word in answer.text
    assert "invalid" not in answer.text
    assert "expired" not in answer.text


def _plain(target: KountaTarget, webhook: Any) -> dict[str, Any]:
    """The record of a webhook in the default form (A18)."""
    record = dict(webhook)
    if target.chosen["A18"] == "always":
        record.pop("id_str", None)
    return record
