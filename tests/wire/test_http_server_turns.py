"""Tests of one turn of the accepting thread, called on a server that was not started."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

import fakekounta.wire.server as package
from fakekounta.wire.server import HttpServer
from fakekounta.wire.server import server as server_module
from tests.wire.test_http_server import Mirror


@pytest.fixture
def server() -> Iterator[HttpServer]:
    """A server that listens but was not started."""
    with_no_thread = HttpServer(Mirror(), refusal=lambda *_: ("text/plain", b""))
    yield with_no_thread
    with_no_thread.stop()


def test_the_package_has_the_names_that_it_lists() -> None:
    """A star import of the package finds all names of `__all__`."""
    assert [name for name in package.__all__ if not hasattr(package, name)] == []


@pytest.mark.parametrize("arrived, expected", [(0, 1), (3, 4), (63, 64), (64, 64), (1_000, 64)])
def test_a_flood_of_new_connections_is_accepted_in_parts(
    arrived: int, expected: int, server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After 64 new connections the waiting ones are read; the next turn accepts more."""
    accepts: list[bool] = []

    def accept() -> bool:
        accepts.append(len(accepts) < arrived)
        return accepts[-1]

    monkeypatch.setattr(server, "_accept", accept)
    server._accept_some()
    assert len(accepts) == expected


@pytest.mark.parametrize("now, times", [(100.0, 0), (100.9, 0), (101.0, 2), (105.0, 2)])
def test_idle_connections_are_looked_for_once_in_a_tick(
    now: float, times: int, server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both registries are searched once a tick for connections idle for 75 seconds, however often the thread wakes."""
    released: list[float] = []
    for registry in (server._registry, server._reserve):
        monkeypatch.setattr(registry, "release_idle", released.append)
    monkeypatch.setattr(server, "_tick_seconds", lambda: 1.0)
    monkeypatch.setattr(server_module, "monotonic", lambda: now)
    server._released_at = 100.0
    server._release_idle()
    assert released == [now - 75.0] * times


class _Full:
    """A replacement for a registry with room for so many connections."""

    def __init__(self, room: int, seated: list[Any]) -> None:
        self._room, self._seated = room, seated

    def has_room(self) -> bool:
        return len(self._seated) < self._room


class _Waiting:
    """A replacement for a lobby with three waiting connections, none with a reserved request."""

    def reserved(self) -> Iterator[str]:
        return iter(())

    def others(self) -> Iterator[str]:
        return iter(("first", "second", "third"))


@pytest.mark.parametrize(
    "room, has_threads, expected",
    [
        (0, True, []),
        (2, True, ["first", "second"]),
        (9, True, ["first", "second", "third"]),
        (9, False, ["first"]),
    ],
)
def test_one_turn_fills_all_the_room(
    room: int, has_threads: bool, expected: list[str], server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The longest waiting connections are served first; after a thread that cannot be started none is tried."""
    tried: list[Any] = []

    def seat(connection: object, _: object) -> bool:
        tried.append(connection)
        return has_threads

    with monkeypatch.context() as patch:
        patch.setattr(server, "_registry", _Full(room, tried))
        patch.setattr(server, "_lobby", _Waiting())
        patch.setattr(server, "_seat", seat)
        server._seat_waiting()
    assert tried == expected


def test_a_server_counts_as_stopped_in_a_forked_child(server: HttpServer) -> None:
    """In a forked child a start fails, and a stop does not close the sockets of the parent."""
    with server._listener, closing(server._waker):
        server.reset_after_fork()
        assert server.is_stopped
        with pytest.raises(RuntimeError, match="started or stopped before"):
            server.start()
        server.stop()
        assert server._listener.fileno() != -1
