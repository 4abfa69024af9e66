"""Lanes: one queue for each webhook and each order, whose deliveries are tried one at a time, in order (W18)."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import datetime
from heapq import heapify, heappop, heappush
from itertools import count

from fakekounta.core.deliveries import Delivery
from fakekounta.core.webhooks import CALLBACK, Webhook

Lane = tuple[int, bool, int]


def lane_of(webhook: Webhook) -> Lane:
    """Return the lane of the deliveries to a webhook, or to the `callback_uri` of an order."""
    return webhook.company_id, webhook.topic == CALLBACK, webhook.id


def _lane(delivery: Delivery) -> Lane:
    return lane_of(delivery.webhook)


class Lanes:
    """All lanes of an outbox. They hold ids only, so that a dropped delivery takes no memory and is skipped.

    There is no lock here: the outbox holds its own.
    """

    def __init__(self, deliveries: Mapping[int, Delivery]) -> None:
        self._deliveries = deliveries
        self._ticket = count()
        self._waiting: list[tuple[datetime, int, int]] = []
        self._forgotten = 0
        self._lanes: dict[Lane, deque[int]] = {}
        self._ready: deque[Lane] = deque()
        self._busy: dict[Lane, int] = {}

    def clear(self) -> None:
        """Empty all lanes, and free those that are busy."""
        self._waiting.clear()
        self._forgotten = 0
        self._lanes.clear()
        self._ready.clear()
        self._busy.clear()

    def wait(self, delivery: Delivery) -> None:
        """Let the delivery wait until it is due."""
        heappush(self._waiting, (delivery.due_at, next(self._ticket), delivery.id))

    def promote(self, now: datetime) -> None:
        """Move the deliveries that are due into their lanes."""
        while self._waiting and self._waiting[0][0] <= now:
            delivery = self._deliveries.get(heappop(self._waiting)[2])
            if delivery is not None:
                lane = _lane(delivery)
                queue = self._lanes.setdefault(lane, deque())
                if not queue and lane not in self._busy:
                    self._ready.append(lane)
                queue.append(delivery.id)

    def take(self) -> Delivery | None:
        """Return the next promoted delivery, or None; its lane is busy until it is freed."""
        while self._ready:
            lane = self._ready.popleft()
            queue = self._lanes[lane]
            while queue:
                delivery = self._deliveries.get(queue.popleft())
                if delivery is not None:
                    self._busy[lane] = delivery.id
                    return delivery
            del self._lanes[lane]
        return None

    def free(self, delivery: Delivery) -> None:
        """Free the lane of this delivery."""
        lane = _lane(delivery)
        self._busy.pop(lane, None)
        if self._lanes.get(lane):
            self._ready.append(lane)
        else:
            self._lanes.pop(lane, None)

    def put_back(self, delivery: Delivery) -> None:
        """Put a taken delivery back to the front of its lane."""
        self._lanes[_lane(delivery)].appendleft(delivery.id)
        self.free(delivery)

    def is_out(self, delivery: Delivery) -> bool:
        """Return whether the delivery was taken and its lane is still busy."""
        return self._busy.get(_lane(delivery)) == delivery.id

    def forget(self, delivery: Delivery) -> None:
        """Remove a delivery that was not taken and never will be.

        Its other entries go as well, at the latest when half of all entries are stale.
        """
        queue = self._lanes.get(_lane(delivery))
        if queue and queue[0] == delivery.id:
            queue.popleft()
            return
        self._forgotten += 1
        if self._forgotten > len(self._waiting) // 2:
            self._waiting = [one for one in self._waiting if one[2] in self._deliveries]
            heapify(self._waiting)
            self._forgotten = 0

    def next_due_at(self) -> datetime | None:
        """Return when the next waiting delivery becomes due, or None."""
        while self._waiting and self._waiting[0][2] not in self._deliveries:
            heappop(self._waiting)
        return self._waiting[0][0] if self._waiting else None

    @property
    def is_empty(self) -> bool:
        """Return whether nothing waits, neither for its moment nor in a free lane."""
        return not (self._waiting or self._ready)

    @property
    def has_ready(self) -> bool:
        """Return whether a free lane has a promoted delivery."""
        return bool(self._ready)
