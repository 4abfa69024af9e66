"""The outbox: deliveries, when and in which order they leave, and their results. It sends nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from threading import Lock

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core import chain
from fakekounta.core.budget import RetentionBudget
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
from fakekounta.core.disturber import Disturber
from fakekounta.core.kept_deliveries import BUDGET, KEPT, KeptDeliveries
from fakekounta.core.lanes import Lane, lane_of
from fakekounta.core.webhooks import Event, Webhook
from fakekounta.process.forks import free_in_children


class Outbox:
    """Deliveries in lanes, one for each webhook and order: those of a lane are tried one at a time, in order (W18).

    The last `kept` finished deliveries are kept, and fewer if the budget is exceeded; see `KeptDeliveries`.

    `wake` is called, without a lock, whenever a delivery may have become due.
    """

    def __init__(
        self, schedule: Schedule, disturbances: Disturbances, *, kept: int = KEPT, budget: RetentionBudget = BUDGET
    ) -> None:
        self.schedule = schedule
        self.wake: Callable[[], None] = lambda: None
        self.is_closed: bool = False
        self._disturber = Disturber(disturbances)
        self._lock = free_in_children(Lock())
        self._kept = KeptDeliveries(self._lock, kept, budget)
        self._deliveries = self._kept.by_id
        self._lanes = self._kept.lanes
        self._next_id = 1
        self._begun: set[Lane] = set()  # lanes with a delivery in their past

    # --- adding ------------------------------------------------------------------------------------------------

    def append(self, event: Event, webhooks: Collection[Webhook], now: datetime) -> None:
        """Add a delivery of the event to each webhook, unless the disturbances drop it."""
        covered = (Quirk.W06_ONE_DELIVERY_EACH,) if len(webhooks) > 1 else ()
        with self._lock:
            for webhook in webhooks:
                self._append(event, webhook, now, covered)
        self._kept.account()
        self.wake()

    def _append(self, event: Event, webhook: Webhook, now: datetime, covered: tuple[Quirk, ...]) -> None:
        drawn = self._disturber.draw()
        due_at = now + timedelta(minutes=self.schedule.minutes[0], seconds=drawn.seconds_later)
        lane = lane_of(webhook)
        if lane in self._begun:
            covered = (*covered, Quirk.W18_ORDER_OF_DELIVERIES)
        self._begun.add(lane)
        for _ in range(drawn.copies):
            delivery = Delivery(
                id=self._next_id,
                webhook=webhook,
                topic=event.topic,
                record=event.record,
                occurred_at=now,
                due_at=due_at,
                covered=covered,
                caused_by=chain.deliveries_before(),
            )
            self._next_id += 1
            self._kept.add(delivery)
            if delivery.caused_by > chain.MOST_CAUSED:
                self._end_chain(delivery)
            elif drawn.is_dropped:
                self._kept.finish(delivery, DROPPED)
            else:
                self._lanes.wait(delivery)

    def _end_chain(self, delivery: Delivery) -> None:
        """Block a delivery that is the last of a chain (W20)."""
        delivery.covered = (*delivery.covered, Quirk.W20_CHAINS_AND_CONTROL)
        delivery.attempts.append(not_made(delivery, chain.ENDED))
        self._kept.finish(delivery, BLOCKED)
        chain.note(f"{chain.ENDED} ({delivery.webhook.address})")

    def restore(self, deliveries: Sequence[Delivery], next_id: int, draws: int = 0) -> None:
        """Put back deliveries that were pending, and how many random numbers were drawn."""
        with self._lock:
            self._disturber.draws = draws
            for delivery in deliveries:
                self._kept.add(delivery)
                self._lanes.wait(delivery)
            self._next_id = max([next_id, *(delivery.id + 1 for delivery in deliveries)])
        self._kept.account()
        self.wake()

    def restore_past(self, deliveries: Sequence[Delivery]) -> None:
        """Put back deliveries that were finished, and the attempts of those that `restore` has put back."""
        with self._lock:
            self._kept.restore_past(deliveries)
        self._kept.account()

    @property
    def next_id(self) -> int:
        """The id that the next delivery gets."""
        return self._next_id

    # --- taking and recording ----------------------------------------------------------------------------------

    def take(self, now: datetime) -> Delivery | None:
        """Return a delivery that is due and whose lane is free; the lane stays taken until `record_result`."""
        with self._lock:
            self._lanes.promote(now)
            return None if self.is_closed else self._lanes.take()

    def record_result(self, delivery: Delivery, attempt: Attempt | None, outcome: str) -> None:
        """Record the result of a taken delivery, and free its lane. After FAILED it may be tried again."""
        with self._lock:
            try:
                due_at = self._conclude(delivery, attempt, outcome)
            finally:
                self._lanes.free(delivery)
        self._kept.account()
        if due_at is not None:
            self.wake()

    def _conclude(self, delivery: Delivery, attempt: Attempt | None, outcome: str) -> datetime | None:
        """Add the attempt to the delivery; return when the delivery is tried again, or None if it is finished."""
        if attempt is not None:
            self._kept.add_attempt(delivery, attempt)
        due_at = next_attempt(delivery, self.schedule) if outcome == FAILED else None
        if due_at is not None:
            delivery.due_at = due_at
            self._lanes.wait(delivery)
        else:
            self._kept.finish(delivery, outcome)
        return due_at

    def repeat_result(self, delivery_id: int, attempt: Attempt, outcome: str) -> None:
        """Record a result that the log of changes has, for a delivery that is pending; `queue_anew` has to follow."""
        with self._lock:
            delivery = self._deliveries.get(delivery_id)
            if delivery is None or delivery.outcome != PENDING:
                return
            self._conclude(delivery, attempt, outcome)
        self._kept.account()

    def queue_anew(self) -> None:
        """Let all pending deliveries wait for their moment, after `repeat_result`."""
        with self._lock:
            self._lanes.clear()
            for delivery in self._deliveries.values():
                if delivery.outcome == PENDING:
                    self._lanes.wait(delivery)

    def put_back(self, delivery: Delivery) -> None:
        """Put back a taken delivery that was not tried; it is the next of its lane."""
        with self._lock:
            self._lanes.put_back(delivery)

    def give_up(self, delivery: Delivery) -> None:
        """Fail a delivery whose result cannot be recorded, and free its lane."""
        with self._lock:
            if delivery.outcome == PENDING:
                self._kept.finish(delivery, FAILED)
            self._lanes.free(delivery)

    def redeliver(self, delivery_id: int, now: datetime) -> Delivery:
        """Add a copy of a finished delivery, due now. Raise KeyError without one, ValueError while it is pending."""
        with self._lock:
            delivery = self._deliveries[delivery_id]
            if delivery.outcome == PENDING:
                raise ValueError(f"delivery {delivery_id} is still pending")
            again = Delivery(
                id=self._next_id,
                webhook=delivery.webhook,
                topic=delivery.topic,
                record=delivery.record,
                occurred_at=now,
                due_at=now,
                caused_by=delivery.caused_by,
            )
            self._next_id += 1
            self._kept.add(again)
            self._lanes.wait(again)
        self._kept.account()
        self.wake()
        return again

    def disturb(self, disturbances: Disturbances) -> None:
        """Set the disturbances; the random numbers start again from the seed."""
        with self._lock:
            self._disturber = Disturber(disturbances)

    @property
    def draws(self) -> int:
        """How many random numbers the disturbances have drawn."""
        return self._disturber.draws

    @property
    def disturbances(self) -> Disturbances:
        """The probabilities of the disturbances."""
        return self._disturber.disturbances

    def close(self) -> None:
        """Stop giving out deliveries, because another world has replaced this one."""
        with self._lock:
            self.is_closed = True

    def open(self) -> None:
        """Give out deliveries again, because this world is the current one again."""
        with self._lock:
            self.is_closed = False

    # --- reading -----------------------------------------------------------------------------------------------

    def all(self) -> list[Delivery]:
        """Return all deliveries kept, oldest first."""
        with self._lock:
            return list(self._deliveries.values())

    def pending(self) -> list[Delivery]:
        """Return the deliveries that are still to be tried."""
        return [delivery for delivery in self.all() if delivery.outcome == PENDING]

    def next_due_at(self) -> datetime | None:
        """Return when the next waiting delivery becomes due, or None."""
        with self._lock:
            return self._lanes.next_due_at()

    @property
    def has_ready(self) -> bool:
        """Return whether a free lane has a promoted delivery."""
        return self._lanes.has_ready

    @property
    def is_idle(self) -> bool:
        """Whether `take` would return nothing at any time, until something changes. It takes no lock."""
        return self._lanes.is_empty

    def is_due(self, now: datetime) -> bool:
        """Return whether `take` would return a delivery."""
        with self._lock:
            self._lanes.promote(now)
            return self._lanes.has_ready and not self.is_closed
