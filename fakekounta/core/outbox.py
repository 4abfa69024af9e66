"""What is to be delivered, in which order and when, and what became of it. Sends nothing itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random
from threading import Lock

from fakekounta.core import chain
from fakekounta.core.deliveries import (
    BLOCKED,
    DROPPED,
    FAILED,
    PENDING,
    Attempt,
    Delivery,
    Disturbances,
    Schedule,
    next_attempt,
    not_made,
)
from fakekounta.core.webhooks import Event, Webhook
from fakekounta.quirks import Quirk

KEPT = 20_000
OVERTAKEN_SECONDS = 1.0


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
                caused_by=chain.deliveries_before(),
            )
            self._next_id += 1
            self._deliveries[delivery.id] = delivery
            if delivery.caused_by > chain.MOST_CAUSED:
                self._end_chain(delivery)
            elif dropped:
                self._finish(delivery, DROPPED)
            else:
                self._wait(delivery)

    def _end_chain(self, delivery: Delivery) -> None:
        """Block what too many deliveries in a row have caused (W20)."""
        delivery.met = (*delivery.met, Quirk.W20_CHAINS_AND_CONTROL)
        delivery.attempts.append(not_made(delivery, chain.ENDED))
        self._finish(delivery, BLOCKED)
        chain.note(f"{chain.ENDED} ({delivery.webhook.address})")

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
            try:
                due_at = self._conclude(delivery, attempt, outcome)
            finally:
                self._free(_lane(delivery))
        if due_at is not None:
            self.wake()

    def _conclude(self, delivery: Delivery, attempt: Attempt | None, outcome: str) -> datetime | None:
        """Keep the attempt; returns when the delivery is tried again, None if it is done."""
        if attempt is not None:
            delivery.attempts.append(attempt)
        due_at = next_attempt(delivery, self.schedule) if outcome == FAILED else None
        if due_at is not None:
            delivery.due_at = due_at
            self._wait(delivery)
        else:
            self._finish(delivery, outcome)
        return due_at

    def _free(self, lane: Lane) -> None:
        self._busy.discard(lane)
        if self._lanes.get(lane):
            self._ready.append(lane)
        else:
            self._lanes.pop(lane, None)

    def put_back(self, delivery: Delivery) -> None:
        """Take back a delivery that was taken and not tried: it is the next of its lane."""
        with self._lock:
            lane = _lane(delivery)
            self._lanes[lane].appendleft(delivery)
            self._free(lane)

    def give_up(self, delivery: Delivery) -> None:
        """End a delivery of which nothing more can be noted, and free its lane."""
        with self._lock:
            if delivery.outcome == PENDING:
                self._finish(delivery, FAILED)
            self._free(_lane(delivery))

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
                caused_by=delivery.caused_by,
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
