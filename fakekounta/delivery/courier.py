"""The courier: takes what is due, posts it outside every lock, notes the attempt."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Condition, Thread, get_ident
from time import monotonic, perf_counter

from fakekounta import __version__
from fakekounta.core.outbox import BLOCKED, DELIVERED, FAILED, Attempt, Delivery
from fakekounta.core.records import timestamp
from fakekounta.core.webhooks import signature
from fakekounta.core.world import World
from fakekounta.delivery.into_app import post_into
from fakekounta.delivery.posting import Blocked, Parcel, Post, Undelivered
from fakekounta.documents.payloads import payload
from fakekounta.settings import MODES

BACKGROUND, IMMEDIATE, _ = MODES

_WORKERS = 4
_MOST_WORKERS = 256
_LONG_SECONDS = 0.1  # a worker that is with one receiver for longer than this does not count as one of the four
_LINGER_SECONDS = 0.002  # lets the answer to the call that caused a delivery go out first

log = logging.getLogger("fakekounta.delivery")


class Courier:
    """Delivers for whatever world there is, in the world's mode.

    `background`: threads deliver what is due. `immediate`: `settle` does, in the caller's thread. `collect`: only
    `deliver_due` does.
    """

    def __init__(self, world: Callable[[], World], post: Post) -> None:
        self._world = world
        self._post = post
        self._due = Condition()
        self._done = Condition()
        self._running = False
        self._idle = 0
        self._workers: set[Thread] = set()
        self._busy_since: dict[int, float] = {}
        self._scheduler: Thread | None = None

    # --- in the caller's thread --------------------------------------------------------------------------------

    def deliver_due(self) -> int:
        """Try everything that is due, until nothing is; returns how many attempts were made."""
        world, attempts = self._world(), 0
        while (delivery := world.outbox.take(world.clock.now())) is not None:
            self._attempt(world, delivery)
            attempts += 1
        return attempts

    def settle(self) -> None:
        """In the mode `immediate`, what is due now is tried before this returns."""
        if self._world().webhook_mode == IMMEDIATE:
            self.deliver_due()

    def wait_until(self, is_true: Callable[[], bool], timeout_seconds: float) -> bool:
        """Wait until something holds that deliveries bring about; false if it does not in time."""
        with self._done:
            return self._done.wait_for(is_true, timeout_seconds)

    # --- in the background -------------------------------------------------------------------------------------

    def start(self) -> None:
        """Have threads for worlds whose mode is `background`."""
        with self._due:
            if not self._running:
                self._running = True
                self._scheduler = Thread(target=self._schedule, name="fakekounta-courier", daemon=True)
                self._scheduler.start()

    def stop(self) -> None:
        """Deliver in the background no longer; waits for threads, but not for those whose receiver hangs."""
        with self._due:
            self._running = False
            threads = [one for one in (self._scheduler, *self._workers) if one is not None]
            busy = set(self._busy_since)
            self._due.notify_all()
        for thread in threads:
            thread.join(timeout=0.05 if thread.ident in busy else 1)

    def wake(self) -> None:
        """Something may have become due."""
        with self._due:
            self._due.notify_all()

    def _schedule(self) -> None:
        """Wait for what becomes due, and see to it that there are workers for it."""
        with self._due:
            while self._running:
                world = self._world()
                if world.webhook_mode == BACKGROUND and world.outbox.is_due(world.clock.now()):
                    self._employ()
                    self._due.wait(_LONG_SECONDS)
                else:
                    self._due.wait(_seconds_until_due(world))

    def _employ(self) -> None:
        now = monotonic()
        quick = sum(now - since < _LONG_SECONDS for since in self._busy_since.values())
        if self._idle:
            self._due.notify_all()
        elif quick < _WORKERS and len(self._workers) < _MOST_WORKERS:
            worker = Thread(target=self._work, name="fakekounta-courier", daemon=True)
            self._workers.add(worker)
            worker.start()

    def _work(self) -> None:
        """Be one worker, until the courier stops."""
        while True:
            with self._due:
                self._idle += 1
                while self._running and not self._may_work():
                    self._due.wait()
                self._idle -= 1
                if not self._running:
                    return
            self._carry()

    def _may_work(self) -> bool:
        world = self._world()
        return world.webhook_mode == BACKGROUND and world.outbox.is_due(world.clock.now())

    def _carry(self) -> None:
        """Deliver until nothing is due."""
        me = get_ident()
        while self._running:
            world = self._world()
            delivery = world.outbox.take(world.clock.now()) if world.webhook_mode == BACKGROUND else None
            if delivery is None:
                return
            self._busy_since[me] = monotonic()
            try:
                self._attempt(world, delivery)
            finally:
                del self._busy_since[me]

    # --- one attempt -------------------------------------------------------------------------------------------

    def _attempt(self, world: World, delivery: Delivery) -> None:
        parcel = parcel_of(world, delivery)
        at, start = world.clock.now(), perf_counter()
        status, error = None, None
        try:
            post = self._post if world.receiver is None else post_into(world.receiver)
            status = post(parcel)
            outcome = DELIVERED if 200 <= status < 300 else FAILED
            error = None if outcome == DELIVERED else f"the receiver answered {status}"
        except Blocked as reason:
            outcome, error = BLOCKED, str(reason)
            log.warning("delivery %d to %s is blocked: %s", delivery.id, delivery.webhook.address, reason)
        except Undelivered as reason:
            outcome, error = FAILED, str(reason)
        except Exception as reason:  # whatever a receiver's library raises must not end the courier
            log.exception("delivery %d failed", delivery.id)
            outcome, error = FAILED, f"{type(reason).__name__}: {reason}"
        attempt = Attempt(
            number=delivery.tries + 1,
            at=at,
            headers=tuple(parcel.headers),
            body=parcel.body,
            status=status,
            error=error,
            duration_seconds=perf_counter() - start,
        )
        world.outbox.settle(delivery, attempt, outcome)
        with self._done:
            self._done.notify_all()


def parcel_of(world: World, delivery: Delivery) -> Parcel:
    """The exact bytes and headers of a delivery (W05, W10, W11)."""
    webhook = delivery.webhook
    company = world.companies[webhook.company_id]
    now = timestamp(delivery.occurred_at, company.zone)
    record = world.records.full(delivery.customer, webhook.client_id, now)
    content_type, body = payload(record, webhook.format)
    headers = [
        ("Content-Type", content_type),
        ("X-Kounta-Signature", signature(body, world.signature_token(webhook.client_id))),
        ("User-Agent", f"fakekounta/{__version__}"),
        *webhook.headers.items(),
    ]
    return Parcel(
        url=webhook.address,
        headers=headers,
        body=body,
        timeout_seconds=world.outbox.schedule.timeout_seconds,
        allowed_hosts=world.allow_webhook_hosts,
    )


def _seconds_until_due(world: World) -> float | None:
    """How long the scheduler may wait; None if only a change can make something due."""
    due_at = world.outbox.next_due_at()
    if due_at is None or world.clock.frozen or world.webhook_mode != BACKGROUND:
        return None
    return max((due_at - world.clock.now()).total_seconds(), 0.001)
