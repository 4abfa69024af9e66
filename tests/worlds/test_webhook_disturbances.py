"""Tests of disturbances of deliveries, seeded: by setting, by marker, in Python and by control call."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from fakekounta import FakeKounta
from fakekounta.core.deliveries import Disturbances
from fakekounta.settings.settings import SettingsError
from tests.caller import exactly
from tests.lab import CREATED, HOOK, calling, customer, outcomes

NAMES = [f"{number:02}" for number in range(40)]


def control(kounta: FakeKounta, method: str, document: Any = None) -> tuple[int, Any]:
    with kounta.httpx_client() as client:
        headers = {"Content-Type": "application/json"}
        answer = client.request(method, "/_fakekounta/disturbances", json=document, headers=headers)
    return answer.status_code, answer.json()


def by_setting(**chances: Any) -> FakeKounta:
    return FakeKounta(webhook_disturbances=chances)


def by_call(**chances: Any) -> FakeKounta:
    kounta = FakeKounta()
    kounta.webhooks.disturb(**chances)
    return kounta


def by_control(**chances: Any) -> FakeKounta:
    kounta = FakeKounta()
    assert control(kounta, "PUT", chances)[0] == 200
    return kounta


WAYS: dict[str, Callable[..., FakeKounta]] = {"setting": by_setting, "call": by_call, "control": by_control}
every_way = pytest.mark.parametrize("way", WAYS)


def run(kounta: FakeKounta, names: list[str] = NAMES) -> list[str]:
    """Create a customer each second, let an hour pass, and return the names that arrived in order."""
    heard: list[str] = []
    kounta.clock.freeze("2026-11-23T18:40:00+11:00")
    kounta.webhooks.add(CREATED, HOOK)
    kounta.webhooks.deliver_to(calling(lambda _, body: heard.append(json.loads(body)["first_name"])))
    for name in names:
        customer(kounta, name)
        kounta.clock.advance(seconds=0.3)
    kounta.clock.advance(seconds=3600)
    return heard


# --- each of them ----------------------------------------------------------------------------------------------


def test_without_any_all_arrive_in_order() -> None:
    """By default no delivery is disturbed."""
    kounta = FakeKounta()
    assert run(kounta) == NAMES
    assert kounta.webhooks.disturbances == Disturbances()
    assert control(kounta, "GET") == (
        200,
        {"duplicate": 0.0, "reorder": 0.0, "drop": 0.0, "delay": 0.0, "delay_seconds": 60.0, "seed": 0},
    )


@every_way
def test_duplicate(way: str) -> None:
    """Each delivery is made twice in a row, as two deliveries with the same bytes."""
    kounta = WAYS[way](duplicate=1)
    assert run(kounta, ["a", "b"]) == ["a", "a", "b", "b"]
    first, second, _, _ = kounta.webhooks.deliveries
    assert (first.id, second.id) == (1, 2)
    assert first.attempts[0].body == second.attempts[0].body


@every_way
def test_drop(way: str) -> None:
    """No delivery is sent; each is recorded as dropped, without an attempt, and none is pending."""
    kounta = WAYS[way](drop=1)
    assert run(kounta, ["a", "b"]) == []
    assert [(one.outcome, one.attempts) for one in kounta.webhooks.deliveries] == [("dropped", [])] * 2
    assert kounta.webhooks.pending == []


@every_way
def test_delay(way: str) -> None:
    """Each delivery is made exactly so many seconds late."""
    kounta = WAYS[way](delay=1, delay_seconds=90)
    kounta.clock.freeze("2026-11-23T18:40:00+11:00")
    kounta.webhooks.add(CREATED, HOOK)
    kounta.webhooks.deliver_to(calling(lambda *_: None))
    customer(kounta)
    kounta.clock.advance(seconds=89.9)
    assert outcomes(kounta) == ["pending"]
    kounta.clock.advance(seconds=0.1)
    assert outcomes(kounta) == ["delivered"]


def test_a_delay_is_a_minute_by_default() -> None:
    """The default of `delay_seconds` is a minute."""
    kounta = by_setting(delay=1)
    kounta.clock.freeze()
    kounta.webhooks.add(CREATED, HOOK)
    customer(kounta)
    (delivery,) = kounta.webhooks.pending
    assert (delivery.due_at - delivery.occurred_at).total_seconds() == 60


@every_way
def test_reorder(way: str) -> None:
    """All deliveries arrive once, some after later ones."""
    heard = run(WAYS[way](reorder=0.5, seed=1))
    assert heard != NAMES
    assert sorted(heard) == NAMES


def test_all_of_them_together() -> None:
    """With every disturbance, each delivery arrives at most twice, and those that do not arrive were dropped."""
    kounta = by_setting(duplicate=0.3, reorder=0.3, drop=0.3, delay=0.3, delay_seconds=5, seed=7)
    heard = run(kounta)
    dropped = [one.customer.first_name for one in kounta.webhooks.deliveries if one.outcome == "dropped"]
    assert set(heard) | set(dropped) == set(NAMES)
    assert set(heard).isdisjoint(dropped)
    assert {heard.count(name) for name in heard} == {1, 2}
    assert heard != sorted(heard)
    assert dropped


# --- chance ----------------------------------------------------------------------------------------------------

SOME: dict[str, Any] = {"duplicate": 0.3, "reorder": 0.3, "drop": 0.3, "delay": 0.3}


@every_way
@pytest.mark.parametrize("seed", [0, 1, 2**63])
def test_a_run_can_be_repeated(way: str, seed: int) -> None:
    """The same seed gives the same disturbances in each way in."""
    assert run(WAYS[way](**SOME, seed=seed)) == run(by_setting(**SOME, seed=seed))


def test_another_seed_is_another_run() -> None:
    """Ten seeds give ten different runs; without a seed all runs are the same."""
    runs = [run(by_setting(**SOME, seed=seed)) for seed in range(10)]
    assert all(one not in runs[:index] for index, one in enumerate(runs))
    assert run(by_setting(**SOME)) == run(by_setting(**SOME))


def test_chances_are_about_right() -> None:
    """Of four hundred deliveries with a probability of a quarter, 60 to 140 are dropped."""
    kounta = by_setting(drop=0.25, seed=3)
    run(kounta, NAMES * 10)
    assert 60 < outcomes(kounta).count("dropped") < 140


def test_chance_begins_anew(fakekounta_server: FakeKounta) -> None:
    """A reset restores the settings' disturbances and the first draw; setting them again does, too."""
    with fakekounta_server.fresh(webhook_disturbances={**SOME, "seed": 5}) as kounta:
        first = run(kounta)
        kounta.webhooks.disturb()
        kounta.reset()
        assert run(kounta) == first
        kounta.reset()
        kounta.webhooks.disturb(**SOME, seed=5)
        assert run(kounta) == first


@pytest.mark.fakekounta(webhook_disturbances={"drop": 1})
def test_by_marker(fakekounta: FakeKounta) -> None:
    """A marker sets them for its test."""
    fakekounta.webhooks.add(CREATED, HOOK)
    customer(fakekounta)
    assert outcomes(fakekounta) == ["dropped"]


def test_they_can_be_ended() -> None:
    """Without arguments later deliveries are not disturbed; earlier ones stay as they are."""
    kounta = by_setting(drop=1)
    assert run(kounta, ["a"]) == []
    kounta.webhooks.disturb()
    customer(kounta)
    assert outcomes(kounta) == ["dropped", "delivered"]
    assert control(kounta, "PUT", {"drop": 1})[1]["drop"] == 1
    assert control(kounta, "PUT", {}) == control(kounta, "GET")
    assert kounta.webhooks.disturbances == Disturbances()


# --- refusals --------------------------------------------------------------------------------------------------

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"drop": 1.5}, "drop: must be a number from 0 to 1, not 1.5"),
    ({"duplicate": -0.1}, "duplicate: must be a number from 0 to 1, not -0.1"),
    ({"reorder": True}, "reorder: must be a number from 0 to 1, not True"),
    ({"delay": "1"}, "delay: must be a number from 0 to 1, not '1'"),
    ({"delay_seconds": -1}, "delay_seconds: must be a number from 0 to 31536000, not -1"),
    ({"seed": 0.5}, f"seed: must be a whole number from 0 to {2**63}, not 0.5"),
    ({"seed": -1}, f"seed: must be a whole number from 0 to {2**63}, not -1"),
]


@pytest.mark.parametrize("chances, reason", WRONG)
def test_wrong_values_are_refused_by_name(chances: dict[str, Any], reason: str) -> None:
    """Wrong values are refused in each way in, and the earlier disturbances stay."""
    with pytest.raises(SettingsError, match=exactly(f"webhook_disturbances.{reason}")):
        FakeKounta(webhook_disturbances=chances)
    kounta = by_setting(drop=1)
    with pytest.raises(SettingsError, match=exactly(f"webhook_disturbances.{reason}")):
        kounta.webhooks.disturb(**chances)
    status, document = control(kounta, "PUT", chances)
    assert (status, document["error_description"]) == (400, reason)
    assert kounta.webhooks.disturbances == Disturbances(drop=1)


@pytest.mark.parametrize("document", [[], None, 1, "drop"])
def test_a_document_that_is_not_an_object(document: Any) -> None:
    """A document that is not an object is refused."""
    with FakeKounta().httpx_client() as client:
        answer = client.put(
            "/_fakekounta/disturbances", content=json.dumps(document), headers={"Content-Type": "application/json"}
        )
    assert (answer.status_code, answer.json()["error_description"]) == (400, "disturbances: must be an object")


def test_an_unknown_name() -> None:
    """An unknown name is refused with the list of known ones."""
    status, document = control(FakeKounta(), "PUT", {"lose": 1})
    known = "duplicate, reorder, drop, delay, delay_seconds, seed"
    assert status == 400
    assert document["error_description"].endswith(f"'lose' is unknown; known are {known}")
