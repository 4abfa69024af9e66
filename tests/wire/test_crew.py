"""Tests of the crew, the threads of background deliveries: each step, called on a crew that was not started."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone
from threading import Event

import pytest

from fakekounta import FakeKounta
from fakekounta.wire.delivery import crew


class FakeThread:
    """A replacement for a thread that records whether it was joined."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def join(self, timeout: float) -> None:
        self.waits.append(timeout)


def test_stop_joins_idle_threads() -> None:
    """`stop` joins each thread without a receiver for at most a quarter of a second, except the calling thread."""
    found = a_crew()
    scheduler, idle, busy = FakeThread(), FakeThread(), FakeThread()
    found._scheduler = scheduler  # type: ignore[assignment]
    found._workers = {idle, busy, threading.current_thread()}  # type: ignore[arg-type]
    found._busy_since = {busy: 0.0}  # type: ignore[dict-item]
    found.join()
    assert (len(scheduler.waits), len(idle.waits), busy.waits) == (1, 1, [])
    assert 0.0 <= max(scheduler.waits + idle.waits) <= 0.25


def a_crew() -> crew.Crew:
    """Return a crew that was not started."""
    world = FakeKounta().world
    return crew.Crew(lambda: world, lambda *_: False)


def test_a_worker_is_hired_for_each_of_four_deliveries() -> None:
    """Without an idle worker a new one is started; with four at work no further one is."""
    ended = Event()
    found = a_crew()
    found._work = ended.wait  # type: ignore[method-assign,assignment] # never called here
    for expected in (1, 2, 3, 4, 4):
        found._employ()
        assert len(found._workers) == expected
    ended.set()


def test_a_worker_that_ends_is_forgotten() -> None:
    """An ended worker no longer counts towards the largest number of workers."""
    found = a_crew()
    found._workers.add(threading.current_thread())
    found.stop()
    found._work()
    assert found._workers == set()


def test_a_worker_that_failed_rests_a_tenth_of_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """While it rests it counts as a quick worker, so that no other is started in its place; then it is free."""
    found = a_crew()
    me = threading.current_thread()
    rests: list[float] = []

    class Stopping(Event):
        def wait(self, timeout: float | None = None) -> bool:
            rests.append(timeout or 0.0)
            assert found._busy_since == {me: 50.0 + 0.1}
            return False

    monkeypatch.setattr(crew, "monotonic", lambda: 50.0)
    found._stopping = Stopping()
    with found._recovering():
        assert found._busy_since == {me: 50.0 + 0.1}
        assert rests == []
    assert (rests, found._busy_since) == ([0.1], {})


def test_a_nudge_ends_one_rest() -> None:
    """A nudge ends the current rest; the next rest lasts until the next nudge."""
    found = a_crew()
    found.nudge()
    found._rest()
    assert not found._nudged.is_set()


# --- how long the scheduler rests ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "due, rate, expected",
    [
        (timedelta(days=2_000_000), 1, crew._LONGEST_REST_SECONDS),
        (timedelta(seconds=60), 1e-9, crew._LONGEST_REST_SECONDS),
        (timedelta(seconds=60), 60, 1.0),
        (timedelta(seconds=2), 1, 2.0),
        (timedelta(days=-1), 1, 0.001),
        (None, 1, crew._LONGEST_REST_SECONDS),
    ],
)
def test_the_length_of_a_rest(
    due: timedelta | None, rate: float, expected: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rest lasts until the clock reaches the next due time, between a minimum and some seconds."""
    kounta = FakeKounta(webhook_mode="background")
    now = datetime(2026, 1, 1, tzinfo=timezone.utc)
    kounta.clock.run(rate=rate)
    monkeypatch.setattr(kounta.world.clock, "now", lambda: now)
    monkeypatch.setattr(kounta.world.outbox, "next_due_at", lambda: None if due is None else now + due)
    assert crew._seconds_until_due(kounta.world) == expected


@pytest.mark.parametrize("reason", ["the clock is frozen", "the mode is another"])
def test_a_rest_in_which_nothing_becomes_due(reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest has its maximum length if nothing can become due, although a delivery's time is near."""
    kounta = FakeKounta(webhook_mode="background" if "clock" in reason else "collect")
    if "clock" in reason:
        kounta.clock.freeze()
    soon = kounta.clock.now() + timedelta(seconds=1)
    monkeypatch.setattr(kounta.world.outbox, "next_due_at", lambda: soon)
    assert crew._seconds_until_due(kounta.world) == crew._LONGEST_REST_SECONDS
