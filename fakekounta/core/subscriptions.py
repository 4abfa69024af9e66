"""The webhooks of a company, each seen by its own application only (W01)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from threading import Lock
from typing import Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.errors import BadField, NotFound
from fakekounta.core.webhooks import Event, Webhook, changed_webhook, new_webhook, wants
from fakekounta.process.forks import free_in_children

MOST = 10_000
MOST_BYTES = 16 * 1_048_576


class Subscriptions:
    """The webhooks of one company: at most MOST, with at most MOST_BYTES of fields together.

    Methods raise BadField for an invalid webhook and for one webhook too many, NotFound for an unknown id.
    """

    def __init__(self, company_id: int) -> None:
        self._company_id = company_id
        self._lock = free_in_children(Lock())
        self._webhooks: dict[int, Webhook] = {}
        self._next_id = 1
        self._bytes = 0

    def create(self, client_id: str, fields: Mapping[str, Any], now: datetime) -> Webhook:
        """Add a webhook of an application."""
        with self._lock:
            webhook = new_webhook(self._next_id, self._company_id, client_id, fields, now)
            self._refuse_too_much(webhook, None)
            self._next_id += 1
            self._webhooks[webhook.id] = webhook
        return webhook

    def change(self, client_id: str, webhook_id: int, fields: Mapping[str, Any], now: datetime) -> Webhook:
        """Replace the attributes that were sent (W07)."""
        with self._lock:
            before = self._own(client_id, webhook_id)
            webhook = changed_webhook(before, fields, now)
            self._refuse_too_much(webhook, before)
            self._webhooks[webhook_id] = webhook
        return webhook

    def remove(self, client_id: str, webhook_id: int) -> None:
        """Remove a webhook."""
        with self._lock:
            webhook = self._own(client_id, webhook_id)
            del self._webhooks[webhook.id]
            self._bytes -= _size(webhook)

    def get(self, client_id: str, webhook_id: int) -> Webhook:
        """Return one webhook of an application."""
        return self._own(client_id, webhook_id)

    def of(self, client_id: str) -> list[Webhook]:
        """Return all webhooks of an application, oldest first."""
        return [webhook for webhook in self.all() if webhook.client_id == client_id]

    def all(self) -> list[Webhook]:
        """Return the webhooks of all applications, oldest first."""
        with self._lock:
            return list(self._webhooks.values())

    def __bool__(self) -> bool:
        """Return whether there is any webhook."""
        return bool(self._webhooks)

    def listening(self, event: Event) -> list[Webhook]:
        """Return the webhooks that listen to an event (W06)."""
        return [webhook for webhook in self.all() if wants(webhook, event)] if self._webhooks else []

    def restore(self, webhooks: list[Webhook], next_id: int) -> None:
        """Restore what `all` returned."""
        with self._lock:
            self._webhooks = {webhook.id: webhook for webhook in webhooks}
            self._bytes = sum(map(_size, webhooks))
            self._next_id = max([next_id, *(webhook.id + 1 for webhook in webhooks)])

    @property
    def next_id(self) -> int:
        """The id that the next webhook gets."""
        return self._next_id

    def _own(self, client_id: str, webhook_id: int) -> Webhook:
        webhook = self._webhooks.get(webhook_id)
        if webhook is None or webhook.client_id != client_id:
            raise NotFound(Quirk.W01_WEBHOOKS, "Not Found: no webhook has this id")
        return webhook

    def _refuse_too_much(self, webhook: Webhook, before: Webhook | None) -> None:
        """Raise BadField if a webhook that replaces another makes the webhooks too large."""
        grown = self._bytes + _size(webhook) - (0 if before is None else _size(before))
        if (before is None and len(self._webhooks) >= MOST) or grown > MOST_BYTES:
            reason = f"cannot be kept: the fake keeps at most {MOST:,} webhooks of {MOST_BYTES:,} bytes together"
            raise BadField(Quirk.W01_WEBHOOKS, "webhook", reason)
        self._bytes = grown


def _size(webhook: Webhook) -> int:
    return len(repr((webhook.address, webhook.filter, webhook.headers)))
