"""The announcer of a company: it tells webhooks what changed, in the order of the changes (W18)."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.callbacks import called_by
from fakekounta.core.clock import Clock
from fakekounta.core.customers import Customer
from fakekounta.core.outbox import Outbox
from fakekounta.core.subscriptions import Subscriptions
from fakekounta.core.webhooks import CALLBACK, UPDATED, Event, customer_event, record_events
from fakekounta.process.forks import free_in_children

Covers = Callable[..., None]
"""Called with the quirks that a use case covers."""


def uncounted(*_: Quirk) -> None:
    """Count no quirk as covered: there is no exchange that covers it."""


class Announcer:
    """Appends deliveries of the changes of one company to the outbox.

    Hold `order` from a change until it is announced, so that deliveries keep the order of the changes (W18).
    """

    def __init__(self, company_id: int, subscriptions: Subscriptions, clock: Clock, outbox: Outbox) -> None:
        self.order: Lock = free_in_children(Lock())
        self._company_id = company_id
        self._subscriptions = subscriptions
        self._clock = clock
        self._outbox = outbox

    def customer(self, before: Customer | None, after: Customer | None, covers: Covers = uncounted) -> None:
        """Announce that a customer was created, changed or deleted."""
        event = customer_event(before, after)
        if self._subscriptions and (event is None or (event.topic == UPDATED and not event.changed)):
            covers(Quirk.W14_NOTHING_CHANGED)
        self._send(event)

    def record(self, plural: str, before: Any, after: Any) -> None:
        """Announce that a record of a collection was created, changed or deleted."""
        for event in record_events(plural, before, after) if self._subscriptions else ():
            self._send(event)
        called = called_by(before, after, self._company_id)
        if called is not None:
            self._outbox.append(Event(topic=CALLBACK, record=after), [called], self._clock.now())

    def _send(self, event: Event | None) -> None:
        """Append a delivery for each webhook that listens to an event, if there is one."""
        if event is not None and (webhooks := self._subscriptions.listening(event)):
            self._outbox.append(event, webhooks, self._clock.now())
