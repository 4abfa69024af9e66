"""Tests of the outbox, without sending: which deliveries it gives out, when, in which order, and which it keeps."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.deliveries import BLOCKED, DELIVERED, FAILED, PENDING, Delivery, Schedule
from fakekounta.core.outbox import Outbox
from tests.outboxes import CALM, CREATED, NOW, attempt, event, filled, taken, tried, webhook

MOMENT = timedelta(microseconds=1)


# --- when


def test_attempts_are_due_0_1_5_30_and_120_minutes_after_the_event() -> None:
    """Each attempt is due exactly then; after the fifth the delivery has failed."""
    outbox = filled()
    for minutes in (0, 1, 5, 30, 120):
        due = NOW + timedelta(minutes=minutes)
        assert outbox.take(due - MOMENT) is None
        delivery = taken(outbox, due)
        assert (delivery.due_at, delivery.outcome) == (due, PENDING)
        outbox.record_result(delivery, attempt(delivery, due), FAILED)
    assert outbox.take(NOW + timedelta(days=9)) is None
    [delivery] = outbox.all()
    assert (delivery.outcome, [one.number for one in delivery.attempts]) == (FAILED, [1, 2, 3, 4, 5])
    assert (outbox.pending(), outbox.next_due_at()) == ([], None)


@given(st.lists(st.integers(0, 200), min_size=1, max_size=7).map(sorted), st.integers(0, 9), st.integers(0, 300))
def test_any_schedule_is_kept(minutes: list[int], failures: int, late: int) -> None:
    """There is an attempt for each minute of the schedule, or until one succeeds; a late one delays no other."""
    outbox = Outbox(Schedule(minutes=tuple(minutes)), CALM)
    outbox.append(event(), [webhook()], NOW)
    times, now = [], NOW + timedelta(minutes=late)
    while outbox.pending():
        while (delivery := outbox.take(now)) is None:
            due = outbox.next_due_at()
            assert due is not None
            now = max(now, due)
        times.append(int((now - NOW).total_seconds()) // 60)
        outbox.record_result(delivery, attempt(delivery, now), FAILED if len(times) <= failures else DELIVERED)
    assert times == [max(late, one) for one in minutes[: failures + 1]]
    assert outbox.all()[0].outcome == (DELIVERED if failures < len(minutes) else FAILED)


def test_the_schedule_counts_from_each_event() -> None:
    """Two events ten seconds apart are tried again ten seconds apart."""
    outbox = Outbox(Schedule(), CALM)
    for seconds in (0, 10):
        outbox.append(event(seconds + 1), [webhook()], NOW + timedelta(seconds=seconds))
    assert tried(outbox, NOW + timedelta(seconds=10), FAILED) == [(1, 1), (1, 11)]
    assert [tried(outbox, NOW + timedelta(seconds=at)) for at in (59, 60, 69, 70)] == [[], [(1, 1)], [], [(1, 11)]]


@pytest.mark.parametrize("outcome", [DELIVERED, BLOCKED])
def test_what_is_delivered_or_blocked_is_not_tried_again(outcome: str) -> None:
    """A delivered or blocked delivery has one attempt, and keeps its outcome."""
    outbox = filled()
    assert tried(outbox, NOW, outcome) == [(1, 1)]
    assert tried(outbox, NOW + timedelta(days=9)) == []
    assert [(one.outcome, one.tries) for one in outbox.all()] == [(outcome, 1)]


def test_a_restored_delivery_goes_on_where_it_was() -> None:
    """Four attempts before a restart leave one; ids continue after the highest."""
    outbox = filled()
    [old] = outbox.all()
    for next_id, expected in ((1, 4), (9, 9)):
        again = Outbox(Schedule(), CALM)
        due = NOW + timedelta(minutes=120)
        restored = Delivery(
            id=3,
            webhook=old.webhook,
            topic=CREATED,
            record=old.record,
            occurred_at=NOW,
            due_at=due,
            earlier_attempts=4,
        )
        again.restore([restored], next_id)
        assert tried(again, due - MOMENT) == []
        assert tried(again, due, FAILED) == [(1, 1)]
        assert (restored.outcome, restored.tries, restored.attempts[0].number) == (FAILED, 5, 5)
        again.append(event(), [webhook()], NOW)
        assert [one.id for one in again.all()] == [3, expected]


def test_an_outbox_is_idle_while_nothing_can_become_due() -> None:
    """An outbox is not idle while a delivery waits for its moment or its lane; one under way does not count."""
    outbox = Outbox(Schedule(), CALM)
    seen = [outbox.is_idle]
    outbox.append(event(), [webhook()], NOW)
    outbox.append(event(2), [webhook()], NOW)
    seen.append(outbox.is_idle)
    first = taken(outbox, NOW)
    seen.append(outbox.is_idle)
    outbox.record_result(first, attempt(first, NOW), DELIVERED)
    seen.append(outbox.is_idle)
    second = taken(outbox, NOW)
    outbox.record_result(second, attempt(second, NOW), FAILED)
    seen.append(outbox.is_idle)
    assert seen == [True, False, True, False, False]


# --- in which order


def test_a_webhook_gets_one_at_a_time_in_order() -> None:
    """While a delivery is out, the next of its webhook waits, however many are due."""
    outbox = filled(3)
    late = NOW + timedelta(hours=1)
    for number in (1, 2, 3):
        delivery = taken(outbox, late)
        assert delivery.customer.id == number
        assert (outbox.take(late), outbox.is_due(late)) == (None, False)
        outbox.record_result(delivery, attempt(delivery, late, 204), DELIVERED)


def test_a_later_delivery_covers_the_order() -> None:
    """Only a delivery after another one of its webhook shows that they keep the order (W18)."""
    outbox = Outbox(Schedule(), CALM)
    for number in (1, 2):
        outbox.append(event(number), [webhook(number), webhook(9)], NOW)
    covered = [Quirk.W18_ORDER_OF_DELIVERIES in one.covered for one in outbox.all()]
    assert covered == [False, False, False, True]


def test_webhooks_do_not_wait_for_each_other() -> None:
    """Each webhook can have a delivery out; the same id in two companies is two webhooks."""
    outbox = filled(2, [webhook(1), webhook(2), webhook(1, company_id=6789)])
    late = NOW + timedelta(minutes=1)
    out = [taken(outbox, late) for _ in range(3)]
    assert [(one.webhook.company_id, one.webhook.id, one.customer.id) for one in out] == [
        (5678, 1, 1),
        (5678, 2, 1),
        (6789, 1, 1),
    ]
    assert outbox.take(late) is None
    outbox.record_result(out[1], attempt(out[1], late), DELIVERED)
    after = taken(outbox, late)
    assert (after.webhook.id, after.customer.id) == (2, 2)


def test_webhooks_take_turns() -> None:
    """A webhook with many deliveries does not delay another until they are done."""
    outbox = filled(3, [webhook(1)])
    outbox.append(event(9), [webhook(2)], NOW + timedelta(seconds=3))
    assert tried(outbox, NOW + timedelta(seconds=3)) == [(1, 1), (2, 9), (1, 2), (1, 3)]


def test_a_retry_lets_later_events_pass() -> None:
    """A due retry comes after first attempts that were due before it."""
    outbox = filled(3)
    first = taken(outbox, NOW)
    outbox.record_result(first, attempt(first, NOW), FAILED)
    assert tried(outbox, NOW + timedelta(seconds=2)) == [(1, 2), (1, 3)]
    assert tried(outbox, NOW + timedelta(seconds=60)) == [(1, 1)]


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 400), st.integers(0, 5)), max_size=12))
def test_first_attempts_have_the_order_of_the_events(steps: Iterable[tuple[int, int, int]]) -> None:
    """The order holds for each webhook, however often attempts fail."""
    outbox, now = Outbox(Schedule(), CALM), NOW
    firsts: dict[int, list[int]] = {1: [], 2: [], 3: []}
    happened: dict[int, list[int]] = {1: [], 2: [], 3: []}
    for number, (webhook_id, seconds, tries) in enumerate(steps):
        now += timedelta(seconds=seconds)
        outbox.append(event(number), [webhook(webhook_id)], now)
        happened[webhook_id].append(number)
        for _ in range(tries):
            delivery = outbox.take(now)
            if delivery is None:
                break
            if not delivery.attempts:
                firsts[delivery.webhook.id].append(delivery.customer.id)
            outbox.record_result(delivery, attempt(delivery, now), FAILED)
    assert {webhook_id: happened[webhook_id][: len(one)] for webhook_id, one in firsts.items()} == firsts


def test_many_threads_get_every_delivery_once_and_no_webhook_twice_at_a_time() -> None:
    """Eight threads share the deliveries; the order of each webhook is kept."""
    outbox = filled(40, [webhook(number) for number in (1, 2, 3)])
    late = NOW + timedelta(minutes=1)
    got: list[tuple[int, int]] = []
    out: list[int] = []
    clashes: list[int] = []
    start = Barrier(8)

    def work() -> None:
        start.wait(10)
        while outbox.pending():
            delivery = outbox.take(late)
            if delivery is not None:
                number = delivery.webhook.id
                clashes.extend(one for one in out if one == number)
                out.append(number)
                got.append((number, delivery.customer.id))
                out.remove(number)
                outbox.record_result(delivery, None, DELIVERED)

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert clashes == []
    for number in (1, 2, 3):
        assert [customer for at, customer in got if at == number] == list(range(1, 41))
