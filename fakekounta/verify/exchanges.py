"""The exchanges that the contract suite records: how they are shown, and which records they created."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import field
from typing import Any, Protocol

from fakekounta.process.dataclass import dataclass
from fakekounta.verify.redaction import Secrets

_MOST_CHARACTERS = 4_000
_MADE = re.compile(r"/v1/companies/[^/]+/(customers|webhooks|orders)(?:\.json)?$")
_ONE = re.compile(r"/v1/companies/[^/]+/(customers|webhooks|orders)/(\d+)(?:\.json)?$")


class RecordedExchange(Protocol):
    """One request and its response, as the contract suite records them."""

    @property
    def method(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def request_headers(self) -> Sequence[tuple[str, str]]: ...
    @property
    def request_body(self) -> bytes: ...
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Sequence[tuple[str, str]]: ...
    @property
    def body(self) -> bytes: ...
    @property
    def beside(self) -> bool: ...


def shown(exchange: RecordedExchange, secrets: Secrets) -> dict[str, Any]:
    """Return the exchange as a JSON object without secrets, long bodies cut."""
    return {
        "request": {
            "method": secrets.hide(exchange.method),
            "url": secrets.hide(exchange.url),
            "headers": secrets.hide_headers(exchange.request_headers),
            "body": body_text(exchange.request_body, secrets),
        },
        "answer": {
            "status": exchange.status,
            "headers": secrets.hide_headers(exchange.headers),
            "body": body_text(exchange.body, secrets),
        },
    }


def body_text(body: bytes, secrets: Secrets) -> str:
    """Return the body as text, cut if it is long."""
    text = secrets.hide(body.decode("utf-8", "backslashreplace"))
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}… ({len(body)} bytes)"


@dataclass(slots=True)
class LeftBehind:
    """The ids of customers, webhooks and orders that were created and not deleted, in order of creation."""

    customers: dict[int, None] = field(default_factory=dict)
    webhooks: dict[int, None] = field(default_factory=dict)
    orders: dict[int, None] = field(default_factory=dict)

    def note(self, exchange: RecordedExchange) -> None:
        """Add the id that an exchange created, or remove the one that it deleted."""
        path = exchange.url.partition("?")[0]
        made = _MADE.search(path)
        if exchange.method == "POST" and made and 200 <= exchange.status < 300:
            number = _id_of(exchange)
            if number is not None:
                getattr(self, made[1])[number] = None
        one = _ONE.search(path)
        if exchange.method == "DELETE" and one and (exchange.status == 404 or 200 <= exchange.status < 300):
            getattr(self, one[1]).pop(int(one[2]), None)


def _id_of(exchange: RecordedExchange) -> int | None:
    """Return the id in a response's Location, or else in its body."""
    location = next((value for name, value in exchange.headers if name.lower() == "location"), "")
    number = location.rpartition("/")[2].removesuffix(".json")
    if number.isdigit():
        return int(number)
    try:
        found = json.loads(exchange.body)["id"]
    except (ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, int) else None
