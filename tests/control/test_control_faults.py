"""Tests of faults by control call: added, listed in order, changed and removed."""

from __future__ import annotations

from typing import Any

import pytest

from fakekounta import FakeKounta
from tests.caller import COMPANY, Caller
from tests.control.test_control import control, refusal

BUSY = {"status": 503, "path": "/sites"}
DOWN = {"status": 503}
LATE = {"latency_seconds": 2.5, "clock": True}
COUNTS = {"matched": 0, "fired": 0}


@pytest.fixture
def kounta() -> FakeKounta:
    return FakeKounta()


def ids(kounta: FakeKounta) -> list[int]:
    return [one["id"] for one in control(kounta, "GET", "faults").json()]


def test_one_is_answered_by_itself_and_several_in_a_list(kounta: FakeKounta) -> None:
    """The response is 201 with each rule as read, its id and its counts; the list of all is in order."""
    one = control(kounta, "POST", "faults", BUSY)
    assert (one.status_code, one.json()) == (201, {**one.json(), **BUSY, **COUNTS, "id": 1})
    several = control(kounta, "POST", "faults", [LATE, BUSY])
    assert several.status_code == 201
    assert [document["id"] for document in several.json()] == [2, 3]
    assert several.json()[0] == {**several.json()[0], **LATE, **COUNTS}
    assert control(kounta, "GET", "faults").json() == [one.json(), *several.json()]
    assert control(kounta, "POST", "faults", []).json() == []


def test_a_rule_shows_its_counts(kounta: FakeKounta) -> None:
    control(kounta, "POST", "faults", {"status": 503, "nth": 2})
    statuses = [Caller(kounta).get(COMPANY).status_code for _ in range(3)]
    (document,) = control(kounta, "GET", "faults").json()
    assert (statuses, document["matched"], document["fired"]) == ([200, 503, 200], 3, 1)


@pytest.mark.parametrize(
    "sent, message",
    [
        ({"status": 1}, "status: must be a whole number from 200 to 599, not 1"),
        ([BUSY, {"status": 1}], "[1].status: must be a whole number from 200 to 599, not 1"),
        ([BUSY, 5], "[1]: must be a mapping of "),
        (5, "fault: must be a mapping of "),
    ],
)
def test_all_or_none_are_added(kounta: FakeKounta, sent: Any, message: str) -> None:
    """The refusal of a list names the position of the wrong rule."""
    assert refusal(control(kounta, "POST", "faults", sent)).startswith(message)
    assert ids(kounta) == []


def test_they_are_removed_one_by_one_or_all(kounta: FakeKounta) -> None:
    """A removed or unknown id is 404; no id is used twice."""
    control(kounta, "POST", "faults", [BUSY, LATE, BUSY])
    assert control(kounta, "DELETE", "faults/2").json() == {"status": "ok"}
    assert ids(kounta) == [1, 3]
    for number in ("2", "0", "x", "4"):
        assert refusal(control(kounta, "DELETE", f"faults/{number}"), 404) == "no fault has this id"
    assert control(kounta, "DELETE", "faults").json() == {"status": "ok"}
    assert ids(kounta) == []
    assert control(kounta, "POST", "faults", BUSY).json()["id"] == 4


def test_a_rule_is_changed_in_its_place(kounta: FakeKounta) -> None:
    """Sent fields are replaced, null removes one; id, position and counts stay."""
    control(kounta, "POST", "faults", [{**DOWN, "times": 3}, {"status": 500}])
    assert Caller(kounta).get(COMPANY).status_code == 503
    changed = control(kounta, "PUT", "faults/1", {"status": 502, "times": None})
    assert changed.status_code == 200
    assert changed.json() == {"id": 1, "matched": 1, "fired": 1, "status": 502}
    assert Caller(kounta).get(COMPANY).status_code == 502
    assert ids(kounta) == [1, 2]


def test_a_disabled_rule_matches_nothing_until_it_is_enabled(kounta: FakeKounta) -> None:
    """A disabled rule counts nothing, and the next rule may match."""
    control(kounta, "POST", "faults", {**DOWN, "disabled": True})
    assert Caller(kounta).get(COMPANY).status_code == 200
    assert control(kounta, "GET", "faults").json()[0] == {"id": 1, "matched": 0, "fired": 0, **DOWN, "disabled": True}
    assert "disabled" not in control(kounta, "PUT", "faults/1", {"disabled": False}).json()
    assert Caller(kounta).get(COMPANY).status_code == 503
    control(kounta, "PUT", "faults/1", {"disabled": True})
    assert Caller(kounta).get(COMPANY).status_code == 200


@pytest.mark.parametrize(
    "sent, status, message",
    [
        ({"times": 0}, 400, "times: must be a whole number from 1 to 1000000000, not 0"),
        ({"rate_limited": True}, 409, "rate_limited: cannot be combined with status"),
        ({"status": None}, 409, "latency_seconds: is required, or one of "),
        ({"client_id": "nobody"}, 409, "client_id: no application has the client id 'nobody'"),
        ({"until": 0}, 409, "until: must be later than since"),
        ([], 400, "fault: must be a mapping of "),
    ],
)
def test_a_change_that_makes_no_rule_changes_nothing(kounta: FakeKounta, sent: Any, status: int, message: str) -> None:
    """A wrong value is 400, one that contradicts the rule 409, an unknown id 404."""
    control(kounta, "POST", "faults", DOWN)
    before = control(kounta, "GET", "faults").json()
    assert refusal(control(kounta, "PUT", "faults/1", sent), status).startswith(message)
    assert control(kounta, "GET", "faults").json() == before
    assert refusal(control(kounta, "PUT", "faults/2", {}), 404) == "no fault has this id"
