"""Threads of the server survive what happens in them, and a start that fails costs nobody his place."""

from __future__ import annotations

import json
import logging
import resource
import selectors
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import pytest

from fakekounta.wire.server import HttpServer
from fakekounta.wire.server import threads as threads_module
from fakekounta.wire.server.connection import Connection
from fakekounta.wire.server.lobby import Lobby
from fakekounta.wire.server.registry import Registry
from fakekounta.wire.server.threads import Thread, complain
from tests.wire.test_http_server import (
    GET,
    PATIENCE_SECONDS,
    Client,
    Mirror,
    ask,
    connection_threads,
    eventually,
    serve,
)
from tests.wire.test_http_server_room import Rooms, get, waiting

if TYPE_CHECKING:
    from tests.wire.test_http_server import Serve

__all__ = ["serve"]

ERRORS = [ZeroDivisionError("boom"), MemoryError("boom"), SystemExit("boom"), KeyboardInterrupt("boom")]


def failing_once(function: Callable[..., Any], error: BaseException) -> Callable[..., Any]:
    """Return the function, changed to raise when it is first called."""
    errors = [error]

    def call(*arguments: Any, **options: Any) -> Any:
        if errors:
            raise errors.pop()
        return function(*arguments, **options)

    return call


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize(
    "owner, name",
    [
        (HttpServer, "_turn"),
        (HttpServer, "_accept"),
        (HttpServer, "_welcome"),
        (HttpServer, "_tick_seconds"),
        (HttpServer, "_release_idle"),
        (Registry, "has_room"),
        (Registry, "release_idle"),
        (selectors.DefaultSelector, "select"),
        (selectors.DefaultSelector, "register"),
    ],
)
def test_nothing_ends_the_acceptor(
    owner: type, name: str, error: BaseException, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An exception in the acceptor is logged, and the next client is answered."""
    monkeypatch.setattr(owner, name, failing_once(getattr(owner, name), error))
    with HttpServer(Mirror(), refusal=lambda *_: ("text/plain", b"")) as server:
        assert eventually(lambda: _is_answered(server))
        assert eventually(lambda: "boom" in caplog.text)
        assert server._acceptor is not None
        assert server._acceptor.is_alive()


def _is_answered(server: HttpServer) -> bool:
    """Return whether a client is answered; the failure may have cost the first one its connection."""
    try:
        return ask(server, GET).status == 200
    except (OSError, ValueError):
        return False


def test_not_even_a_failing_log_ends_the_acceptor(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception in a log handler, which may be foreign code, does not end the acceptor."""

    def fail(*_: Any, **__: Any) -> None:
        raise SystemExit

    server = serve()
    with monkeypatch.context() as patch:
        patch.setattr(threads_module.LOG, "error", fail)
        patch.setattr(server, "_turn", failing_once(server._turn, ZeroDivisionError()))
        server._waker.wake()
        assert ask(server, GET).status == 200


def test_complaining_never_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """`complain` never raises, outside of an exception and with a log that raises anything."""
    monkeypatch.setattr(threads_module.LOG, "error", failing_once(print, KeyboardInterrupt()))
    complain("nothing")


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("name", ["_serve", "_go_on", "_receive", "_await_request", "_answer"])
def test_a_failing_thread_frees_its_place(
    serve: Serve, name: str, error: BaseException, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An exception in a connection's thread is logged, its client is disconnected, and its place is free."""
    monkeypatch.setattr(Connection, name, failing_once(getattr(Connection, name), error))
    server = serve(connections=1)
    with Client(server) as client:
        client.send(GET)
        with suppress(ConnectionResetError):
            client.rest() if name != "_await_request" else client.reply()
        assert eventually(lambda: server._registry.count() == 0)
    assert ask(server, GET).status == 200
    assert "boom" in caplog.text
    assert eventually(lambda: not connection_threads())


def test_a_failure_in_the_lobby_costs_one_client(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """After an exception in the lobby only one client is disconnected."""
    rooms = Rooms()
    server = serve(rooms, connections=1)
    with Client(server) as busy, Client(server) as unlucky, Client(server) as other:
        busy.send(get("/hang"))
        rooms.await_entered()
        assert waiting(server, silent=2)
        monkeypatch.setattr(Connection, "hear", failing_once(Connection.hear, MemoryError("boom")))
        unlucky.send(b"x")
        assert eventually(lambda: len(server._lobby) == 1)
        other.send(GET)
        rooms.opened.set()
        assert [busy.reply().status, other.reply().status] == [200, 200]
    assert "boom" in caplog.text


@pytest.mark.parametrize("error", [MemoryError("boom"), OSError("boom")])
def test_a_connection_that_the_lobby_cannot_take_is_closed(
    serve: Serve, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the lobby has no memory or descriptor for a connection, the connection is closed and forgotten."""
    rooms = Rooms()
    server = serve(rooms, connections=1)
    monkeypatch.setattr(Lobby, "enter", failing_once(Lobby.enter, error))
    with Client(server) as busy:
        busy.send(get("/hang"))
        rooms.await_entered()
        with Client(server) as unlucky:
            assert unlucky.rest() == b""
        rooms.opened.set()
        assert busy.reply().status == 200


def test_lack_of_memory_for_a_newcomer(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Without memory for a new client, it is disconnected with a warning, and the next one is answered."""
    server = serve()
    monkeypatch.setattr(Connection, "__init__", failing_once(Connection.__init__, MemoryError("boom")))
    with Client(server) as client:
        assert client.rest() == b""
    assert ask(server, GET).status == 200
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_lack_of_memory_while_a_request_is_read(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Without memory for a request, the client is asked to try again, and the log gives the reason."""
    monkeypatch.setattr("fakekounta.wire.server.request.BytesIO", failing_once(bytes, MemoryError("boom")))
    server = serve()
    reply = ask(server, GET)
    assert (reply.status, json.loads(reply.body)["error_description"]) == (
        503,
        "The request cannot be read now: try again later.",
    )
    assert "boom" in caplog.text


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_thread_that_dies_at_its_start(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A thread that ends before it reports its start, for lack of memory, does not block the caller for ever."""
    monkeypatch.setattr(threads_module, "BIRTH_SECONDS", 1.0)
    set_ident, victims = Thread._set_ident, [1]  # type: ignore[attr-defined]  # of the standard library

    def stillborn(thread: threading.Thread) -> None:
        if thread.name == "fakekounta-http" and victims:
            victims.pop()
            raise SystemExit  # nobody sets the event
        set_ident(thread)

    server = serve()
    monkeypatch.setattr(threading.Thread, "_set_ident", stillborn)
    assert ask(server, GET).status == 200
    assert "did not start" in caplog.text


def test_no_thread_keeps_the_process_alive() -> None:
    """A program that does not stop its server ends nevertheless."""
    assert Thread(lambda: None, "fakekounta-http").daemon


def test_a_thread_that_starts_late_serves_no_connection(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that starts late serves no connection: another thread has got it, or it is closed."""
    server = serve()
    served = threading.Event()
    monkeypatch.setattr(Connection, "run", lambda _: served.set())
    with socket.socket() as sock:
        connection = Connection(sock, ("127.0.0.1", 1), server._service)
        server._registry._serve(connection)
        server._registry._threads[connection] = threading.Thread()
        server._registry._serve(connection)
        del server._registry._threads[connection]
        assert not served.is_set()
        server._registry.run(connection)
        assert served.wait(PATIENCE_SECONDS)


def test_stop_does_not_wait_for_an_acceptor_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """`stop` waits for a hanging acceptor for a second, not for ever."""
    opened, hangs = threading.Event(), threading.Event()

    def hang(_: HttpServer) -> None:
        hangs.set()
        opened.wait(PATIENCE_SECONDS)

    monkeypatch.setattr("fakekounta.wire.server.server.ACCEPTOR_SECONDS", 0.01)
    monkeypatch.setattr(HttpServer, "_turn", hang)
    server = HttpServer(Mirror(), refusal=lambda *_: ("text/plain", b""))
    server.start()
    assert hangs.wait(PATIENCE_SECONDS)
    server.stop()
    opened.set()
    assert server._acceptor is not None
    server._acceptor.join(PATIENCE_SECONDS)
    assert not server._acceptor.is_alive()


# A limit of the address space


def test_threads_leave_room_for_the_work_of_those_that_run(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under `ulimit -v` a few connections are always served; others wait while memory for a thread is short."""
    used, limit = 100 * 2**20, 0
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, limit))
    monkeypatch.setattr(threads_module, "_address_space", lambda: used)
    server = serve()
    with ExitStack() as stack:
        held = [stack.enter_context(Client(server)) for _ in range(threads_module.FEW)]
        for client in held:
            client.send(GET)
            assert client.reply().status == 200
            client.send(b"GET /")  # not idle, so that no new client takes its place at once
        assert eventually(lambda: connection_threads() == threads_module.FEW)
        newcomer = stack.enter_context(Client(server))
        newcomer.send(GET)
        assert eventually(lambda: len(server._lobby) == 1)
        limit = used + threads_module.THREAD_BYTES + threads_module.RESERVE_BYTES
        held[0].sock.shutdown(socket.SHUT_RDWR)
        assert newcomer.reply().status == 200


@pytest.mark.parametrize("room, refused", [(0, False), (-1, False), (1, True)])
def test_the_room_of_a_thread(monkeypatch: pytest.MonkeyPatch, room: int, refused: bool) -> None:
    """The memory of a thread is its stack, its heap and a reserve; -1 means no limit."""
    used = 10**9
    enough = used + threads_module.THREAD_BYTES + threads_module.RESERVE_BYTES
    limit = resource.RLIM_INFINITY if room < 0 else enough - room
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, limit))
    monkeypatch.setattr(threads_module, "_address_space", lambda: used)
    threads_module.refuse_without_room(threads_module.FEW - 1)
    if refused:
        with pytest.raises(MemoryError, match="the limit of the address space leaves no room"):
            threads_module.refuse_without_room(threads_module.FEW)
    else:
        threads_module.refuse_without_room(threads_module.FEW)


def test_the_address_space_is_read() -> None:
    """On Linux the address space in use is read from the system; elsewhere it is 0."""
    assert threads_module._address_space() > 2**20 or not sys.platform.startswith("linux")


def test_small_answers_are_not_held_back(serve: Serve) -> None:
    """Nagle's algorithm is off; it would wait for the client's acknowledgement, up to 40 ms."""
    server = serve()
    with Client(server) as client:
        client.send(GET)
        assert client.reply().status == 200
        (connection,) = server._registry._threads
        assert connection.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
