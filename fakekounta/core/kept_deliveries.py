"""The deliveries that an outbox keeps; the oldest are dropped beyond a number, and beyond a budget of bytes."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator, Sequence
from threading import Lock

from fakekounta.core import chain
from fakekounta.core.budget import RetentionBudget
from fakekounta.core.deliveries import FAILED, PENDING, Attempt, Delivery, size_of, size_of_attempt
from fakekounta.core.lanes import Lanes

KEPT = 20_000
KEPT_BYTES = 128 * 1_048_576
NO_ROOM = "no room: the deliveries of this process exceed their limit; the oldest pending one counts as failed"

BUDGET = RetentionBudget(KEPT_BYTES)
"""The bytes of all deliveries in the process: webhooks, customers, attempts with their headers and bodies."""

log: logging.Logger = logging.getLogger("fakekounta.delivery")


class KeptDeliveries:
    """The deliveries of an outbox by id, oldest first.

    The last `kept` finished deliveries are kept, and fewer if the budget is exceeded: then the largest outbox drops its
    oldest finished delivery, or else its oldest pending one.

    `lock` is that of the outbox, which holds it when it calls a method, except for `account`.
    """

    def __init__(self, lock: Lock, kept: int, budget: RetentionBudget) -> None:
        self.by_id: dict[int, Delivery] = {}
        self.lanes: Lanes = Lanes(self.by_id)
        self._lock = lock
        self._kept = kept
        self._finished: deque[int] = deque()
        self._share = budget.share(self._forget_oldest)
        self._new_bytes = self._gone_bytes = 0

    def add(self, delivery: Delivery) -> None:
        """Add a delivery."""
        self.by_id[delivery.id] = delivery
        self._grow(delivery, size_of(delivery))

    def add_attempt(self, delivery: Delivery, attempt: Attempt) -> None:
        """Add an attempt to a delivery."""
        self._grow(delivery, size_of_attempt(attempt, delivery.attempts))
        delivery.attempts.append(attempt)

    def _grow(self, delivery: Delivery, size: int) -> None:
        delivery.kept_bytes += size
        self._new_bytes += size

    def finish(self, delivery: Delivery, outcome: str) -> None:
        """Record the outcome of a delivery, and drop the oldest finished one if there are too many."""
        delivery.outcome = outcome
        self._finished.append(delivery.id)
        if len(self._finished) > self._kept:
            self._gone_bytes += self._forget(self._finished[0]).kept_bytes

    def restore_past(self, deliveries: Sequence[Delivery]) -> None:
        """Add deliveries that were finished, and their attempts to those that are pending."""
        for delivery in deliveries:
            pending = self.by_id.get(delivery.id)
            if pending is None:
                self.add(delivery)
                self._finished.append(delivery.id)
            else:
                pending.attempts, pending.earlier_attempts = delivery.attempts, delivery.earlier_attempts
        by_id = sorted(self.by_id.items())
        self.by_id.clear()  # the lanes share it
        self.by_id.update(by_id)

    def account(self) -> None:
        """Report changed sizes to the budget. Call it without the lock: the budget may call `_forget_oldest`."""
        with self._lock:
            new, gone, self._new_bytes, self._gone_bytes = self._new_bytes, self._gone_bytes, 0, 0
        self._share.put(new, gone)

    def _forget_oldest(self) -> bool:
        """Drop the oldest finished delivery, or else the oldest waiting one; return False without either."""
        with self._lock:
            oldest = self._finished[0] if self._finished else next(self._idle(), None)
            if oldest is None:
                return False
            forgotten = self._forget(oldest)
        if forgotten.outcome == PENDING:
            forgotten.outcome = FAILED
            log.warning("delivery %d to %s: %s", forgotten.id, forgotten.webhook.address, NO_ROOM)
            chain.note(f"delivery {forgotten.id}: {NO_ROOM}")
        self._share.take(forgotten.kept_bytes)
        return True

    def _idle(self) -> Iterator[int]:
        """Yield the ids of pending deliveries that are not under way, oldest first."""
        return (one.id for one in self.by_id.values() if one.outcome == PENDING and not self.lanes.is_out(one))

    def _forget(self, delivery_id: int) -> Delivery:
        forgotten = self.by_id.pop(delivery_id)
        if forgotten.outcome == PENDING:
            self.lanes.forget(forgotten)
        else:
            self._finished.popleft()
        return forgotten
