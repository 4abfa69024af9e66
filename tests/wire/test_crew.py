"""The crew: the threads of background deliveries, each step of theirs asked of a crew that has not started."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone
from threading import Event

import pytest

from fakekounta import FakeKounta
from fakekounta.wire.delivery import crew


class Joined:
    """Stands in for a thread, and knows whether somebody waited for its end."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def join(self, timeout: float) -> None:
        self.waits.append(timeout)


def test_stop_waits_for_threads_that_are_with_no_receiver() -> None:
    """Not for the one that calls it, and for none of them longer than a quarter of a second."""
    found = a_crew()
    scheduler, idle, busy = Joined(), Joined(), Joined()
    found._scheduler = scheduler  # type: ignore[assignment]
    found._workers = {idle, busy, threading.current_thread()}  # type: ignore[arg-type]
    found._busy_since = {busy: 0.0}  # type: ignore[dict-item]
    found.join()
    assert (len(scheduler.waits), len(idle.waits), busy.waits) == (1, 1, [])
    assert 0.0 <= max(scheduler.waits + idle.waits) <= 0.25


def a_crew() -> crew.Crew:
    """One that has not started."""
    world = FakeKounta().world
    return crew.Crew(lambda: world, lambda *_: False)


def test_a_worker_is_hired_for_each_of_four_deliveries() -> None:
    """Nobody is there who could be called; with four on their way nobody else is hired."""
    ended = Event()
    found = a_crew()
    found._work = ended.wait  # type: ignore[method-assign,assignment] # they do not come to be called
    for expected in (1, 2, 3, 4, 4):
        found._employ()
        assert len(found._workers) == expected
    ended.set()


def test_a_worker_that_ends_is_forgotten() -> None:
    """It does not count any more for the largest number of workers."""
    found = a_crew()
    found._workers.add(threading.current_thread())
    found.stop()
    found._work()
    assert found._workers == set()


def test_a_worker_that_failed_rests_a_tenth_of_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Meanwhile it counts as quick, so that no other is hired in its place; after that it is free."""
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
    """The next one lasts until the next nudge."""
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
def test_a_rest_can_be_waited_for(
    due: timedelta | None, rate: float, expected: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is as long as the clock needs, at most some seconds, and never none at all."""
    kounta = FakeKounta(webhook_mode="background")
    now = datetime(2026, 1, 1, tzinfo=timezone.utc)
    kounta.clock.run(rate=rate)
    monkeypatch.setattr(kounta.world.clock, "now", lambda: now)
    monkeypatch.setattr(kounta.world.outbox, "next_due_at", lambda: None if due is None else now + due)
    assert crew._seconds_until_due(kounta.world) == expected


@pytest.mark.parametrize("reason", ["the clock is frozen", "the mode is another"])
def test_a_rest_in_which_nothing_becomes_due(reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is as long as it may be, although something waits for a moment that is near."""
    kounta = FakeKounta(webhook_mode="background" if "clock" in reason else "collect")
    if "clock" in reason:
        kounta.clock.freeze()
    soon = kounta.clock.now() + timedelta(seconds=1)
    monkeypatch.setattr(kounta.world.outbox, "next_due_at", lambda: soon)
    assert crew._seconds_until_due(kounta.world) == crew._LONGEST_REST_SECONDS
