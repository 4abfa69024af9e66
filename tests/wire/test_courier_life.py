"""Tests of start, stop, reset and `fresh` while deliveries are under way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from fakekounta import FakeKounta, Receiver
from fakekounta.settings.kinds import Mode
from fakekounta.wire.delivery import crew
from tests.lab import (
    CREATED,
    HOOK,
    PATIENCE_SECONDS,
    calling,
    customer,
    outcomes,
    serving,
    until,
    until_done,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@contextmanager
def new_threads() -> Iterator[list[Thread]]:
    """Collect the courier threads that were started in the block and still run at its end."""
    before = set(threading.enumerate())
    found: list[Thread] = []
    yield found
    found += [one for one in threading.enumerate() if one not in before and one.name == "fakekounta-courier"]


# --- stop ------------------------------------------------------------------------------------------------------


def test_threads_end_on_stop(fakekounta_receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """After `stop` no thread of the courier runs."""
    monkeypatch.setattr(crew, "_STOP_SECONDS", PATIENCE_SECONDS)
    with new_threads() as left, FakeKounta(webhook_mode="background") as kounta:
        for _ in range(3):
            kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        customer(kounta)
        assert len(until_done(kounta)) == 3
    assert left == []


def test_idle_workers_are_reused(fakekounta_receiver: Receiver) -> None:
    """For any number of deliveries one after the other, there are at most four workers."""
    with FakeKounta(webhook_mode="background") as kounta:
        found = kounta.courier._crew
        assert found is not None
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        for _ in range(6):
            customer(kounta)
            until_done(kounta)
            until(kounta, lambda: 0 < found._idle == len(found._workers), "all workers wait to be called")
        assert len(found._workers) <= 4


def test_a_thread_whose_receiver_hangs_ends_with_it(fakekounta_receiver: Receiver) -> None:
    """`stop` does not wait for a hanging receiver; its thread ends once the receiver responds."""
    fakekounta_receiver.hang()
    with new_threads() as left, FakeKounta(webhook_mode="background") as kounta:
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        customer(kounta)
        fakekounta_receiver.wait_for(1, timeout=PATIENCE_SECONDS)
    assert len(left) <= 1
    fakekounta_receiver.release()
    for thread in left:
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()


def test_stop_does_not_wait_for_hanging_receivers(fakekounta_receiver: Receiver) -> None:
    """With twenty hanging receivers `stop` waits for none, and their deliveries stay pending."""
    fakekounta_receiver.hang(times=20)
    schedule = {"timeout_seconds": 10 * PATIENCE_SECONDS}
    with FakeKounta(webhook_mode="background", webhook_schedule=schedule) as kounta:
        for _ in range(20):
            kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        customer(kounta)
        fakekounta_receiver.wait_for(20, timeout=PATIENCE_SECONDS)
        started = monotonic()
        kounta.stop()
        assert monotonic() - started < PATIENCE_SECONDS / 2
        assert outcomes(kounta) == ["pending"] * 20


def test_due_deliveries_wait_for_the_next_start(fakekounta_receiver: Receiver) -> None:
    """A delivery that becomes due after `stop` stays pending until the next `start`."""
    kounta = FakeKounta(webhook_mode="background")
    with kounta:
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
    customer(kounta)
    kounta.clock.advance(seconds=7200)
    assert (outcomes(kounta), fakekounta_receiver.received) == (["pending"], [])
    with kounta:
        assert [one.outcome for one in until_done(kounta)] == ["delivered"]


def test_many_starts_and_stops(fakekounta_receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """After any number of starts and stops a fake delivers: ended threads do not count as workers."""
    monkeypatch.setattr(crew, "_MOST_WORKERS", 3)
    kounta = FakeKounta(webhook_mode="background")
    kounta.webhooks.add(CREATED, fakekounta_receiver.url)
    for number in range(1, 8):
        with kounta:
            customer(kounta)
            fakekounta_receiver.wait_for(number, timeout=PATIENCE_SECONDS)
            assert [one.outcome for one in until_done(kounta)] == ["delivered"] * number


def test_starting_twice_delivers_once(fakekounta_receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second `start` or `stop` changes nothing: one server, one courier, one attempt for each delivery."""
    monkeypatch.setattr(crew, "_STOP_SECONDS", PATIENCE_SECONDS)
    with new_threads() as left, FakeKounta(webhook_mode="background") as kounta:
        kounta.start()
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        customer(kounta)
        until_done(kounta)
        kounta.stop()
        kounta.stop()
    assert (len(fakekounta_receiver.received), left) == (1, [])


# --- reset and fresh -------------------------------------------------------------------------------------------


def test_nothing_in_flight_leaks_over_a_reset(fakekounta_receiver: Receiver) -> None:
    """After a reset, deliveries under way and queued ones belong to the old world; the new world has none."""
    with FakeKounta(webhook_mode="background") as kounta:
        kounta.clock.freeze()
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        fakekounta_receiver.hang()
        for _ in range(5):
            customer(kounta)
        fakekounta_receiver.wait_for(1, timeout=PATIENCE_SECONDS)
        old = kounta.world
        kounta.reset()
        fakekounta_receiver.release()
        until(kounta, lambda: old.outbox.all()[0].tries == 1, "the old delivery has ended")
        assert (kounta.webhooks.deliveries, kounta.webhooks.all()) == ([], [])
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        kounta.clock.advance(seconds=7200)
        customer(kounta, "New")
        assert [(one.id, one.outcome) for one in until_done(kounta)] == [(1, "delivered")]
        assert [request.json()["first_name"] for request in fakekounta_receiver.received] == ["Jamie", "New"]


def test_retries_do_not_leak_over_a_reset(fakekounta_receiver: Receiver) -> None:
    """After a reset, no retry of the old world is made, however far the clock is advanced."""
    kounta = FakeKounta()
    kounta.webhooks.add(CREATED, fakekounta_receiver.url)
    fakekounta_receiver.answer(500, times=9)
    customer(kounta)
    old = kounta.clock
    kounta.reset()
    kounta.clock.advance(seconds=7200)
    old.advance(seconds=7200)
    assert (len(fakekounta_receiver.received), kounta.webhooks.deliveries, kounta.webhooks.deliver()) == (1, [], 0)


@pytest.mark.parametrize("mode", ["immediate", "collect"])
def test_a_reset_ends_deliver_in_another_thread(mode: Mode, fakekounta_receiver: Receiver) -> None:
    """A thread in `deliver` makes no further attempt of the old world after a reset."""
    kounta = FakeKounta(webhook_mode="collect")
    kounta.webhooks.add(CREATED, fakekounta_receiver.url)
    for _ in range(5):
        customer(kounta)
    kounta.world.webhook_mode = mode
    fakekounta_receiver.hang()
    thread = Thread(target=kounta.webhooks.deliver if mode == "collect" else kounta._courier.deliver_if_immediate)
    thread.start()
    fakekounta_receiver.wait_for(1, timeout=PATIENCE_SECONDS)
    kounta.reset()
    fakekounta_receiver.release()
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()
    assert (len(fakekounta_receiver.received), kounta.webhooks.deliveries) == (1, [])


@pytest.mark.parametrize("mode", ["background", "immediate", "collect"])
def test_a_receiver_may_reset_the_fake(mode: Mode) -> None:
    """A reset within a receiver's handler ends the old world, and the new one works."""
    paths: list[str] = []
    with FakeKounta(webhook_mode="background") as kounta:

        def hear(path: str, _: bytes) -> None:
            paths.append(path)
            if paths == ["/old"]:
                kounta.reset()

        with serving(calling(hear)) as origin, kounta.fresh(webhook_mode=mode):
            kounta.webhooks.add(CREATED, f"{origin}/old")
            kounta.webhooks.add(CREATED, f"{origin}/old")
            customer(kounta)
            if mode == "collect":
                kounta.webhooks.deliver()
            until(kounta, lambda: paths != [] and not kounta.webhooks.all(), "the world was reset")
            kounta.webhooks.add(CREATED, f"{origin}/new")
            customer(kounta)
            if mode == "collect":
                kounta.webhooks.deliver()
            assert [one.outcome for one in until_done(kounta)] == ["delivered"]
    assert paths.count("/new") == 1
    assert paths.count("/old") == 1 or mode == "background", "one that was on its way may have arrived"


def test_fresh_sets_the_outer_world_aside(fakekounta_receiver: Receiver) -> None:
    """In the block nothing that is due in the outer world is sent; after the block it is."""
    with FakeKounta(webhook_mode="collect") as kounta:
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        customer(kounta, "Outer")
        outer = kounta.world
        with kounta.fresh(webhook_mode="background"):
            outer.webhook_mode = "background"
            kounta.webhooks.add(CREATED, fakekounta_receiver.url)
            customer(kounta, "Inner")
            until_done(kounta)
            assert [request.json()["first_name"] for request in fakekounta_receiver.received] == ["Inner"]
        assert [one.outcome for one in until_done(kounta)] == ["delivered"]
    assert [request.json()["first_name"] for request in fakekounta_receiver.received] == ["Inner", "Outer"]


def test_modes_change_with_the_world(fakekounta_receiver: Receiver) -> None:
    """On one running server a fresh world may have another webhook mode, and afterwards the old mode is back."""
    expected: tuple[tuple[Mode, str], ...] = (
        ("collect", "pending"),
        ("immediate", "delivered"),
        ("collect", "pending"),
    )
    with FakeKounta(webhook_mode="collect") as kounta:
        for mode, outcome in expected:
            with kounta.fresh(webhook_mode=mode):
                kounta.webhooks.add(CREATED, fakekounta_receiver.url)
                customer(kounta)
                assert outcomes(kounta) == [outcome]


def test_two_fakes_have_separate_couriers() -> None:
    """Each of two fakes in one process delivers to its own application."""
    paths: dict[str, list[str]] = {"one": [], "other": []}
    one, other = FakeKounta(), FakeKounta()
    for name, kounta in (("one", one), ("other", other)):
        kounta.webhooks.add(CREATED, HOOK)
        kounta.webhooks.deliver_to(_noting(paths[name]))
    customer(one)
    assert (paths, other.webhooks.deliveries) == ({"one": ["/webhooks"], "other": []}, [])


def _noting(paths: list[str]) -> WSGIApplication:
    return calling(lambda path, _: paths.append(path))
