"""Tests of disturbances: duplicate, reorder, drop, delay, each with its probability, and repeatable."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from fakekounta import FakeKounta
from fakekounta.core.deliveries import DELIVERED, DROPPED, PENDING, Disturbances, Schedule
from fakekounta.core.outbox import Outbox
from tests.outboxes import CREATED, NOW, event, filled, tried, webhook

KINDS = ("duplicate", "reorder", "drop", "delay")
EVENTS = 400
Fate = list[tuple[int, datetime, str]]


def deliveries_of(count: int = EVENTS, /, **chances: Any) -> Fate:
    """Return customer, due time and outcome of each delivery of so many events."""
    outbox = filled(count, disturbances=Disturbances(**chances))
    return [(one.customer.id, one.due_at, one.outcome) for one in outbox.all()]


def hits(kind: str, fate: Fate) -> list[int]:
    """Return the customers whose event was hit by this kind of disturbance."""
    seen: list[int] = []
    found = []
    for customer, due_at, outcome in fate:
        late = due_at - NOW - timedelta(seconds=customer - 1)
        is_hit: dict[str, bool] = {
            "duplicate": customer in seen,
            "drop": outcome == DROPPED,
            "delay": late >= timedelta(seconds=60),
            "reorder": late == timedelta(seconds=1),
        }
        seen.append(customer)
        if is_hit[kind]:
            found.append(customer)
    return found


def test_without_disturbances_each_event_is_delivered_once() -> None:
    """Each event is delivered once, and due at once."""
    assert deliveries_of(3) == [(number, NOW + timedelta(seconds=number - 1), PENDING) for number in (1, 2, 3)]


@pytest.mark.parametrize("kind", KINDS)
def test_probability_one_always_disturbs(kind: str) -> None:
    """With probability 1 each event is hit by just this disturbance."""
    fate = deliveries_of(20, **{kind: 1})
    assert hits(kind, fate) == list(range(1, 21))
    assert [other for other in KINDS if other != kind and hits(other, fate)] == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("probability", [0.1, 0.5, 0.9])
def test_a_disturbance_is_as_likely_as_said(kind: str, probability: float) -> None:
    """Of four hundred events about the given share is hit, not all in a row."""
    hit = hits(kind, deliveries_of(**{kind: probability, "seed": 7}))
    assert abs(len(hit) / EVENTS - probability) < 0.08
    assert hit != list(range(1, len(hit) + 1))


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_repeats_a_run(kind: str) -> None:
    """The same seed hits the same events, and another seed hits others."""
    runs = [deliveries_of(**{kind: 0.5, "seed": seed}) for seed in (3, 3, 4)]
    assert runs[0] == runs[1] != runs[2]


def test_all_disturbances_combine() -> None:
    """With all of them, each happens, and the run can be repeated."""
    chances = {**dict.fromkeys(KINDS, 0.3), "seed": 11}
    fate = deliveries_of(**chances)
    assert fate == deliveries_of(**chances)
    assert [kind for kind in KINDS if not hits(kind, fate)] == []


@pytest.mark.parametrize("seconds", [0.5, 60, 3_600])
def test_a_delay_is_as_long_as_said(seconds: float) -> None:
    """The first attempt is due exactly this long after the event."""
    assert deliveries_of(1, delay=1, delay_seconds=seconds) == [(1, NOW + timedelta(seconds=seconds), PENDING)]


def test_what_is_dropped_is_never_given_out() -> None:
    """A dropped delivery has no attempts, and its outcome is "dropped"."""
    outbox = filled(2, disturbances=Disturbances(drop=1))
    assert tried(outbox, NOW + timedelta(days=1)) == []
    assert [(one.outcome, one.tries) for one in outbox.all()] == [(DROPPED, 0)] * 2


def test_what_is_reordered_is_overtaken_by_the_next() -> None:
    """The next event arrives before the reordered one."""
    outbox = Outbox(Schedule(), Disturbances(reorder=1))
    outbox.append(event(1), [webhook()], NOW)
    outbox.disturb(Disturbances())
    outbox.append(event(2), [webhook()], NOW + timedelta(milliseconds=10))
    assert tried(outbox, NOW + timedelta(milliseconds=10)) == [(1, 2)]
    assert tried(outbox, NOW + timedelta(seconds=1)) == [(1, 1)]


def test_a_duplicate_is_a_delivery_of_its_own() -> None:
    """A duplicate is a second delivery with its own outcome."""
    outbox = filled(1, disturbances=Disturbances(duplicate=1))
    assert tried(outbox, NOW) == [(1, 1), (1, 1)]
    assert [(one.id, one.outcome, one.tries) for one in outbox.all()] == [(1, DELIVERED, 1), (2, DELIVERED, 1)]


def test_each_delivery_is_disturbed_by_itself() -> None:
    """Of one event the delivery to one webhook can be dropped and that to another not."""
    outbox = filled(60, [webhook(1), webhook(2)], disturbances=Disturbances(drop=0.5, seed=2))
    by_event: dict[int, set[str]] = {}
    for one in outbox.all():
        by_event.setdefault(one.customer.id, set()).add(one.outcome)
    assert {frozenset(outcomes) for outcomes in by_event.values()} == {
        frozenset({PENDING}),
        frozenset({DROPPED}),
        frozenset({PENDING, DROPPED}),
    }


def test_setting_disturbances_restarts_the_random_numbers() -> None:
    """Setting the same disturbances again hits the same positions from then on; earlier deliveries stay."""
    outbox = filled(0)
    runs = []
    for _ in range(2):
        outbox.disturb(Disturbances(drop=0.5, seed=5))
        before = len(outbox.all())
        for number in range(50):
            outbox.append(event(number), [webhook()], NOW)
        runs.append([one.outcome for one in outbox.all()[before:]])
    assert runs[0] == runs[1]
    assert set(runs[0]) == {PENDING, DROPPED}


def test_a_reset_brings_back_the_disturbances_of_the_start() -> None:
    """A reset restores the setting and its seed, so that the next run repeats the first."""
    kounta = FakeKounta(webhook_mode="collect", webhook_disturbances={"drop": 0.5, "seed": 9})

    def run() -> list[str]:
        kounta.webhooks.add(CREATED, "http://127.0.0.1:1/")
        for _ in range(40):
            kounta.customers.add(announce=True, first_name="Al", phone="1")
        return [one.outcome for one in kounta.webhooks.deliveries]

    first = run()
    kounta.webhooks.disturb(drop=1)
    kounta.reset()
    assert (run(), kounta.webhooks.disturbances) == (first, Disturbances(drop=0.5, seed=9))
    kounta.webhooks.disturb()
    assert kounta.webhooks.disturbances == Disturbances()


def test_a_duplicate_arrives_twice_at_a_receiver() -> None:
    """Both deliveries arrive with the same bytes."""
    bodies: list[bytes] = []

    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        bodies.append(environ["wsgi.input"].read())
        start_response("204 No Content", [])
        return []

    kounta = FakeKounta(webhook_disturbances={"duplicate": 1})
    kounta.webhooks.deliver_to(app)
    kounta.webhooks.add(CREATED, "http://127.0.0.1:1/")
    kounta.customers.add(announce=True, first_name="Al", phone="1")
    assert (len(bodies), len(set(bodies))) == (2, 1)
    assert [one.outcome for one in kounta.webhooks.deliveries] == [DELIVERED, DELIVERED]
