"""Tests of replicas that share a log: the same state in each, whoever made which change."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings

from fakekounta.core.sources import GivenSources
from fakekounta.keep import kept
from fakekounta.keep.log import REQUEST, Change
from fakekounta.keep.replica import replayed
from fakekounta.keep.shared_log import Shared, SharedSqliteLog
from fakekounta.keep.sqlite_log import LogReader
from fakekounta.keep.worker import WorkerKounta
from tests.keep.test_keep import END, FIRST, Client, ask, create, names, state
from tests.worlds.test_determinism import OPERATIONS, STEPS

HOOK = {"topic": "customers/created", "address": "http://127.0.0.1:9/"}


@contextmanager
def sharing(path: Path, count: int = 2, **given_settings: Any) -> Iterator[list[WorkerKounta]]:
    """Yield replicas in this process that share a file; the first one makes the deliveries."""
    replicas = []
    for _ in range(count):
        one = WorkerKounta(path, **given_settings)
        one._file.close()  # with its lock, which the next one takes
        replicas.append(one)
    shared = Shared(count)
    for place, one in enumerate(replicas):
        one.join(SharedSqliteLog(one._file._place, shared, place), str(place + 1))
    replicas[0]._lead()
    try:
        yield replicas
    finally:
        for one in replicas:
            one.stop()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shared.db"


def posting(posts: list[object]) -> Callable[[object], int]:
    """Return what notes each delivery, and accepts it."""

    def post(parcel: object) -> int:
        posts.append(parcel)
        return 200

    return post


def follow(replica: WorkerKounta) -> None:
    """Let a replica follow the log in the background, as it does when it serves; it never leads."""
    replica._shared.lease = lambda: replica.is_leading  # type: ignore[method-assign]
    replica._follower.start()


@settings(max_examples=4, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(steps=STEPS)
@example([("hook", 0), ("create", 1), ("failed", 0), ("disturb", 0), ("create", 2), ("delivered", 0), ("redeliver", 1)])
@example([("limit", 0), *[("read", n) for n in range(7)], ("token", 1), ("namespace", 1), ("late", 0), ("read", 1)])
def test_replicas_come_to_the_same_state(steps: list[tuple[str, int]]) -> None:
    """After any changes, each made by one of two replicas, both have the same state, and so has the file."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept, "SNAPSHOT_CHANGES", 7)
        path = Path(folder, "shared.db")
        with sharing(path, webhook_mode="collect") as replicas:
            clients = [Client(one) for one in replicas]
            for turn, (name, n) in enumerate(steps):
                delivers = name in ("delivered", "failed")
                OPERATIONS[name](clients[0 if delivers else (turn + n) % 2], n)
            for one in replicas:
                one.follow()
            assert state(replicas[0]) == state(replicas[1])
            replicas[0].settle()
            reader = LogReader(path)
            assert state(replayed(reader, GivenSources())) == state(replicas[0])
            reader.close()


def test_what_one_has_answered_the_other_sees(file: Path) -> None:
    """A request to one replica sees all that others have answered: customers, settings, faults and namespaces."""
    with sharing(file) as (one, other):
        create(one)
        assert (ask(other, "GET", FIRST).status, names(other)) == (200, ["Ada"])
        ask(other, "POST", "/_fakekounta/faults", {"status": 503, "times": 1})
        assert [ask(one, "GET", FIRST).status for _ in range(2)] == [503, 200]
        ask(one, "POST", "/_fakekounta/ns/x/_fakekounta/reset")
        assert ask(other, "GET", "/_fakekounta/namespaces").body.count(b'"x"') == 1
        ask(other, "POST", "/_fakekounta/reset")
        assert ask(one, "GET", FIRST).status == 404


def test_another_status_is_told(file: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """A replica that comes to another status than the one which was answered says so."""
    with sharing(file) as (one, other):
        monkeypatch.setattr(other, "make", lambda _: 418)
        create(one)
        create(one)
        other.follow()
        assert caplog.messages == ["change 2 was answered 201, and is 418 in replica 2"]


def test_one_that_is_far_behind_begins_with_a_snapshot(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A replica for which changes were given up goes on from the newest snapshot."""
    monkeypatch.setattr(kept, "SNAPSHOT_CHANGES", 4)
    with sharing(file) as (one, other):
        for number in range(13):
            create(one, str(number))
            one.settle()
        assert one._log.first() > 1
        assert create(other, "last") == 201
        one.follow()
        assert names(other) == [*map(str, range(13)), "last"]
        assert state(one) == state(other)


def test_one_replica_delivers_for_all(file: Path) -> None:
    """What another replica caused, or is asked to deliver, is delivered by the one that leads."""
    with sharing(file, webhook_mode="collect") as (one, other):
        posts: list[object] = []
        one.courier._post = posting(posts)
        other.courier._post = lambda _: pytest.fail("the other one posts")
        follow(one)
        follow(other)
        ask(one, "POST", "/_fakekounta/webhooks", HOOK)
        assert create(other) == 201
        assert ask(other, "POST", "/_fakekounta/deliver").body == b'{"attempts": 1}'
        assert ask(other, "POST", "/_fakekounta/deliver").body == b'{"attempts": 0}'
        assert (len(posts), other.webhooks.deliveries[0].outcome) == (1, "delivered")
        assert state(one) == state(other)


def test_deliveries_before_the_response_are_made_by_the_one_that_leads(file: Path) -> None:
    """In the mode `immediate`, the response of each replica is sent after the deliveries that its request caused."""
    with sharing(file, webhook_mode="immediate") as (one, other):
        one.courier._post = lambda _: 200
        follow(one)
        follow(other)
        ask(one, "POST", "/_fakekounta/webhooks", HOOK)
        for replica in (other, one):
            assert create(replica) == 201
            assert replica.webhooks.pending == []


def test_the_next_one_delivers_what_was_asked_for(file: Path) -> None:
    """A replica that leads after another one begins with what was due, and with what others still wait for."""
    with sharing(file, count=3, webhook_mode="collect") as (one, other, third):
        posts: list[object] = []
        one.courier._post = other.courier._post = posting(posts)
        ask(one, "POST", "/_fakekounta/webhooks", HOOK)
        create(one)
        ask(one, "POST", "/_fakekounta/deliver")
        create(other)
        one.is_leading = False  # as if its process had ended
        follow(third)
        position = third._append_ask("")
        other._lead()
        follow(other)
        assert third._asks.answer(position, 60) == 1
        assert len(posts) == 2


def test_all_changes_before_its_own_are_made_first(file: Path) -> None:
    """A replica that adds a change makes those that others have added meanwhile before it."""
    with sharing(file) as (one, other):
        other.follow = lambda: None  # type: ignore[method-assign] # as if its read of the end had come before
        create(one, "Ada")
        create(other, "Bea")
        one.follow()
        assert names(one) == names(other) == ["Ada", "Bea"]
        assert state(one) == state(other)


def test_time_goes_back_only_if_a_clock_was_set(file: Path) -> None:
    """A change whose moment is a little before that of the change before it has the same; much earlier ones count."""
    with sharing(file, count=1) as (one,):
        seen = []
        for seconds in (100, 99, 10, 101):
            with one.giving(Change(REQUEST, END + timedelta(seconds=seconds))):
                seen.append((one.given.sources.now() - END).total_seconds())
        assert seen == [100, 100, 10, 101]


def test_a_result_for_a_world_that_was_replaced_is_dropped(file: Path) -> None:
    """The result of an attempt is kept only while its world is the current one, whoever replaced it."""
    with sharing(file, webhook_mode="collect") as (one, other):
        ask(one, "POST", "/_fakekounta/webhooks", HOOK)
        create(one)
        kept_state = ask(one, "GET", "/_fakekounta/state").body

        def post(_: object) -> int:
            ask(other, "PUT", "/_fakekounta/state", json.loads(kept_state))
            return 200

        one.courier._post = post
        one.webhooks.deliver()
        assert [[len(each.attempts) for each in kounta.webhooks.pending] for kounta in (one, other)] == [[0], [0]]


def test_an_exchange_is_logged_by_the_one_that_answers(file: Path) -> None:
    """Observers of own exchanges are not called with changes that a replica only makes again."""
    with sharing(file) as (one, other):
        lines: list[str] = []
        one.observe_own(lambda entry: lines.append(f"1 {entry.method}"))
        other.observe_own(lambda entry: lines.append(f"2 {entry.method}"))
        create(one)
        ask(other, "GET", FIRST)
        assert lines == ["1 POST", "2 GET"]
        assert [(entry.method, entry.replica) for entry in other.requests] == [("POST", None), ("GET", "2")]
        page = json.loads(ask(other, "GET", "/_fakekounta/requests").body)
        assert (page["replica"], [entry["replica"] for entry in page["requests"]]) == ("2", [None, "2"])
