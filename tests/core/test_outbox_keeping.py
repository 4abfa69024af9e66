"""Tests of the outbox: closing and opening, redelivery, dropped deliveries, and wakeups."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from fakekounta import FakeKounta
from fakekounta.core.deliveries import BLOCKED, DELIVERED, DROPPED, FAILED, PENDING, Disturbances, Schedule
from fakekounta.core.outbox import Outbox
from tests.caller import COMPANY, Caller
from tests.outboxes import CALM, CREATED, NOW, attempt, event, filled, taken, tried, webhook

LATE = NOW + timedelta(minutes=1)


# --- closed and open


def test_a_closed_outbox_gives_nothing_out() -> None:
    """A closed outbox gives out nothing, old or new; once it is open again, all of it in order."""
    outbox = filled(2)
    outbox.close()
    outbox.append(event(3), [webhook()], LATE)
    assert (outbox.take(LATE), outbox.is_due(LATE), outbox.is_closed) == (None, False, True)
    assert [one.outcome for one in outbox.all()] == [PENDING] * 3
    outbox.open()
    assert (outbox.is_due(LATE), tried(outbox, LATE)) == (True, [(1, 1), (1, 2), (1, 3)])


def test_what_was_out_when_it_closed_is_noted_and_not_tried_again_until_it_opens() -> None:
    """The attempt is recorded, and the retry waits until the outbox opens."""
    outbox = filled()
    delivery = taken(outbox, NOW)
    outbox.close()
    outbox.record_result(delivery, attempt(delivery, NOW), FAILED)
    assert (outbox.take(LATE), delivery.tries, delivery.outcome) == (None, 1, PENDING)
    outbox.open()
    assert tried(outbox, LATE) == [(1, 1)]


def test_nothing_of_before_a_reset_arrives_after_it() -> None:
    """A delivery that failed before a reset is not retried; its webhook is gone, too."""
    seen: list[str] = []

    def app(environ: dict[str, object], start_response: Callable[..., object]) -> list[bytes]:
        seen.append(str(environ["PATH_INFO"]))
        start_response("500 No", [])
        return []

    kounta = FakeKounta()
    kounta.webhooks.deliver_to(app)
    kounta.webhooks.add(CREATED, "http://127.0.0.1:1/before")
    kounta.customers.add(announce=True, first_name="Al", phone="1")
    before = kounta.world
    kounta.reset()
    kounta.webhooks.deliver_to(app)
    kounta.clock.advance(seconds=86_400)
    before.clock.advance(seconds=86_400)
    kounta.customers.add(announce=True, first_name="Al", phone="1")
    assert (seen, kounta.webhooks.all(), kounta.webhooks.deliveries) == (["/before"], [], [])


# --- redelivery


@pytest.mark.parametrize("outcome", [DELIVERED, BLOCKED])
def test_a_delivery_can_be_sent_once_more(outcome: str) -> None:
    """A redelivery is due at once, of the same event and webhook, with a schedule of its own."""
    outbox = filled()
    tried(outbox, NOW, outcome)
    again = outbox.redeliver(1, LATE)
    [old, new] = outbox.all()
    assert (new.id, new.outcome, new.tries, old.tries) == (2, PENDING, 0, 1)
    assert (new.webhook, new.topic, new.customer) == (old.webhook, old.topic, old.customer)
    assert again is new
    assert tried(outbox, LATE, FAILED) == [(1, 1)]
    assert tried(outbox, LATE + timedelta(seconds=59)) == []
    assert tried(outbox, LATE + timedelta(seconds=60)) == [(1, 1)]


def test_only_what_is_there_and_done_can_be_sent_once_more() -> None:
    """An unknown id is a KeyError and a pending one a ValueError; neither adds a delivery."""
    outbox = filled(2)
    tried(outbox, NOW, FAILED)
    for number in (1, 2):
        with pytest.raises(ValueError, match=f"delivery {number} is still pending"):
            outbox.redeliver(number, LATE)
    for number in (0, 3, -1):
        with pytest.raises(KeyError):
            outbox.redeliver(number, LATE)
    assert ([one.id for one in outbox.all()], outbox.next_id) == ([1, 2], 3)


def test_what_is_sent_once_more_is_not_disturbed() -> None:
    """A dropped delivery arrives when redelivered, even if everything is dropped."""
    outbox = filled(disturbances=Disturbances(drop=1, duplicate=1))
    assert [one.outcome for one in outbox.all()] == [DROPPED, DROPPED]
    outbox.redeliver(1, NOW)
    assert tried(outbox, NOW) == [(1, 1)]


# --- kept deliveries


def test_the_history_is_bounded() -> None:
    """The oldest finished deliveries are dropped, and no pending one, however old."""
    outbox = Outbox(Schedule(), CALM, kept=3)
    waits = webhook(2)
    outbox.append(event(99), [waits], NOW)
    pending = taken(outbox, NOW)
    for number in range(1, 8):
        outbox.append(event(number), [webhook()], NOW)
        assert tried(outbox, NOW) == [(1, number)]
    assert [one.customer.id for one in outbox.all()] == [99, 5, 6, 7]
    with pytest.raises(KeyError):
        outbox.redeliver(2, NOW)
    outbox.record_result(pending, attempt(pending, NOW, 204), DELIVERED)
    assert [one.customer.id for one in outbox.all()] == [99, 6, 7]


def test_what_is_dropped_counts_as_done() -> None:
    """Deliveries that a disturbance drops count as finished, so their number is bounded."""
    outbox = Outbox(Schedule(), Disturbances(drop=1), kept=3)
    for number in range(9):
        outbox.append(event(number), [webhook()], NOW)
    assert [(one.customer.id, one.outcome) for one in outbox.all()] == [(6, DROPPED), (7, DROPPED), (8, DROPPED)]


# --- wakeups


def test_wake_is_called_without_a_lock() -> None:
    """`wake` is called by an event, a redelivery and a coming retry, and may use the outbox."""
    outbox = filled()
    looks: list[tuple[int, bool]] = []
    outbox.wake = lambda: looks.append((len(outbox.pending()), outbox.is_due(NOW)))
    outbox.append(event(2), [webhook()], NOW)
    assert looks == [(2, True)]
    for outcome in (FAILED, DELIVERED):
        delivery = taken(outbox, NOW)
        outbox.record_result(delivery, attempt(delivery, NOW), outcome)
    assert looks == [(2, True), (2, True)]
    outbox.redeliver(2, NOW)
    assert looks == [(2, True), (2, True), (2, True)]


def test_next_due_at_is_the_earliest_of_all_that_wait() -> None:
    """The result is the earliest due time, or None if no delivery waits."""
    outbox = filled(2)
    assert outbox.next_due_at() == NOW
    assert tried(outbox, NOW, FAILED) == [(1, 1)]
    assert outbox.next_due_at() == NOW + timedelta(seconds=1)
    assert tried(outbox, NOW + timedelta(seconds=1)) == [(1, 2)]
    assert outbox.next_due_at() == LATE
    assert tried(outbox, LATE) == [(1, 1)]
    assert outbox.next_due_at() is None


def test_a_receiver_that_ends_the_test_does_not_block_its_webhook() -> None:
    """`pytest.fail` in a receiver is raised; the attempt is recorded, and the next delivery made."""

    def failing(_: object, start_response: Callable[..., object]) -> list[bytes]:
        pytest.fail("the receiver's own assertion")

    def sound(_: object, start_response: Callable[..., object]) -> list[bytes]:
        start_response("204 No Content", [])
        return []

    kounta = FakeKounta()
    kounta.webhooks.deliver_to(failing)
    assert (
        Caller(kounta)
        .http.post(f"{COMPANY}/webhooks", json={"topic": CREATED, "address": "http://127.0.0.1:1/"})
        .is_success
    )
    with pytest.raises(pytest.fail.Exception, match="the receiver's own assertion"):
        kounta.customers.add(announce=True, first_name="Al", phone="1")
    kounta.webhooks.deliver_to(sound)
    kounta.customers.add(announce=True, first_name="Bo", phone="1")
    assert [(one.outcome, one.tries) for one in kounta.webhooks.deliveries] == [(PENDING, 1), (DELIVERED, 1)]
