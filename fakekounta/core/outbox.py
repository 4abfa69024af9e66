"""What is to be delivered, in which order and when, and what became of it. Sends nothing itself."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random
from threading import Lock
from typing import Any

from fakekounta.core.customers import Customer
from fakekounta.core.webhooks import Event, Webhook
from fakekounta.quirks import Quirk

KEPT = 20_000
PENDING, DELIVERED, FAILED, BLOCKED, DROPPED = "pending", "delivered", "failed", "blocked", "dropped"
OUTCOMES = (PENDING, DELIVERED, FAILED, BLOCKED, DROPPED)
OVERTAKEN_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try: what was sent and what came of it. `at` is the fake's time, `duration_seconds` real time.

    `status` is None if there was no answer; `error` says why the try failed, None if it did not.
    """

    number: int
    at: datetime
    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int | None
    error: str | None
    duration_seconds: float

    def json(self) -> Any:
        """The body as JSON. Raises ValueError for a delivery in XML."""
        return json.loads(self.body)


@dataclass(slots=True, kw_only=True, eq=False)
class Delivery:
    """One event on its way to one webhook; `outcome` is pending, delivered, failed, blocked or dropped."""

    id: int
    webhook: Webhook
    topic: str
    customer: Customer
    occurred_at: datetime
    due_at: datetime
    met: tuple[Quirk, ...] = ()
    """Quirks that it meets because of others: of the same event (W06), or before it to the same webhook (W18)."""
    outcome: str = PENDING
    attempts: list[Attempt] = field(default_factory=list)
    earlier_attempts: int = 0
    """Attempts made before a restart, of which only the number is known."""

    @property
    def tries(self) -> int:
        """How many attempts were made."""
        return self.earlier_attempts + len(self.attempts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a delivery is tried, in minutes after the event (W12), and how long a receiver may take."""

    minutes: tuple[float, ...] = (0, 1, 5, 30, 120)
    timeout_seconds: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbances:
    """What goes wrong on the way, each with a probability from 0 to 1, drawn from a generator with this seed."""

    duplicate: float = 0.0
    reorder: float = 0.0
    drop: float = 0.0
    delay: float = 0.0
    delay_seconds: float = 60.0
    seed: int = 0


def next_attempt(delivery: Delivery, schedule: Schedule) -> datetime | None:
    """When a delivery that failed is tried again, or None if it was tried often enough (W12)."""
    if delivery.tries >= len(schedule.minutes):
        return None
    return delivery.occurred_at + timedelta(minutes=schedule.minutes[delivery.tries])


Lane = tuple[int, int]


def _lane(delivery: Delivery) -> Lane:
    return delivery.webhook.company_id, delivery.webhook.id


class Outbox:
    """Deliveries in lanes, one for each webhook: those of a lane are tried one at a time, in order (W18).

    `wake` is called, without a lock, whenever something may have become due.
    """

    def __init__(self, schedule: Schedule, disturbances: Disturbances, *, kept: int = KEPT) -> None:
        self.schedule = schedule
        self.disturbances = disturbances
        self.wake: Callable[[], None] = lambda: None
        self.is_closed = False
        self._random = Random(disturbances.seed)  # noqa: S311 - repeatable chance, no secrets
        self._lock = Lock()
        self._kept = kept
        self._deliveries: dict[int, Delivery] = {}
        self._finished: deque[int] = deque()
        self._next_id = 1
        self._ticket = count()
        self._waiting: list[tuple[datetime, int, Delivery]] = []
        self._lanes: dict[Lane, deque[Delivery]] = {}
        self._ready: deque[Lane] = deque()
        self._busy: set[Lane] = set()
        self._told: set[Lane] = set()

    # --- putting in --------------------------------------------------------------------------------------------

    def append(self, event: Event, webhooks: Collection[Webhook], now: datetime) -> None:
        """Tell each of the webhooks of the event, as far as the disturbances let it through."""
        met = (Quirk.W06_ONE_DELIVERY_EACH,) if len(webhooks) > 1 else ()
        with self._lock:
            for webhook in webhooks:
                self._append(event, webhook, now, met)
        self.wake()

    def _append(self, event: Event, webhook: Webhook, now: datetime, met: tuple[Quirk, ...]) -> None:
        chance = self.disturbances
        copies = 2 if self._happens(chance.duplicate) else 1
        dropped = self._happens(chance.drop)
        due_at = now + timedelta(minutes=self.schedule.minutes[0])
        if self._happens(chance.delay):
            due_at += timedelta(seconds=chance.delay_seconds)
        if self._happens(chance.reorder):
            due_at += timedelta(seconds=OVERTAKEN_SECONDS)
        lane = webhook.company_id, webhook.id
        if lane in self._told:
            met = (*met, Quirk.W18_ORDER_OF_DELIVERIES)
        self._told.add(lane)
        for _ in range(copies):
            delivery = Delivery(
                id=self._next_id,
                webhook=webhook,
                topic=event.topic,
                customer=event.customer,
                occurred_at=now,
                due_at=due_at,
                met=met,
            )
            self._next_id += 1
            self._deliveries[delivery.id] = delivery
            if dropped:
                self._finish(delivery, DROPPED)
            else:
                self._wait(delivery)

    def _happens(self, probability: float) -> bool:
        return probability > 0 and self._random.random() < probability

    def _wait(self, delivery: Delivery) -> None:
        heappush(self._waiting, (delivery.due_at, next(self._ticket), delivery))

    def restore(self, deliveries: Sequence[Delivery], next_id: int) -> None:
        """Put back deliveries that were pending."""
        with self._lock:
            for delivery in deliveries:
                self._deliveries[delivery.id] = delivery
                self._wait(delivery)
            self._next_id = max([next_id, *(delivery.id + 1 for delivery in deliveries)])
        self.wake()

    @property
    def next_id(self) -> int:
        """The id that the next delivery gets."""
        return self._next_id

    # --- taking out --------------------------------------------------------------------------------------------

    def take(self, now: datetime) -> Delivery | None:
        """A delivery that is due and whose lane is free; the lane is taken until `settle`."""
        with self._lock:
            self._promote(now)
            if self.is_closed or not self._ready:
                return None
            lane = self._ready.popleft()
            self._busy.add(lane)
            return self._lanes[lane].popleft()

    def _promote(self, now: datetime) -> None:
        while self._waiting and self._waiting[0][0] <= now:
            delivery = heappop(self._waiting)[2]
            lane = _lane(delivery)
            queue = self._lanes.setdefault(lane, deque())
            if not queue and lane not in self._busy:
                self._ready.append(lane)
            queue.append(delivery)

    def settle(self, delivery: Delivery, attempt: Attempt | None, outcome: str) -> None:
        """Note what came of a delivery that was taken, and free its lane. FAILED means: for now."""
        with self._lock:
            if attempt is not None:
                delivery.attempts.append(attempt)
            due_at = next_attempt(delivery, self.schedule) if outcome == FAILED else None
            if due_at is not None:
                delivery.due_at = due_at
                self._wait(delivery)
            else:
                self._finish(delivery, outcome)
            lane = _lane(delivery)
            self._busy.discard(lane)
            if self._lanes[lane]:
                self._ready.append(lane)
            else:
                del self._lanes[lane]
        if due_at is not None:
            self.wake()

    def _finish(self, delivery: Delivery, outcome: str) -> None:
        delivery.outcome = outcome
        self._finished.append(delivery.id)
        if len(self._finished) > self._kept:
            self._deliveries.pop(self._finished.popleft(), None)

    def redeliver(self, delivery_id: int, now: datetime) -> Delivery:
        """Send a delivery once more, at once. Raises KeyError if there is none, ValueError while it is pending."""
        with self._lock:
            delivery = self._deliveries[delivery_id]
            if delivery.outcome == PENDING:
                raise ValueError(f"delivery {delivery_id} is pending still")
            again = Delivery(
                id=self._next_id,
                webhook=delivery.webhook,
                topic=delivery.topic,
                customer=delivery.customer,
                occurred_at=now,
                due_at=now,
            )
            self._next_id += 1
            self._deliveries[again.id] = again
            self._wait(again)
        self.wake()
        return again

    def disturb(self, disturbances: Disturbances) -> None:
        """Let this go wrong on the way from now on; chance begins anew from the seed."""
        with self._lock:
            self.disturbances = disturbances
            self._random = Random(disturbances.seed)  # noqa: S311 - see above

    def close(self) -> None:
        """Give nothing out: another world has taken the place of this one."""
        with self._lock:
            self.is_closed = True

    def open(self) -> None:
        """Give out again: the world is back."""
        with self._lock:
            self.is_closed = False

    # --- looking -----------------------------------------------------------------------------------------------

    def all(self) -> list[Delivery]:
        """Every delivery that is kept, the oldest first."""
        with self._lock:
            return list(self._deliveries.values())

    def pending(self) -> list[Delivery]:
        """Those that are still to be tried."""
        return [delivery for delivery in self.all() if delivery.outcome == PENDING]

    def next_due_at(self) -> datetime | None:
        """When the next delivery that waits becomes due."""
        with self._lock:
            return self._waiting[0][0] if self._waiting else None

    @property
    def has_ready(self) -> bool:
        """Whether there is a lane that nobody has taken, as far as is known without looking at the time."""
        return bool(self._ready)

    def is_due(self, now: datetime) -> bool:
        """Whether `take` would give something."""
        with self._lock:
            self._promote(now)
            return bool(self._ready) and not self.is_closed
