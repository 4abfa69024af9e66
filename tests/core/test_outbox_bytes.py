"""Tests that kept deliveries are bounded in bytes, for all outboxes of the process together."""

from __future__ import annotations

import gc
from dataclasses import replace
from datetime import timedelta
from typing import Any
from weakref import ref

import pytest

from fakekounta import Customer, FakeKounta
from fakekounta.core.budget import RetentionBudget
from fakekounta.core.deliveries import DELIVERED, DROPPED, FAILED, PENDING, Disturbances, Schedule, size_of
from fakekounta.core.kept_deliveries import BUDGET, KEPT_BYTES, NO_ROOM
from fakekounta.core.outbox import Outbox
from fakekounta.core.webhooks import Event
from tests.caller import CUSTOMERS
from tests.lab import CREATED, HOOK, UPDATED, calling
from tests.outboxes import CALM, NOW, attempt, event, filled, taken, tried, webhook

LATE = NOW + timedelta(days=1)
BIG = "x" * 10_000


def big(number: int) -> Event:
    return Event(topic=CREATED, record=Customer(id=number, first_name=f"{number}{BIG}", phone="1"))


def outbox_of(budget: RetentionBudget, disturbances: Disturbances = CALM) -> Outbox:
    return Outbox(Schedule(), disturbances, budget=budget)


def ids(outbox: Outbox) -> list[int]:
    return [one.customer.id for one in outbox.all()]


# --- finished deliveries -----------------------------------------------------------------------------------------


def test_finished_deliveries_are_dropped_over_the_budget() -> None:
    """The oldest are dropped first, the newest is always kept, and dropped ones are not counted."""
    budget = RetentionBudget(50_000)
    outbox = outbox_of(budget)
    for number in range(20):
        outbox.append(big(number), [webhook()], NOW)
        tried(outbox, NOW)
        assert budget.kept <= 50_000
        assert ids(outbox)[-1] == number
    assert ids(outbox) == [16, 17, 18, 19]
    with pytest.raises(KeyError):
        outbox.redeliver(16, NOW)


def test_what_is_dropped_on_the_way_is_counted_as_well() -> None:
    """Deliveries that a disturbance drops are counted and bounded, too."""
    budget = RetentionBudget(50_000)
    outbox = outbox_of(budget, Disturbances(drop=1, duplicate=1))
    for number in range(20):
        outbox.append(big(number), [webhook()], NOW)
    assert budget.kept <= 50_000
    assert {one.outcome for one in outbox.all()} == {DROPPED}


def test_the_bound_in_number_gives_bytes_back() -> None:
    """Deliveries dropped because of their number are no longer counted."""
    budget = RetentionBudget(10**9)
    outbox = Outbox(Schedule(), CALM, kept=3, budget=budget)
    for number in range(20):
        outbox.append(big(number), [webhook()], NOW)
        tried(outbox, NOW)
    assert budget.kept == sum(one.kept_bytes for one in outbox.all())
    assert len(outbox.all()) == 3


def test_the_largest_outbox_drops_first() -> None:
    """A namespace with many bytes does not make another drop its few."""
    budget = RetentionBudget(100_000)
    modest, greedy = outbox_of(budget), outbox_of(budget)
    modest.append(big(1), [webhook()], NOW)
    tried(modest, NOW)
    for number in range(30):
        greedy.append(big(number), [webhook()], NOW)
        tried(greedy, NOW)
    modest.append(big(2), [webhook()], NOW)
    assert ids(modest) == [1, 2]
    assert budget.kept <= 100_000


def test_a_deleted_outbox_returns_its_bytes() -> None:
    """After a reset the old world's deliveries are not counted."""
    budget = RetentionBudget(10**9)
    outbox = outbox_of(budget)
    outbox.append(big(1), [webhook()], NOW)
    assert budget.kept > 10_000
    del outbox
    assert budget.kept == 0


def test_a_reset_gives_all_bytes_back() -> None:
    """A reset frees them at once: no reference cycle waits for the collector."""
    kounta = FakeKounta(webhook_mode="collect")
    kounta.webhooks.add(CREATED, HOOK)
    kounta.customers.add(first_name=BIG, phone="1", announce=True)
    outbox = ref(kounta.world.outbox)
    gc.disable()
    try:
        kounta.reset()
        assert outbox() is None
    finally:
        gc.enable()


# --- what is counted -------------------------------------------------------------------------------------------


def test_the_same_body_is_counted_once() -> None:
    """Attempts of a delivery share the body, so five take little more than one."""
    kounta = FakeKounta(webhook_mode="collect")
    kounta.webhooks.add(CREATED, HOOK)
    kounta.webhooks.deliver_to(_failing)
    kounta.customers.add(first_name=BIG, phone="1", announce=True)
    kounta.webhooks.deliver()
    (delivery,) = kounta.webhooks.deliveries
    once = delivery.kept_bytes
    for _ in range(4):
        kounta.clock.advance(seconds=7200)
        kounta.webhooks.deliver()
    assert (delivery.outcome, len({id(one.body) for one in delivery.attempts})) == (FAILED, 1)
    assert delivery.kept_bytes - once < len(BIG)


@pytest.mark.parametrize("part", ["customer", "headers", "filter", "address", "attempts"])
def test_every_part_is_counted(part: str) -> None:
    """The customer and the webhook at the event are counted, and the sent bytes."""
    outbox = filled()
    (delivery,) = outbox.all()
    before = size_of(delivery)
    if part == "customer":
        delivery.record = Customer(id=1, first_name="A", phone="1", tags=tuple("x" * 100 for _ in range(100)))
    elif part == "attempts":
        made = attempt(taken(outbox, NOW), NOW)
        outbox.record_result(delivery, replace(made, headers=(("X-A", BIG),)), FAILED)
    else:
        values: dict[str, Any] = {"headers": {"X-A": BIG}, "filter": {"attributes": [BIG]}, "address": BIG}
        delivery.webhook = replace(delivery.webhook, **{part: values[part]})
    assert size_of(delivery) > before + 9_000


def test_many_updates_of_a_large_customer() -> None:
    """120 updates of a customer of 900 KB, each with failed attempts, stay within the budget."""
    kounta = FakeKounta(webhook_mode="immediate")
    kounta.webhooks.add(UPDATED, HOOK)
    kounta.webhooks.deliver_to(_failing)
    known = kounta.customers.add(first_name="A", phone="1").id
    for number in range(120):
        kounta.customers.change(known, announce=True, image=f"{number}{'x' * 900_000}")
        kounta.clock.advance(seconds=60)
    bodies = {id(one.body): len(one.body) for delivery in kounta.webhooks.deliveries for one in delivery.attempts}
    customers = sum(len(delivery.customer.image or "") for delivery in kounta.webhooks.deliveries)
    assert sum(bodies.values()) + customers <= KEPT_BYTES
    assert BUDGET.kept <= KEPT_BYTES


def _failing(_: Any, start_response: Any) -> list[bytes]:
    start_response("500 No", [])
    return []


# --- what is pending -------------------------------------------------------------------------------------------


def test_pending_deliveries_are_dropped_last_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Finished deliveries are dropped first; then the oldest pending one fails, and the log says so."""
    budget = RetentionBudget(50_000)
    outbox = outbox_of(budget)
    for number in range(3):
        outbox.append(big(number), [webhook()], NOW)
    tried(outbox, NOW)
    waiting = outbox_of(budget)
    for number in range(10, 16):
        waiting.append(big(number), [webhook()], NOW)
    held = waiting.all()
    assert [one.customer.id for one in held][-1] == 15
    assert budget.kept <= 50_000
    assert NO_ROOM in caplog.text
    assert tried(waiting, NOW) == [(1, one.customer.id) for one in held]


def test_one_that_is_given_up_has_failed() -> None:
    """A dropped pending delivery has failed, and no thread gets it, whether it waited or was due."""
    budget = RetentionBudget(30_000)
    outbox = outbox_of(budget)
    outbox.append(big(0), [webhook()], NOW)
    outbox.append(big(1), [webhook()], NOW)
    first, second = outbox.all()
    assert outbox.is_due(NOW)
    outbox.append(big(2), [webhook()], LATE)
    assert (first.outcome, second.outcome) == (FAILED, PENDING)
    assert tried(outbox, NOW) == [(1, 1)]
    outbox.append(big(3), [webhook()], LATE)
    outbox.append(big(4), [webhook()], LATE)
    assert tried(outbox, LATE, DELIVERED) == [(1, 3), (1, 4)]
    assert outbox.next_due_at() is None


def test_one_that_is_on_its_way_is_kept() -> None:
    """A delivery whose attempt is under way is kept; others are dropped in its place."""
    budget = RetentionBudget(30_000)
    outbox = outbox_of(budget)
    outbox.append(big(0), [webhook()], NOW)
    out = taken(outbox, NOW)
    for number in range(1, 5):
        outbox.append(big(number), [webhook()], NOW)
    assert ids(outbox)[0] == 0
    outbox.record_result(out, attempt(out, NOW, 204), DELIVERED)
    assert out.outcome == DELIVERED
    assert tried(outbox, NOW) == [(1, 4)]


def test_dropped_pending_deliveries_leave_no_entries() -> None:
    """Neither the heap nor the lanes grow, however many are dropped while the clock is frozen."""
    outbox = outbox_of(RetentionBudget(50_000))
    for number in range(3_000):
        outbox.append(event(number), [webhook(number % 7)], LATE)
    assert len(outbox._lanes._waiting) < 200
    outbox.is_due(LATE)
    for number in range(3_000):
        outbox.append(event(number), [webhook(number % 7)], LATE)
        outbox.is_due(LATE)
    assert sum(map(len, outbox._lanes._lanes.values())) + len(outbox._lanes._waiting) < 200


def test_the_journal_notes_dropped_deliveries() -> None:
    """The entry of the request whose delivery exceeded the budget has a note."""
    kounta = FakeKounta(webhook_mode="collect")
    outbox, budget = kounta.world.outbox, RetentionBudget(30_000)
    outbox._kept._share = budget.share(outbox._kept._forget_oldest)
    kounta.webhooks.add(CREATED, HOOK)
    with kounta.httpx_client() as client:
        for number in range(4):
            fields = {"first_name": BIG, "mobile": str(number)}
            assert client.post(f"{CUSTOMERS}.json", json=fields, auth=kounta.auth).is_success
    noted = [note for entry in kounta.world.journal for note in entry.notes]
    assert noted == [f"delivery 1: {NO_ROOM}", f"delivery 2: {NO_ROOM}"]
    assert [one.id for one in kounta.webhooks.deliveries] == [3, 4]


def test_what_is_restored_is_counted() -> None:
    """Pending deliveries of a restored state are counted like others."""
    kounta = FakeKounta(webhook_mode="collect")
    kounta.webhooks.add(CREATED, HOOK)
    for _ in range(4):
        kounta.customers.add(first_name=BIG, phone="1", announce=True)
    state = kounta.state()
    other = FakeKounta(webhook_mode="collect")
    other.restore(state)
    assert other.world.outbox._kept._share.kept > 4 * len(BIG)  # other fakes may end meanwhile
    assert other.webhooks.deliver_to(calling(lambda *_: None)) == 4
