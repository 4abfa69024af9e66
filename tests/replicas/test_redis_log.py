"""Tests of the log in a Redis database: its order, its snapshots, what is refused, and a connection that is lost."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timezone
from threading import Event, Thread

import pytest
from redis import Redis

from fakekounta.keep.log import REQUEST, START, Change, KeepError, Moved, NoRoom, Snapshot, Uncertain, Unreachable
from fakekounta.keep.redis_log import RedisLog, _SharedLook
from tests.replicas.server import Server, Way
from tests.wire.test_http_server import eventually

NOW = datetime(2026, 11, 28, 7, 40, tzinfo=timezone.utc)


def change(number: int = 0, kind: str = REQUEST) -> Change:
    return Change(kind, NOW, b"\xff" * 16, {"number": number, "text": "é"}, b"\x00\xff", [(1, 200)])


def fill(log: RedisLog, count: int) -> None:
    """Add a start and requests, so many in all."""
    log.begin_to_write()
    for number in range(count):
        log.append(change(number, REQUEST if number else START))


@pytest.fixture
def log(server: Server) -> Iterator[RedisLog]:
    with closing(RedisLog(server.url)) as log:
        yield log


def test_changes_come_back_as_they_were(log: RedisLog) -> None:
    """Positions count from 1, and each change has all its parts."""
    assert log.is_empty
    fill(log, 3)
    assert [*log.since(0)] == [(one, change(one - 1, REQUEST if one > 1 else START)) for one in (1, 2, 3)]
    assert ([one for one, _ in log.since(2)], log.end(), log.is_empty) == ([3], 3, False)


def test_long_logs_are_read_in_pages(log: RedisLog) -> None:
    """More changes than one command returns come in order."""
    fill(log, 1_001)
    assert [one for one, _ in log.since(0)] == [*range(1, 1_002)]


def test_two_replicas_take_different_places(log: RedisLog, server: Server) -> None:
    """Each sees the other's change at once; one that must be next to another change is refused otherwise."""
    with closing(RedisLog(server.url)) as other:
        assert [log.append(change()), other.append(change()), log.append(change(), after=2)] == [1, 2, 3]
        with pytest.raises(Moved):
            other.append(change(), after=2)
        assert (log.end(), other.end()) == (3, 3)


def test_a_snapshot_counts_when_it_is_complete(log: RedisLog) -> None:
    """The newest complete one is found, and the newest up to a position."""
    fill(log, 9)
    log.keep_part(4, 1, 0, b'{"a":')
    assert (log.first(), log.newest(), log.snapshot()) == (0, 0, None)
    log.keep_part(4, 2, 2, b"1}")
    log.keep_part(8, 1, 1, b"2")
    assert (log.first(), log.newest(), log.newest(7)) == (4, 8, 4)
    assert (log.snapshot(), log.snapshot(7), log.snapshot(3)) == (Snapshot(8, 2), Snapshot(4, {"a": 1}), None)


def test_old_changes_are_given_up(log: RedisLog) -> None:
    """Two snapshots stay, the changes since the older one, and the start whose settings it has."""
    fill(log, 9)
    for position in (3, 5, 7):
        log.keep_part(position, 1, 1, b"1")
    assert (log.first(), log.newest()) == (5, 7)
    assert [one for one, _ in log.since(5)] == [6, 7, 8, 9]
    position, start = log.start(6)
    assert (position, start.kind, start.body, start.head) == (1, START, b"\x00\xff", {"number": 0, "text": "é"})
    with pytest.raises(KeepError, match=r"is damaged at change 2$"):
        [*log.since(1)]


def test_the_start_of_each_snapshot_is_kept(log: RedisLog) -> None:
    """A start with other settings is that of the newer snapshot only."""
    fill(log, 5)
    log.append(change(6, START))
    for position in (3, 5, 7):
        log.append(change(position))
        log.keep_part(position, 1, 1, b"1")
    assert (log.first(), log.start(5)[0], log.start(7)[0], log.start()[1].head["number"]) == (5, 1, 6, 6)


def test_a_change_is_recognized_for_a_minute(log: RedisLog, server: Server) -> None:
    """Then the database forgets that it has it."""
    fill(log, 1)
    with closing(Redis(port=server.port)) as client:
        (key,) = client.keys("{fakekounta}:once:*")
        assert 50 < client.ttl(key) <= 60


def test_foreign_databases_are_refused(server: Server) -> None:
    """A database with other keys, or of a newer version, is refused in one line and left as it is."""
    with closing(Redis(port=server.port)) as client:
        client.set("mine", "7")
        with pytest.raises(KeepError, match=r"has keys of another program; give the log a database of its own$"):
            RedisLog(server.url)
        client.set("{fakekounta}:format", "2")
        with pytest.raises(KeepError, match=r"was written by a newer fakekounta$"):
            RedisLog(server.url)
        assert client.dbsize() == 2


@pytest.mark.parametrize(
    "url, reason",
    [
        ("redis://127.0.0.1:1/0", "cannot be reached"),
        ("redis://:secret@127.0.0.1:1/0", r"^redis://127\.0\.0\.1:1/0: cannot be reached"),
        ("redis://127.0.0.1:x/0", "is no URL of a Redis database"),
        ("http://127.0.0.1/", "is no URL of a Redis database"),
    ],
)
def test_wrong_urls_are_refused(url: str, reason: str) -> None:
    """The line names the URL, without a password."""
    with pytest.raises(KeepError, match=reason):
        RedisLog(url)


def test_a_full_database_takes_nothing(log: RedisLog, server: Server) -> None:
    """A change is refused with the reason; reads go on, and so do changes when there is room."""
    fill(log, 1)
    with closing(Redis(port=server.port)) as client:
        client.config_set("maxmemory", 1)
        try:
            with pytest.raises(NoRoom, match="maxmemory") as refusal:
                log.append(change())
            assert not isinstance(refusal.value, Uncertain)
            assert log.end() == 1
        finally:
            client.config_set("maxmemory", 0)
    assert log.append(change()) == 2


def test_a_database_that_drops_keys_is_refused(server: Server) -> None:
    """A log may lose nothing."""
    with closing(Redis(port=server.port)) as client:
        client.config_set("maxmemory", "1gb")
        client.config_set("maxmemory-policy", "allkeys-lru")
        try:
            with pytest.raises(KeepError, match=r"set maxmemory-policy to noeviction$"):
                RedisLog(server.url)
        finally:
            client.config_set("maxmemory", 0)
            client.config_set("maxmemory-policy", "noeviction")


def test_a_lost_answer_repeats_no_change(way: Way) -> None:
    """The change was made, its answer was lost: it is sent again, and has the place it got."""
    with closing(RedisLog(way.url)) as log:
        fill(log, 1)
        way.loses_answer_to = b"once:"
        assert log.append(change(1)) == 2
        assert (way.lost, log.end()) == (1, 2)


def test_a_cut_connection_is_uncertain(way: Way) -> None:
    """Without a connection a change is perhaps made, and nothing can be read."""
    with closing(RedisLog(way.url)) as log:
        fill(log, 1)
        way.cut()
        with pytest.raises(Unreachable, match="cannot be reached"):
            log.end()
        with pytest.raises(Uncertain, match="cannot be reached"):
            log.append(change())
        way.mend()
        assert log.append(change()) == 2


def test_a_server_that_hangs_is_not_waited_for(log: RedisLog, server: Server) -> None:
    """Commands end in an error; the change is made once when it goes on, or never."""
    fill(log, 1)
    server.send(signal.SIGSTOP)
    try:
        with pytest.raises(Unreachable):
            log.end()
        with pytest.raises(Uncertain):
            log.append(change())
    finally:
        server.send(signal.SIGCONT)
    assert log.append(change()) == log.end() <= 3


def test_changes_survive_a_restart(log: RedisLog, server: Server) -> None:
    """The server keeps what it has answered, also if it is killed; scripts are loaded anew."""
    fill(log, 2)
    server.stop()
    server.start()
    assert (log.end(), log.append(change())) == (2, 3)


def test_one_replica_leads(log: RedisLog, server: Server) -> None:
    """Another one leads when it ends."""
    with closing(RedisLog(server.url)) as other:
        assert (log.lease(), other.lease(), log.lease()) == (True, False, True)
        log.close()
        assert other.lease()


def test_a_lease_ends_by_itself(log: RedisLog, server: Server) -> None:
    """A replica that does not renew it for three seconds has lost it."""
    with closing(RedisLog(server.url)) as other, closing(Redis(port=server.port)) as client:
        assert log.lease()
        assert 0 < client.pttl("{fakekounta}:leader") <= 3_000
        client.delete("{fakekounta}:leader")  # as the server does after that time
        assert other.lease()
        log._held.clear()  # a second later
        assert not log.lease()


def test_those_who_wait_share_a_look_that_began_later() -> None:
    """A look that was under way when somebody asked may be too old for him; the next one serves all who wait."""
    began, go_on = Event(), Event()
    looks: list[int] = []

    def look() -> int:
        looks.append(len(looks))
        if looks == [0]:
            began.set()
            assert go_on.wait(10)
        return looks[-1]

    shared = _SharedLook(look)
    got: list[int] = []
    threads = [Thread(target=lambda: got.append(shared.now())) for _ in range(5)]
    threads[0].start()
    assert began.wait(10)
    for one in threads[1:]:
        one.start()
    eventually(lambda: next(shared._tickets) >= len(threads))
    go_on.set()
    for one in threads:
        one.join()
    assert got.count(0) == 1  # that of the first
