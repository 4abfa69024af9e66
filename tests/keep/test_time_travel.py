"""Tests of time travel: what a change changed, the state after it, a fork of that; without limits exceeded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fakekounta import FakeKounta
from fakekounta.core.clock import system_now
from fakekounta.keep import differences, kept, past, travel
from fakekounta.keep.kept import KeptKounta
from fakekounta.wire.clients.call import call
from tests.keep.test_keep import AUTH, CUSTOMERS, JSON, ask, create, keeping, names
from tests.kept_past import told_here

CHANGES = "/_fakekounta/changes"


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make earlier states in this process, which is cheaper than a program of its own."""
    monkeypatch.setattr(past, "told", told_here)


@pytest.fixture
def kounta(tmp_path: Path) -> Iterator[KeptKounta]:
    """Yield a fake with two customers, of which the first got another name afterwards."""
    with keeping(tmp_path / "kept.db") as kounta:
        create(kounta, "Ada")
        create(kounta, "Bea")
        ask(kounta, "PUT", f"{CUSTOMERS[:-5]}/389427.json", {"first_name": "Cleo"})
        yield kounta


def told(kounta: KeptKounta, path: str, method: str = "GET", body: Any = None, status: int = 200) -> Any:
    response = ask(kounta, method, f"{CHANGES}/{path}", body)
    assert response.status == status, response.body
    return json.loads(response.body)


def test_exchanges_have_their_place_in_the_log(kounta: KeptKounta) -> None:
    """A change has its position and the one before, a read the last position before it; without a log both are None."""
    ask(kounta, "GET", CUSTOMERS)
    assert [(one.follows, one.change) for one in kounta.requests] == [(1, 2), (2, 3), (3, 4), (4, None)]
    plain = FakeKounta()
    call(plain.wsgi_app, "GET", f"http://127.0.0.1{CUSTOMERS}", [AUTH, JSON], b"")
    assert [(one.follows, one.change) for one in plain.requests] == [(None, None)]


def test_what_a_change_changed(kounta: KeptKounta) -> None:
    """The values that differ, records by their ids; a new one whole, without a value before it."""
    changed = told(kounta, "4")
    assert (changed["position"], changed["more"]) == (4, 0)
    (name,) = [one for one in changed["differences"] if one["path"].endswith("first_name")]
    assert name == {"path": "companies[5678].customers[389427].first_name", "before": "Ada", "after": "Cleo"}
    added = {one["path"]: one for one in told(kounta, "3")["differences"]}
    assert added["companies[5678].customers[389428]"]["after"]["first_name"] == "Bea"
    assert "before" not in added["companies[5678].customers[389428]"]
    assert sorted(added) == ["companies[5678].customers[389428]", "companies[5678].next_customer_id"]


def test_the_state_after_a_change(kounta: KeptKounta) -> None:
    """It is the whole state as it was then, also that of a namespace, with the time that the clock showed."""
    ask(kounta, "PUT", "/_fakekounta/clock", {"advance_seconds": 86_400})
    then = told(kounta, "3/state")
    assert [one["first_name"] for one in then["companies"][0]["customers"]] == ["Ada", "Bea"]
    now = told(kounta, "5/state")
    assert then["clock"]["now"] == told(kounta, "3")["at"]
    assert now["clock"]["offset_seconds"] == then["clock"]["offset_seconds"] + 86_400
    missing = ask(kounta, "GET", f"/_fakekounta/ns/x{CHANGES}/3/state")
    assert (missing.status, b"there was no namespace 'x' after change 3" in missing.body) == (404, True)


def test_a_fork_is_a_namespace_as_it_was(kounta: KeptKounta, monkeypatch: pytest.MonkeyPatch) -> None:
    """The namespace has the state after the change, its clock runs on from then, and the next start has it, too."""
    ask(kounta, "PUT", "/_fakekounta/clock", {"advance_seconds": 86_400})
    monkeypatch.setattr(travel, "system_now", lambda: system_now() + timedelta(hours=1))
    told(kounta, "3/fork", "POST", {"namespace": "then"})
    there = kounta.namespaces["then"]
    assert [one.first_name for one in there.customers.all()] == ["Ada", "Bea"]
    assert 3_600 < (kounta.clock.now() - there.clock.now()).total_seconds() - 86_400 < 7_200
    assert names(kounta) == ["Cleo", "Bea"]
    kounta.stop()
    with keeping(kounta.path) as again:
        assert [one.first_name for one in again.namespaces["then"].customers.all()] == ["Ada", "Bea"]


@pytest.mark.parametrize(
    "path, body, status, reason",
    [
        ("1", None, 404, "no change has position 1; the file has those from 2 to 4"),
        ("9", None, 404, "no change has position 9"),
        ("x/state", None, 404, "no change has this position"),
        ("3/fork", {"namespace": "a b"}, 400, "namespace: must be 1 to 64 letters"),
        ("3/fork", {"namespace": 7}, 400, "namespace: must be a text"),
        ("3/fork", {"name": "x"}, 400, "name: is unknown"),
    ],
)
def test_what_is_not_there_is_refused(kounta: KeptKounta, path: str, body: Any, status: int, reason: str) -> None:
    """The reason is one line, and nothing is kept."""
    answer = told(kounta, path, "GET" if body is None else "POST", body, status)
    assert reason in answer["error_description"]
    assert kounta.changes_kept == 4


def test_without_a_log_the_calls_say_what_to_start() -> None:
    """The response is 404 with the command."""
    kounta = FakeKounta()
    answer = call(kounta.wsgi_app, "GET", f"http://127.0.0.1{CHANGES}/2", [], b"")
    assert (answer.status, b"fakekounta serve --keep PATH" in answer.body) == (404, True)


def test_states_that_were_given_up_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a snapshot, the changes before the last one are gone."""
    monkeypatch.setattr(kept, "SNAPSHOT_CHANGES", 3)
    with keeping(tmp_path / "kept.db") as kounta:
        for number in range(8):
            create(kounta, str(number))
            kounta.settle()
        assert "has those from 5 to 9" in told(kounta, "4", status=404)["error_description"]
        assert "has those from 4 to 9" in told(kounta, "3/state", status=404)["error_description"]
        assert len(told(kounta, "4/state")["companies"][0]["customers"]) == 3
        assert told(kounta, "5")["differences"]


def test_a_call_makes_its_namespace_by_a_change(kounta: KeptKounta) -> None:
    """A namespace that begins with such a call, or with a delivery, is there again at the next start."""
    ask(kounta, "POST", "/_fakekounta/ns/one/_fakekounta/deliver")
    ask(kounta, "GET", f"/_fakekounta/ns/two{CHANGES}/4")
    assert kounta.changes_kept == 6
    assert ask(kounta, "POST", "/_fakekounta/ns/a%20b/_fakekounta/deliver").status == 400


def test_many_and_large_differences_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """At most so many are told, of at most so many bytes; the rest is a number."""
    monkeypatch.setattr(differences, "MOST", 3)
    told, more = differences.told({}, {str(number): number for number in range(5)})
    assert ([one["path"] for one in told], more) == (["0", "1", "2"], 2)
    monkeypatch.setattr(differences, "MOST_BYTES", 60)
    told, more = differences.told({"a": 1, "b": 1}, {"a": 2, "b": "x" * 100})
    assert ([one["path"] for one in told], more) == (["a"], 1)


def test_limits(kounta: KeptKounta, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state that takes too long or too much room is 503 with the command that has no limits."""
    monkeypatch.setattr(past, "told", lambda *_: (None, b""))
    refused = told(kounta, "3/state", status=503)["error_description"]
    assert "fakekounta state export kept.db --at 3" in refused


@pytest.mark.whole_verification
def test_the_program_keeps_its_limits(kounta: KeptKounta, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program tells the state, and ends at its limit of bytes and of time."""
    monkeypatch.undo()
    monkeypatch.setattr(past, "SECONDS", 120)
    assert told(kounta, "3/state")["format"] == 1
    assert told(kounta, "9", status=404)
    monkeypatch.setattr(past, "STATE_BYTES", 100)
    assert "100 bytes" in told(kounta, "3/state", status=503)["error_description"]
    monkeypatch.setattr(past, "SECONDS", 0.001)
    assert told(kounta, "3/state", status=503)
