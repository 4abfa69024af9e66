"""The courier: takes what is due, posts it outside every lock, notes the attempt."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from threading import Condition, Event, Thread, current_thread, local
from typing import Any

from fakekounta.core.outbox import BLOCKED, DELIVERED, FAILED, Attempt, Delivery
from fakekounta.core.records import timestamp
from fakekounta.core.world import World
from fakekounta.delivery.posting import NOTHING, Blocked, Parcel, Post, Undelivered
from fakekounta.documents.payloads import delivery_headers, payload
from fakekounta.forks import given_up_in_children
from fakekounta.quirks import Quirk
from fakekounta.settings import MODES
from fakekounta.unpatched import monotonic, perf_counter

BACKGROUND, IMMEDIATE, _ = MODES

_WORKERS = 4
_MOST_WORKERS = 256
_LONG_SECONDS = 0.02  # a worker that is with one receiver for longer than this does not count as one of the four
_LINGER_SECONDS = 0.002  # lets the answer to the call that caused a delivery go out first
_STOP_SECONDS = 0.25

log = logging.getLogger("fakekounta.delivery")


class Courier:
    """Delivers for whatever world there is, in the world's mode.

    `background`: threads deliver what is due. `immediate`: `settle` does, in the caller's thread. `collect`: only
    `deliver_due` does.
    """

    def __init__(self, world: Callable[[], World], post: Post) -> None:
        self._world = world
        self._post = post
        self._begin()
        given_up_in_children(self)

    def _begin(self) -> None:
        """Have no threads yet."""
        self._nudged = Event()
        self._call = local()
        self._stopping = Event()
        self._changed = Condition()  # guards what follows
        self._running = False
        self._scheduler: Thread | None = None
        self._workers: set[Thread] = set()
        self._idle = 0
        self._called = 0
        self._busy_since: dict[Thread, float] = {}
        self._settled = Condition()

    def give_up(self) -> None:
        """In a forked child: there are no threads, and nobody will release a lock that was held."""
        self._begin()

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
        deadline = monotonic() + timeout_seconds
        while not is_true():
            left = deadline - monotonic()
            if left <= 0:
                return False
            with self._settled:
                # A delivery between the question and this wait is noticed late at the most
                self._settled.wait(min(left, 0.01))
        return True

    # --- in the background -------------------------------------------------------------------------------------

    def start(self) -> None:
        """Have threads for worlds whose mode is `background`."""
        with self._changed:
            if not self._running:
                self._running = True
                self._stopping.clear()
                self._scheduler = Thread(
                    target=Context().run, args=(self._schedule,), name="fakekounta-courier", daemon=True
                )
                self._scheduler.start()

    def stop(self) -> None:
        """Deliver in the background no longer; threads whose receiver hangs end when it lets them."""
        with self._changed:
            self._running = False
            threads = [*self._workers, *([self._scheduler] if self._scheduler is not None else [])]
            self._changed.notify_all()
        self._stopping.set()
        self._nudged.set()
        deadline = monotonic() + _STOP_SECONDS
        for thread in threads:
            if thread not in self._busy_since:
                thread.join(max(0.0, deadline - monotonic()))

    @contextmanager
    def holding_back(self) -> Iterator[list[bool]]:
        """In it, `wake` wakes nobody, if this thread calls it, but leaves something in the list that is yielded."""
        news: list[bool] = []
        self._call.news = news
        try:
            yield news
        finally:
            self._call.news = None

    def wake(self) -> None:
        """Something may have become due."""
        news = getattr(self._call, "news", None)
        if news is not None:
            news.append(True)
            return
        if not self._nudged.is_set():
            self._nudged.set()

    def _schedule(self) -> None:
        """Wait for what becomes due, and see to it that there are workers for it."""
        while self._running:
            if self._nudged.wait(_seconds_until_due(self._world())):
                self._stopping.wait(_LINGER_SECONDS)
                self._nudged.clear()
            while self._is_due():
                self._employ()
                self._nudged.wait(_LONG_SECONDS / 4)
                self._nudged.clear()

    def _is_due(self) -> bool:
        world = self._world()
        return self._running and world.webhook_mode == BACKGROUND and world.outbox.is_due(world.clock.now())

    def _employ(self) -> None:
        """Call one more worker, unless enough of them are quick."""
        with self._changed:
            now = monotonic()
            quick = sum(now - since < _LONG_SECONDS for since in self._busy_since.values())
            if quick + self._called >= _WORKERS or not self._running:
                return
            if self._idle > self._called:
                self._called += 1
                self._changed.notify()
            elif len(self._workers) < _MOST_WORKERS:
                worker = Thread(target=self._work, name="fakekounta-courier", daemon=True)
                self._workers.add(worker)
                self._called += 1
                worker.start()

    def _work(self) -> None:
        """Be one worker, until the courier stops."""
        me = current_thread()
        try:
            while self._called_or_stopped():
                self._carry(me)
        finally:
            with self._changed:
                self._workers.discard(me)

    def _called_or_stopped(self) -> bool:
        """Wait to be called; false once the courier has stopped."""
        with self._changed:
            self._idle += 1
            self._changed.wait_for(lambda: self._called > 0 or not self._running)
            self._idle -= 1
            if self._called > 0:
                self._called -= 1
            return self._running

    def _carry(self, me: Thread) -> None:
        """Deliver until nothing is due."""
        while self._running:
            world = self._world()
            delivery = world.outbox.take(world.clock.now()) if world.webhook_mode == BACKGROUND else None
            if delivery is None:
                return
            with self._changed:
                self._busy_since[me] = monotonic()
            if world.outbox.has_ready:
                self._employ()
            try:
                self._attempt(world, delivery)
            finally:
                with self._changed:
                    del self._busy_since[me]

    # --- one attempt -------------------------------------------------------------------------------------------

    def _attempt(self, world: World, delivery: Delivery) -> None:
        """Make one attempt and note it, whatever comes: an exception that is to end the program goes on its way."""
        at, start = world.clock.now(), perf_counter()
        parcel, status, outcome, error = NOTHING, None, FAILED, "the attempt was broken off"
        try:
            parcel = parcel_of(world, delivery)
            status = (self._post if world.receiver is None else _post_into(world.receiver))(parcel)
            outcome = DELIVERED if 200 <= status < 300 else FAILED
            error = "" if outcome == DELIVERED else f"the receiver answered {status}"
        except Blocked as reason:
            outcome, error = BLOCKED, str(reason)
            log.warning("delivery %d to %s is blocked: %s", delivery.id, delivery.webhook.address, reason)
        except Undelivered as reason:
            error = str(reason)
        except Exception as reason:  # whatever a receiver's library raises must not end the courier
            log.exception("delivery %d failed", delivery.id)
            error = f"{type(reason).__name__}: {reason}"
        finally:
            attempt = Attempt(
                number=delivery.tries + 1,
                at=at,
                headers=tuple(parcel.headers),
                body=parcel.body,
                status=status,
                error=error or None,
                duration_seconds=perf_counter() - start,
            )
            world.journal.delivered(_quirks_of(world, delivery, outcome))
            world.outbox.settle(delivery, attempt, outcome)
            with self._settled:
                self._settled.notify_all()


def _quirks_of(world: World, delivery: Delivery, outcome: str) -> list[Quirk]:
    """What an attempt to deliver meets."""
    webhook = delivery.webhook
    met = [Quirk.W10_PAYLOAD, Quirk.W11_SIGNATURE, *delivery.met, *world.records.quirks_of_full(delivery.customer)]
    if webhook.format == "xml":
        met.append(Quirk.W19_FORM_OF_XML)
    if webhook.headers:
        met.append(Quirk.W05_WEBHOOK_HEADERS)
    if webhook.filter.get("attributes"):
        met.append(Quirk.W08_ATTRIBUTE_FILTERS)
    if outcome == FAILED or delivery.tries:
        met.append(Quirk.W12_RETRIES)
    return met


def _post_into(app: Any) -> Post:
    from fakekounta.delivery.into_app import post_into  # noqa: PLC0415 - asyncio is heavy, and few need it

    return post_into(app)


def parcel_of(world: World, delivery: Delivery) -> Parcel:
    """The exact bytes and headers of a delivery (W05, W10, W11)."""
    webhook = delivery.webhook
    company = world.companies[webhook.company_id]
    now = timestamp(delivery.occurred_at, company.zone)
    record = world.records.full(delivery.customer, webhook.client_id, now)
    content_type, body = payload(record, webhook.format)
    token = world.signature_token(webhook.client_id)
    headers = delivery_headers(content_type, body, token, webhook.headers)
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
    return max((due_at - world.clock.now()).total_seconds() / world.clock.rate, 0.001)
