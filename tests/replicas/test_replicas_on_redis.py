"""Tests of replicas that share a Redis server: they answer as one, and say so when they cannot."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import pytest
from redis import Redis

from fakekounta.keep import redis_kounta
from fakekounta.keep.log import KeepError
from fakekounta.keep.redis_kounta import RedisKounta
from fakekounta.keep.redis_log import RedisLog
from fakekounta.process.unpatched import monotonic
from fakekounta.wire.clients.call import WsgiResponse
from tests.keep import test_keep
from tests.keep.test_keep import CUSTOMERS, FIRST, ask, create, names
from tests.lab import calling, serving
from tests.replicas.server import Server, Way
from tests.wire.test_http_server import eventually

HEALTH = "/_fakekounta/health"
LONGEST_SECONDS = 5.0


def document(answer: WsgiResponse) -> Any:
    return json.loads(answer.body)


def state(one: RedisKounta) -> str:
    """Return the state of a replica after all changes."""
    one.follow()
    return test_keep.state(one)


@contextmanager
def replicas(*urls: str, **settings: Any) -> Iterator[list[RedisKounta]]:
    """Yield a replica for each URL; none follows the log by itself."""
    with ExitStack() as ends:
        made = []
        for url in urls:
            made.append(one := RedisKounta(url, **settings))
            ends.callback(one.stop)
        yield made


def test_a_change_is_seen_by_every_replica(server: Server) -> None:
    """What one has answered, the next request to any other sees (C20)."""
    with replicas(*[server.url] * 3) as made:
        for number, one in enumerate(made):
            assert create(one, f"N{number}") == 201
            assert [len(document(ask(other, "GET", CUSTOMERS))) for other in made] == [number + 1] * 3
        assert ask(made[0], "PUT", FIRST, {"first_name": "Eve"}).status == 200
        assert document(ask(made[2], "GET", FIRST))["first_name"] == "Eve"
        assert state(made[0]) == state(made[1]) == state(made[2])


def test_a_start_goes_on_where_the_others_were(server: Server) -> None:
    """A new replica has the state of those that run, and of those that ran; the seed is for an empty database."""
    with replicas(server.url, seed=[{"first_name": "Ada", "phone": "1"}]) as [one]:
        create(one, "Bob")
        with replicas(server.url, seed=[{"first_name": "Ada", "phone": "1"}]) as [other]:
            assert state(other) == state(one)
    with replicas(server.url, page_size=3) as [later]:
        assert names(later) == ["Ada", "Bob"]
        create(later, "Cai")
        assert create(later, "Dot") == 201
        assert len(document(ask(later, "GET", CUSTOMERS))) == 3


def test_replicas_that_run_need_the_same_settings(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others are refused while one runs, in one line."""
    monkeypatch.setattr(redis_kounta, "SETTLED_SECONDS", 0)
    with replicas(server.url):
        with pytest.raises(KeepError, match=r"^redis://[^ ]*: another replica that runs has other settings"):
            RedisKounta(server.url, page_size=3)
        with Redis(port=server.port) as client:  # as after three seconds without a sign of life
            client.delete("{fakekounta}:settings")
    with replicas(server.url, page_size=3) as [one]:
        assert create(one) == 201


def test_a_replica_that_was_away_is_told_of_other_settings(server: Server) -> None:
    """It answers 503 until it is started again, because the log went on under other settings."""
    with replicas(server.url) as [one]:
        with closing(Redis(port=server.port)) as client:
            client.delete("{fakekounta}:settings")
        with replicas(server.url, page_size=3):
            answer = ask(one, "GET", CUSTOMERS)
            assert (answer.status, "has other settings" in answer.body.decode()) == (503, True)


def test_two_starts_at_once_make_one_state(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A replica that finds another's start in the log reads it, and goes on from there."""
    append = RedisLog.append
    others: list[RedisKounta] = []

    def append_second(log: Any, change: Any, after: int | None = None) -> int:
        if not others:
            monkeypatch.setattr(RedisLog, "append", append)
            others.append(RedisKounta(server.url))
        return append(log, change, after)

    monkeypatch.setattr(RedisLog, "append", append_second)
    with replicas(server.url) as [one]:
        assert (state(one), one.changes_kept) == (state(others[0]), 1)
        others[0].stop()


def test_without_a_connection_it_refuses_and_later_goes_on(server: Server, way: Way) -> None:
    """Reads and changes are 503 (K11) within five seconds, of the API and the control surface alike."""
    with replicas(way.url, server.url) as [one, other]:
        create(one)
        way.cut()
        for method, path in (("GET", CUSTOMERS), ("POST", CUSTOMERS), ("GET", HEALTH)):
            begun = monotonic()
            answer = ask(one, method, path, {"first_name": "Eve", "phone": "1"} if method == "POST" else None)
            assert (answer.status, document(answer)["error_description"][:5]) == (503, "K11: ")
            assert monotonic() < begun + LONGEST_SECONDS
        assert create(other, "Bob") == 201
        way.mend()
        assert [item["first_name"] for item in document(ask(one, "GET", CUSTOMERS))] == ["Ada", "Bob"]


def test_a_lost_answer_makes_one_customer(server: Server, way: Way) -> None:
    """The connection ends between the change and its answer: the change is made once, and answered."""
    with replicas(way.url, server.url) as [one, other]:
        way.loses_answer_to = b"once:"
        assert create(one) == 201
        assert (way.lost, names(one)) == (1, ["Ada"])
        assert len(document(ask(other, "GET", CUSTOMERS))) == 1
        assert state(one) == state(other)


def test_a_change_in_doubt_is_made_once_or_never(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server hangs during a change: the client gets a 503, and all replicas agree on what became of it."""
    with replicas(server.url, server.url) as [one, other]:
        create(one)
        follow = RedisKounta.follow
        monkeypatch.setattr(RedisKounta, "follow", lambda self: None if self is one else follow(self))
        server.send(signal.SIGSTOP)
        try:
            begun = monotonic()
            answer = ask(one, "POST", CUSTOMERS, {"first_name": "Eve", "phone": "1"})
            assert monotonic() < begun + LONGEST_SECONDS
        finally:
            server.send(signal.SIGCONT)
        assert (answer.status, "was perhaps made" in answer.body.decode()) == (503, True)
        monkeypatch.undo()
        assert create(one, "Bob") == 201
        assert create(other, "Cai") == 201
        assert document(ask(one, "GET", CUSTOMERS)) == document(ask(other, "GET", CUSTOMERS))
        assert names(one) in (["Ada", "Bob", "Cai"], ["Ada", "Eve", "Bob", "Cai"])


def test_a_killed_server_comes_back(server: Server) -> None:
    """What was answered is there when it is started again, and the replicas go on."""
    with replicas(server.url, server.url) as [one, other]:
        create(one)
        server.stop()
        assert ask(one, "GET", CUSTOMERS).status == 503
        server.start()
        assert create(other, "Bob") == 201
        assert [item["first_name"] for item in document(ask(one, "GET", CUSTOMERS))] == ["Ada", "Bob"]


def test_a_slow_replica_starts_from_a_snapshot(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was stopped while the changes it needs were given up has the same state all the same."""
    monkeypatch.setattr("fakekounta.keep.kept.SNAPSHOT_CHANGES", 5)
    with replicas(server.url, server.url) as [one, slow]:
        one._lead()
        for number in range(30):
            create(one, f"N{number}")
            one.settle()
        assert one._log.first() > 1
        assert len(document(ask(slow, "GET", CUSTOMERS))) == 25
        assert state(one) == state(slow)


def test_the_replica_that_delivers_may_end(server: Server) -> None:
    """Another one makes the deliveries that are still due, each at least once."""
    with serving_receiver() as (url, received), replicas(server.url, server.url) as [one, other]:
        for replica in (one, other):
            replica.start()
        eventually(lambda: one.is_leading or other.is_leading)
        leader, next_one = (one, other) if one.is_leading else (other, one)
        hook = {"topic": "customers/created", "address": url}
        assert ask(next_one, "POST", "/v1/companies/5678/webhooks.json", hook).status == 201
        create(next_one)
        eventually(lambda: len(received) == 1)
        leader.stop()
        create(next_one, "Bob")
        eventually(lambda: [json.loads(body)["first_name"] for body in received] == ["Ada", "Bob"])
        assert next_one.is_leading


def test_two_leaders_become_one(server: Server) -> None:
    """A leader that lost its lease, because it did not renew it in time, steps back."""
    with replicas(server.url, server.url) as [one, other]:
        one.tick()
        with closing(Redis(port=server.port)) as client:
            client.delete("{fakekounta}:leader")  # as the server does after three seconds
        other.tick()
        assert (one.is_leading, other.is_leading) == (True, True)
        one._log._held.clear()  # type: ignore[attr-defined] # a second later
        one.tick()
        assert (one.is_leading, other.is_leading) == (False, True)


@contextmanager
def serving_receiver() -> Iterator[tuple[str, list[bytes]]]:
    """Yield the URL of a receiver, and the bodies that it got."""
    received: list[bytes] = []
    with serving(calling(lambda _, body: received.append(body))) as url:
        yield url, received


def test_a_read_asks_once(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read costs one round trip."""
    asked: list[int] = []
    end = RedisLog.end

    def counted(log: RedisLog) -> int:
        asked.append(end(log))
        return asked[-1]

    with replicas(server.url) as [one]:
        monkeypatch.setattr(RedisLog, "end", counted)
        assert ask(one, "GET", CUSTOMERS).status == 200
        assert len(asked) == 1
