"""Tests that the courier's threads survive any exception raised in them, log it, and deliver what comes next."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import pytest

from fakekounta import FakeKounta, Receiver
from fakekounta.wire.delivery import crew
from tests.lab import CREATED, HOOK, PATIENCE_SECONDS, Rest, calling, customer, until, until_done, until_tried


class FailingMethod:
    """A replacement for a method that raises a number of times and then calls the method."""

    def __init__(self, method: Callable[..., Any], error: BaseException, times: int = 1) -> None:
        self._method, self._error, self._left = method, error, times
        self.went_off = Event()

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        if self._left > 0:
            self._left -= 1
            self.went_off.set()
            raise self._error
        return self._method(*arguments, **named)


ERRORS = [RuntimeError("boom"), MemoryError(), OverflowError("too large"), SystemExit(3), KeyboardInterrupt()]


@pytest.fixture
def kounta(fakekounta_receiver: Receiver) -> Iterator[FakeKounta]:
    with FakeKounta(webhook_mode="background") as kounta:
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        customer(kounta)
        until_done(kounta)
        yield kounta


def delivers(kounta: FakeKounta, receiver: Receiver) -> None:
    """Check that the fake delivers a new event, and after a reset another one."""
    before = len(receiver.received)
    customer(kounta)
    receiver.wait_for(before + 1, timeout=PATIENCE_SECONDS)
    kounta.reset()
    kounta.webhooks.add(CREATED, receiver.url)
    customer(kounta)
    receiver.wait_for(before + 2, timeout=PATIENCE_SECONDS)


# --- exceptions on purpose -------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("name", ["next_due_at", "is_due"])
def test_the_scheduler_survives(
    name: str,
    error: BaseException,
    kounta: FakeKounta,
    fakekounta_receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The scheduler survives an exception while it looks for due deliveries or waits for them."""
    outbox = kounta.world.outbox
    bomb = FailingMethod(getattr(outbox, name), error)
    monkeypatch.setattr(outbox, name, bomb)
    kounta.courier.wake()
    assert bomb.went_off.wait(PATIENCE_SECONDS)
    delivers(kounta, fakekounta_receiver)
    assert "the scheduler of deliveries failed; it goes on" in caplog.text


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_worker_survives_a_failing_take(
    error: BaseException,
    kounta: FakeKounta,
    fakekounta_receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """After a failed take the next one succeeds."""
    bomb = FailingMethod(kounta.world.outbox.take, error)
    monkeypatch.setattr(kounta.world.outbox, "take", bomb)
    customer(kounta)
    assert bomb.went_off.wait(PATIENCE_SECONDS)
    assert [one.outcome for one in until_done(kounta)] == ["delivered"] * 2
    delivers(kounta, fakekounta_receiver)
    assert "a worker that delivers failed; it goes on" in caplog.text


def test_workers_that_fail_for_long_are_not_many(
    kounta: FakeKounta, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A worker rests after a failure and meanwhile counts as one of four, so that none is started in its place.

    A slow machine may start some more: a worker counts from the moment it failed, and no longer counts while an attempt
    takes long.
    """
    bomb = FailingMethod(kounta.world.outbox.take, RuntimeError("boom"), times=12)
    monkeypatch.setattr(kounta.world.outbox, "take", bomb)
    before = set(threading.enumerate())
    customer(kounta)
    until_done(kounta)
    new = [one for one in threading.enumerate() if one not in before and one.name == "fakekounta-courier"]
    assert len(new) < 12, "one for each failure"
    assert caplog.text.count("a worker that delivers failed; it goes on") == 12


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_worker_survives_a_failing_attempt(
    error: BaseException, kounta: FakeKounta, fakekounta_receiver: Receiver
) -> None:
    """If a receiver in this process fails its test or exits, the attempt has failed, and the next one is made."""

    def failing(*_: Any) -> None:
        raise error

    kounta.webhooks.deliver_to(calling(failing))
    customer(kounta)
    assert until_tried(kounta, 1, delivery_id=2).outcome == "pending"
    kounta.webhooks.deliver_to(calling(lambda *_: None))
    customer(kounta)
    until(kounta, lambda: kounta.webhooks.deliveries[2].outcome == "delivered", "the next one is delivered")
    kounta.world.receiver = None
    delivers(kounta, fakekounta_receiver)


@pytest.mark.parametrize("error", ERRORS[:3], ids=lambda error: type(error).__name__)
def test_the_journal_may_fail(
    error: Exception, kounta: FakeKounta, fakekounta_receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """If an observer of quirks raises, the attempt is still recorded and the webhook is free again."""
    bomb = FailingMethod(lambda *_: None, error)
    kounta.on_delivery(bomb)
    customer(kounta)
    assert [(one.outcome, one.tries) for one in until_done(kounta)] == [("delivered", 1)] * 2
    delivers(kounta, fakekounta_receiver)
    assert "the journal failed" in caplog.text


@pytest.mark.parametrize("error", ERRORS[:3], ids=lambda error: type(error).__name__)
def test_recording_a_result_may_fail(
    error: Exception,
    kounta: FakeKounta,
    fakekounta_receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """If the result of an attempt cannot be recorded, the delivery is abandoned and its webhook gets the next."""
    monkeypatch.setattr(kounta.world.outbox, "record_result", FailingMethod(kounta.world.outbox.record_result, error))
    customer(kounta)
    assert [one.outcome for one in until_done(kounta)] == ["delivered", "failed"]
    delivers(kounta, fakekounta_receiver)
    assert "the result of delivery 2 could not be recorded; it counts as failed" in caplog.text


def test_recording_a_result_may_fail_half_way(
    kounta: FakeKounta, fakekounta_receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The webhook's lane is freed exactly once, at whatever line the recording fails."""
    monkeypatch.setattr(kounta.world.outbox, "_conclude", FailingMethod(kounta.world.outbox._conclude, MemoryError()))
    for _ in range(3):
        customer(kounta)
    assert [one.outcome for one in until_done(kounta)] == ["delivered", "failed", "delivered", "delivered"]
    assert len(fakekounta_receiver.received) == 4
    delivers(kounta, fakekounta_receiver)


def test_the_clock_may_fail(kounta: FakeKounta, fakekounta_receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that raises does not stop the courier."""
    monkeypatch.setattr(crew, "_LONGEST_REST_SECONDS", 0.01)  # the scheduler reads the clock again after each rest
    bomb = FailingMethod(kounta.clock.now, OverflowError("date value out of range"), times=5)
    monkeypatch.setattr(kounta.world.clock, "now", bomb)
    kounta.courier.wake()
    assert bomb.went_off.wait(PATIENCE_SECONDS)
    until(kounta, lambda: bomb._left == 0, "it has failed often enough")
    delivers(kounta, fakekounta_receiver)


def test_a_thread_that_cannot_be_started(
    kounta: FakeKounta,
    fakekounta_receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A worker is started once the process can start threads again; failed starts do not count."""
    monkeypatch.setattr(crew, "_thread", FailingMethod(crew._thread, RuntimeError("can't start new thread"), times=3))
    with Receiver() as hanging:
        hanging.hang()
        kounta.webhooks.add(CREATED, hanging.url)
        customer(kounta)
        fakekounta_receiver.wait_for(2, timeout=PATIENCE_SECONDS)
        hanging.wait_for(1, timeout=PATIENCE_SECONDS)
    assert "can't start new thread" in caplog.text


# --- the arithmetic of waits -----------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [1e-9, 5e-324, 1e-3, 1_000_000])
def test_a_very_slow_clock(
    rate: float, kounta: FakeKounta, fakekounta_receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a retry is centuries away, new deliveries are made."""
    fakekounta_receiver.answer(500)
    customer(kounta)
    until_tried(kounta, 1, delivery_id=2)
    kounta.clock.run(rate=rate)
    Rest(kounta, monkeypatch).wait()
    delivers(kounta, fakekounta_receiver)


def test_a_clock_that_is_set_back(
    kounta: FakeKounta, fakekounta_receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the clock is set from the year 9990 to 1971, retries are due in 8,000 years, and all else at once."""
    kounta.clock.set("9990-01-01T00:00:00Z")
    fakekounta_receiver.answer(500)
    customer(kounta)
    until_tried(kounta, 1, delivery_id=2)
    kounta.clock.set("1971-01-01T00:00:00Z")
    Rest(kounta, monkeypatch).wait()
    delivers(kounta, fakekounta_receiver)


# --- starting again --------------------------------------------------------------------------------------------


def test_old_workers_do_not_work_after_the_next_start(fakekounta_receiver: Receiver) -> None:
    """A worker whose receiver hung during `stop` makes no attempt after the next `start`."""
    kounta = FakeKounta(webhook_mode="background")
    others = set(threading.enumerate())  # threads that an earlier test has left
    entered, released = Event(), Event()

    def hang(*_: Any) -> None:
        entered.set()
        released.wait(PATIENCE_SECONDS)

    with kounta:
        kounta.webhooks.deliver_to(calling(hang))
        kounta.webhooks.add(CREATED, HOOK)
        customer(kounta)
        assert entered.wait(PATIENCE_SECONDS)
        old = [one for one in threading.enumerate() if one not in others and one.name == "fakekounta-courier"]
    with kounta:
        released.set()
        for thread in old:
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive(), "a thread from before the stop makes attempts"
        customer(kounta)
        until(kounta, lambda: kounta.webhooks.deliveries[-1].outcome == "delivered", "the new threads deliver")


def test_ready_deliveries_are_made_after_the_next_start(fakekounta_receiver: Receiver) -> None:
    """New threads look for work by themselves, without a wakeup, whatever the outbox had promoted before."""
    kounta = FakeKounta(webhook_mode="background")
    kounta.webhooks.add(CREATED, fakekounta_receiver.url)
    customer(kounta)
    assert kounta.world.outbox.is_due(kounta.clock.now())
    assert kounta.world.outbox.next_due_at() is None
    with kounta:
        fakekounta_receiver.wait_for(1, timeout=PATIENCE_SECONDS)


@pytest.mark.parametrize(
    "tries, outcome, is_covered", [(0, "delivered", False), (0, "failed", True), (1, "delivered", True)]
)
def test_w12_is_covered_by_failed_attempts(
    tries: int, outcome: str, is_covered: bool, fakekounta_receiver: Receiver
) -> None:
    """W12 is covered by an attempt that failed and by each later one, not by a first attempt that succeeds."""
    kounta = FakeKounta(webhook_mode="collect")
    kounta.webhooks.add(CREATED, fakekounta_receiver.url)
    fakekounta_receiver.answer(500, times=tries if outcome == "delivered" else 1)
    customer(kounta)
    covered = []
    kounta.on_delivery(lambda quirks: covered.append([quirk.id for quirk in quirks]))
    for _ in range(tries + 1):
        kounta.webhooks.deliver()
        kounta.clock.advance(seconds=60)
    assert ("W12" in covered[-1]) == is_covered
