"""Tests of a full server: which connections are served, which wait in the lobby, and which are closed to make room."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import pytest

from fakekounta import FakeKounta
from fakekounta.wire.clients.cut import SLEEP
from fakekounta.wire.server import HttpServer, Limits, watching
from fakekounta.wire.server import registry as registry_module
from fakekounta.wire.server import server as server_module
from fakekounta.wire.server.listening import affordable, most_descriptors
from tests.sockets import AUTHORIZATION
from tests.wire.test_http_server import GET, PATIENCE_SECONDS, Client, answering, ask, eventually, refusal, serve

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

    from tests.wire.test_http_server import Serve

__all__ = ["serve"]

PART = b"GET /slow HTTP/1.1\r\nHo"
CONTROL = b"GET /control HTTP/1.1\r\nHost: a\r\n\r\n"
FOREVER = 1_000_000_000.0  # also longer than a system call can wait
ASKED: dict[str, Any] = {"is_reserved": lambda environ: environ["PATH_INFO"] == "/control"}


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode()


class Rooms:
    """`/hang` waits for `opened`, `/sleep` sleeps as faults do, `/nap` too, but not for long; all else is answered."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.entered = threading.Semaphore(0)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        path = environ["PATH_INFO"]
        if path in ("/hang", "/sleep", "/nap"):
            self.entered.release()
        if path == "/hang":
            self.opened.wait(PATIENCE_SECONDS)
        elif path != "/":
            environ[SLEEP]({"/sleep": FOREVER, "/nap": 0.05}.get(path, 0.0))
        start_response("200 OK", [])
        return [path.encode("latin-1")]

    def await_entered(self, count: int = 1) -> None:
        for _ in range(count):
            assert self.entered.acquire(timeout=PATIENCE_SECONDS)


@pytest.fixture
def rooms() -> Iterator[Rooms]:
    rooms = Rooms()
    yield rooms
    rooms.opened.set()


@pytest.fixture
def clients() -> Iterator[Callable[..., Client]]:
    """Return a function that makes clients; close them at the end."""
    with ExitStack() as stack:

        def make(server: HttpServer, data: bytes = b"") -> Client:
            return stack.enter_context(Client(server)).send(data)

        yield make


Clients = Callable[..., Client]


def waiting(server: HttpServer, *, silent: int = 0, heard: int = 0) -> bool:
    """Return whether so many connections are in the lobby before the timeout."""
    lobby = server._lobby
    return eventually(lambda: (len(lobby._silent), len(lobby._heard) + len(lobby._reserved)) == (silent, heard))


def idle(server: HttpServer, count: int) -> bool:
    """Return whether so many connections become idle before the timeout."""
    return eventually(lambda: sum(c.idle_since is not None for c in [*server._registry._threads]) == count)


# Reserved requests


def test_reserved_requests_are_answered_when_all_connections_are_taken(
    serve: Serve, rooms: Rooms, clients: Clients
) -> None:
    """One request for each such connection, which says so; all others wait as before."""
    server = serve(rooms, asked=ASKED, connections=2)
    busy = [clients(server, get("/hang")) for _ in range(2)]
    rooms.await_entered(2)
    third = clients(server, GET)
    assert waiting(server, heard=1)
    for _ in range(3):
        with Client(server) as control:
            reply = control.send(CONTROL + get("/")).reply()
            assert (reply.status, reply.body, reply["Connection"]) == (200, b"/control", "close")
            assert control.rest() == b""
    rooms.opened.set()
    assert [client.reply().status for client in (*busy, third)] == [200] * 3


def test_while_there_is_room_a_reserved_request_is_like_any_other(serve: Serve) -> None:
    """While there is room, a reserved request is served like any other, and its connection is kept."""
    with Client(serve(asked=ASKED)) as client:
        for _ in range(2):
            assert client.send(CONTROL).reply()["Connection"] == ""


@pytest.mark.parametrize("first", [PART, b"", b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"])
def test_slow_clients_do_not_take_what_is_reserved(serve: Serve, rooms: Rooms, clients: Clients, first: bytes) -> None:
    """Any number of incomplete first requests in the lobby does not delay a reserved request."""
    server = serve(rooms, asked=ASKED, connections=1, waiting_connections=3)
    clients(server, get("/hang"))
    rooms.await_entered()
    for _ in range(7):
        clients(server, first)
    for piece in (CONTROL[:9], CONTROL[:-1]):
        control = clients(server, piece)
        assert eventually(lambda: len(server._lobby) == 3)
        control.send(CONTROL[len(piece) :])
        assert control.reply().body == b"/control"


def test_slow_bodies_do_not_take_what_is_reserved(
    serve: Serve, rooms: Rooms, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reserved request whose body is slow gets a 408 and makes room for another one."""
    monkeypatch.setattr(registry_module, "SLOW_SECONDS", 0.0)
    server = serve(rooms, asked=ASKED, connections=1, reserved_connections=1)
    clients(server, get("/hang"))
    rooms.await_entered()
    slow = clients(server, b"PUT /control HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n")
    assert eventually(lambda: any(c.reading_since for c in [*server._reserve._threads]))
    assert clients(server, CONTROL).reply().body == b"/control"
    assert slow.reply().status == 408
    assert slow.rest() == b""


def test_an_application_whose_is_reserved_fails(
    serve: Serve, rooms: Rooms, clients: Clients, caplog: pytest.LogCaptureFixture
) -> None:
    """An exception in `is_reserved` is logged, and the request waits."""

    def broken(_: dict[str, Any]) -> bool:
        raise LookupError("which?")

    server = serve(rooms, asked={"is_reserved": broken}, connections=1)
    busy = clients(server, get("/hang"))
    rooms.await_entered()
    second = clients(server, CONTROL)
    assert waiting(server, heard=1)
    rooms.opened.set()
    assert [busy.reply().status, second.reply().status] == [200, 200]
    assert "which?" in caplog.text


# Connections that are closed to make room


def test_slow_clients_make_room(serve: Serve, clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full server, clients that send their requests slowly get a 408 and make room."""
    monkeypatch.setattr(registry_module, "SLOW_SECONDS", 0.0)
    server = serve(connections=2)
    slow = [clients(server, PART), clients(server, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx")]
    assert eventually(lambda: sum(c.reading_since is not None for c in [*server._registry._threads]) == 2)
    assert [clients(server, GET).reply().status for _ in range(2)] == [200, 200]
    assert [client.reply().status for client in slow] == [408, 408]
    assert [client.rest() for client in slow] == [b"", b""]


def test_requests_are_not_slow_within_a_second(serve: Serve, clients: Clients) -> None:
    """A request that began less than a second ago is not cut for a new client."""
    assert registry_module.SLOW_SECONDS == 1.0
    now = 1_000.0
    server = serve(connections=2)
    for _ in range(2):
        clients(server, PART)
    assert eventually(lambda: sum(c.reading_since is not None for c in [*server._registry._threads]) == 2)
    first, second = server._registry._threads
    first.reading_since, second.reading_since = now - 1.0, now - 1.001
    found = list(registry_module._dispensable([first, second], now))
    assert [connection for connection, _ in found] == [second]


def sending(server: HttpServer, count: int) -> bool:
    """Return whether so many responses wait for their clients before the timeout."""
    return eventually(lambda: sum(c.sending_since is not None for c in [*server._registry._threads]) == count)


def test_clients_that_do_not_read_make_room(serve: Serve, clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has not taken an answer for long is cut off; who takes it late, but in time, gets all of it and the next."""
    large = b"x" * (16 * 1_048_576)
    server = serve(answering(large), connections=2)
    late = clients(server, GET)
    assert sending(server, 1)
    assert late.reply().body == large
    assert idle(server, 1)
    never = clients(server, GET)
    assert sending(server, 1)
    late.send(GET)
    assert sending(server, 2)
    assert late.reply().body == large
    late.__exit__()
    assert eventually(lambda: server._registry.count() == 1)
    other = clients(server, GET)
    assert sending(server, 2)
    monkeypatch.setattr(registry_module, "SLOW_SECONDS", 0.0)
    assert ask(server, GET).body == large
    assert len(never.rest()) < len(large)
    assert other.reply().body == large


def test_clients_are_not_slow_readers_within_a_second(serve: Serve, clients: Clients) -> None:
    """Clients that send slowly are closed first, then those that have read nothing for more than a second."""
    now = 1_000.0
    server = serve(connections=3)
    for _ in range(3):
        clients(server, PART)
    assert eventually(lambda: sum(c.reading_since is not None for c in [*server._registry._threads]) == 3)
    first, second, third = server._registry._threads
    first.reading_since = second.reading_since = None
    first._channel.sending_since, second._channel.sending_since, third.reading_since = (
        now - 1.0,
        now - 1.002,
        now - 1.001,
    )
    found = list(registry_module._dispensable([first, second, third], now))
    assert [connection for connection, _ in found] == [third, second]


@pytest.mark.parametrize("path", ["/sleep", "/hang"])
@pytest.mark.parametrize("ending", ["reset", "close"])
def test_a_client_that_gave_up_makes_room(serve: Serve, rooms: Rooms, path: str, ending: str) -> None:
    """A client that left makes room for the next, whether its response sleeps or its application hangs."""
    server = serve(rooms, connections=1)
    client = Client(server).send(get(path))
    rooms.await_entered()
    client.reset() if ending == "reset" else client.__exit__()
    assert ask(server, GET).status == 200


def test_a_reset_ends_a_sleeping_answer(serve: Serve, rooms: Rooms) -> None:
    """The thread of a sleeping response ends when the client resets, even if no other client waits."""
    server = serve(rooms)
    client = Client(server).send(get("/sleep"))
    rooms.await_entered()
    client.reset()
    assert eventually(lambda: server._registry.count() == 0)


@pytest.mark.parametrize("path", ["/nap", "/hang"])
def test_a_half_closed_client_gets_a_late_answer(serve: Serve, rooms: Rooms, path: str) -> None:
    """A half-closed client gets its delayed response while no other client needs its place."""
    with Client(serve(rooms)) as client:
        client.send(get(path)).sock.shutdown(socket.SHUT_WR)
        rooms.await_entered()
        rooms.opened.set()
        assert client.reply().body == path.encode()


def test_half_closed_clients_make_room_first(serve: Serve, rooms: Rooms, clients: Clients) -> None:
    """A reset connection is closed first, then a half-closed one, then the longest idle."""
    server = serve(rooms, connections=3)
    idler = clients(server, GET)
    assert idler.reply().status == 200
    half, gone = clients(server, get("/hang")), clients(server, get("/hang"))
    rooms.await_entered(2)
    half.sock.shutdown(socket.SHUT_WR)
    gone.reset()
    assert idle(server, 1)
    registry = server._registry
    order = [connection for connection, _ in registry_module._dispensable(registry._threads, 1e12)]
    peers = [connection.sock.getpeername()[1] for connection in order[1:]]
    assert len(order) == 3
    assert peers == [half.sock.getsockname()[1], idler.sock.getsockname()[1]]
    for _ in range(2):
        with Client(server) as newcomer:
            assert newcomer.send(GET).reply().status == 200
            assert half.sock.fileno() > 0
    assert idler.send(GET).reply().status == 200


def test_newcomers_do_not_wait_for_the_idle_to_go(
    serve: Serve, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New clients take the places of idle ones at once: this test would hang if one had to wait."""
    monkeypatch.setattr(registry_module, "DISPENSABLE_SECONDS", 0.0)
    monkeypatch.setattr(registry_module, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(server_module, "RETRY_SECONDS", 10 * PATIENCE_SECONDS)
    server = serve(connections=5)
    for _ in range(5):
        clients(server)
    assert idle(server, 5)
    for number in range(100):
        newcomer = clients(server, GET)
        assert newcomer.reply().status == 200, number
        assert idle(server, 5)
    assert eventually(lambda: not server._registry._leaving)


def test_one_look_finds_room_for_many(serve: Serve, clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    """One pass closes as many idle connections as needed, the longest idle first, except those that are busy again."""
    monkeypatch.setattr(registry_module, "LOOK_SECONDS", 1e9)
    monkeypatch.setattr(registry_module, "DISPENSABLE_SECONDS", -1e9)
    server = serve(connections=4)
    old = [clients(server, GET) for _ in range(4)]
    for client in old:
        assert client.reply().status == 200
    assert idle(server, 4)
    server._registry._looked_at = -1e9
    assert clients(server, GET).reply().status == 200
    order = [connection for connection, _ in server._registry._dispensable]
    assert [c.idle_since for c in order] == sorted(c.idle_since or 0.0 for c in order)
    order[0].idle_since = None
    assert clients(server, GET).reply().status == 200
    assert order[0] in server._registry._threads
    assert order[1] not in server._registry._threads


@pytest.mark.skipif(watching._poll is None, reason="this system does not tell who has gone")
def test_reset_connections_are_dispensable_before_half_closed_ones() -> None:
    """A reset connection is closed before a half-closed one, in any order of arrival, also if no error reports it."""
    half, gone = socket.socketpair(), socket.socketpair()
    with half[0], half[1], gone[0]:
        half[1].shutdown(socket.SHUT_WR)
        gone[1].close()
        found = watching.departed([half[0], gone[0]])
        assert found[0] == gone[0].fileno()
        assert watching.departed([gone[0]]) == [gone[0].fileno()]


@pytest.mark.skipif(watching._poll is None, reason="this system has no poll")
@pytest.mark.parametrize("seconds, polled", [(1.5, [1_500.0]), (200_000.0, [86_400_000.0, 86_400_000.0, 27_200_000.0])])
def test_a_long_sleep_is_as_long_as_it_says(
    seconds: float, polled: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long sleep consists of parts of at most a day, since a system call can wait for some weeks at most."""
    waits: list[float] = []

    class Poll:
        register = staticmethod(lambda *_: None)

        @staticmethod
        def poll(milliseconds: float) -> list[Any]:
            waits.append(milliseconds)
            return []

    monkeypatch.setattr(watching, "_poll", Poll)
    with socket.socket() as sock:
        assert not watching.ends_within(sock, seconds)
    assert waits == polled


def test_a_lingering_client_makes_room(serve: Serve, clients: Clients) -> None:
    """A refused client that does not leave makes room for a new one."""
    server = serve(connections=1)
    refused = clients(server, b"\0\r\n\r\n")
    assert refused.reply().status == 400
    assert idle(server, 1)
    assert ask(server, GET).status == 200


def test_simultaneous_connections_are_accepted_without_pause(rooms: Rooms) -> None:
    """The acceptor goes on until no connection is pending, and soon tries again for those that wait."""
    server = HttpServer(rooms, refusal=refusal)
    try:
        with Client(server), Client(server), Client(server):
            assert [server._accept() for _ in range(4)] == [True, True, True, False]
    finally:
        server.stop()
    assert server_module.RETRY_SECONDS == 0.02


# The lobby


def test_a_full_lobby_closes_silent_connections_first(serve: Serve, rooms: Rooms, clients: Clients) -> None:
    """A full lobby first closes connections that have sent nothing, without a response, and then others with a 503."""
    server = serve(rooms, connections=1, waiting_connections=2)
    busy = clients(server, get("/hang"))
    rooms.await_entered()
    first = clients(server, GET)
    assert waiting(server, heard=1)
    silent = clients(server, b"")
    assert waiting(server, heard=1, silent=1)
    second = clients(server, GET)
    assert silent.rest() == b""
    assert waiting(server, heard=2)
    third = clients(server, GET)
    assert first.reply().status == 503
    assert first.rest() == b""
    assert waiting(server, heard=2)
    rooms.opened.set()
    assert [client.reply().status for client in (busy, second, third)] == [200] * 3


def test_reserved_requests_are_the_last_to_be_turned_away(serve: Serve, rooms: Rooms, clients: Clients) -> None:
    """Reserved requests in the lobby are the last to be closed."""
    server = serve(
        rooms,
        asked={"is_reserved": lambda environ: "control" in environ["PATH_INFO"]},
        connections=1,
        waiting_connections=2,
        reserved_connections=1,
    )
    clients(server, get("/hang"))
    rooms.await_entered()
    other = clients(server, b"PUT /control HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n")
    assert eventually(lambda: server._reserve.count() == 1)
    control = clients(server, CONTROL)
    assert waiting(server, heard=1)
    turned = clients(server, GET)
    assert waiting(server, heard=2)
    clients(server, GET)
    assert turned.reply().status == 503
    assert other.send(b"x").reply().status == 200
    assert control.reply().status == 200


def test_complete_heads_are_served_first(serve: Serve, rooms: Rooms, clients: Clients) -> None:
    """A free place goes to a connection whose head is complete."""
    server = serve(rooms, connections=1)
    busy = clients(server, get("/hang"))
    rooms.await_entered()
    silent = clients(server, GET[:-1])
    assert waiting(server, silent=1)
    heard = clients(server, get("/hang"))
    assert waiting(server, silent=1, heard=1)
    busy.reset()
    rooms.await_entered()
    assert waiting(server, silent=1)
    rooms.opened.set()
    assert heard.reply().body == b"/hang"
    assert silent.send(GET[-1:]).reply().status == 200


def test_waiting_connections_are_kept_alive(serve: Serve, rooms: Rooms, clients: Clients) -> None:
    """A connection that waited in the lobby is kept alive like any other."""
    server = serve(rooms, connections=1)
    busy = clients(server, get("/hang"))
    rooms.await_entered()
    late = clients(server, GET)
    assert waiting(server, heard=1)
    busy.reset()
    assert late.reply().status == 200
    assert idle(server, 1)
    assert late.send(GET).reply().status == 200


@pytest.mark.parametrize("first", [b"", PART])
def test_heads_time_out_in_the_lobby(serve: Serve, rooms: Rooms, clients: Clients, first: bytes) -> None:
    """A head has the same time in the lobby as elsewhere."""
    server = serve(rooms, connections=1, request_seconds=0.05)
    clients(server, get("/hang"))
    rooms.await_entered()
    assert clients(server, first).rest() == b""
    assert waiting(server)


@pytest.mark.parametrize("ending", ["reset", "close", "half-close"])
def test_the_lobby_keeps_nothing_of_a_connection_that_left(serve: Serve, rooms: Rooms, ending: str) -> None:
    """A connection that leaves the lobby in any way is not served later."""
    server = serve(rooms, connections=1)
    with Client(server) as busy:
        busy.send(get("/hang"))
        rooms.await_entered()
        with Client(server) as client:
            client.send(PART)
            assert waiting(server, silent=1)
            if ending == "reset":
                client.reset()
            elif ending == "half-close":
                client.sock.shutdown(socket.SHUT_WR)
            else:
                client.__exit__()
            assert waiting(server)


def test_requests_read_in_the_lobby_are_answered(serve: Serve, rooms: Rooms, clients: Clients) -> None:
    """Requests in pieces, with bodies, pipelined or refused get the same responses as without waiting."""
    server = serve(rooms, connections=1)
    busy = clients(server, get("/hang"))
    rooms.await_entered()
    post = b"POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n"
    split, pipelined, refused = (
        clients(server, post + b"x"),
        clients(server, GET + get("/2")),
        clients(server, b"\0\r\n"),
    )
    expecting = clients(server, post.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"))
    assert waiting(server, heard=4)
    rooms.opened.set()
    assert busy.reply().status == 200
    assert split.send(b"y").reply().body == b"/p"
    assert [pipelined.reply().body for _ in range(2)] == [b"/", b"/2"]
    assert refused.reply().status == 400
    assert expecting.line() == b"HTTP/1.1 100 Continue\r\n"


def test_stop_closes_the_lobby(serve: Serve, rooms: Rooms, clients: Clients) -> None:
    """`stop` waits neither for connections in the lobby nor for sleeping responses."""
    server = serve(rooms, connections=1)
    first = clients(server, get("/sleep"))
    rooms.await_entered()
    others = [clients(server, data) for data in (GET, PART)]
    assert waiting(server, heard=1, silent=1)
    server.stop()
    assert first.rest() == b""
    for client in others:
        with suppress(ConnectionResetError):  # if bytes of it were left unread
            assert client.rest() == b""
    assert (server._registry.count(), len(server._lobby)) == (0, 0)


# Descriptors


@pytest.mark.parametrize(
    "descriptors, expected",
    [
        (None, (1000, 32, 1000)),
        (100_000, (1000, 32, 1000)),
        (1024, (720, 32, 208)),
        (256, (144, 12, 36)),
        (1, (6, 1, 1)),
    ],
)
def test_there_are_no_more_connections_than_descriptors(
    descriptors: int | None, expected: tuple[int, int, int]
) -> None:
    """Connections leave some descriptors to the rest of the process, and at least one serves control calls."""
    limits = affordable(Limits(), descriptors)
    assert (limits.connections, limits.reserved_connections, limits.waiting_connections) == expected
    assert affordable(Limits(connections=3, waiting_connections=2, reserved_connections=1), 1024).connections == 3


def test_the_limit_of_descriptors_is_that_of_the_process() -> None:
    """The limit of descriptors is the one that the system reports."""
    resource = pytest.importorskip("resource")
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert most_descriptors() == (None if most == resource.RLIM_INFINITY else most)


# The fake


@pytest.mark.parametrize("prefix", ["", "/_fakekounta/ns/one"])
def test_the_control_surface_can_be_reached_whatever_faults_do(
    prefix: str, monkeypatch: pytest.MonkeyPatch, clients: Clients, caplog: pytest.LogCaptureFixture
) -> None:
    """While all connections wait for delayed responses, a reset is answered, and a further request to the API waits."""
    kounta = FakeKounta()
    kounta._front.limits = Limits(connections=3)
    with kounta:
        server: Any = kounta._serving.server()
        kounta.faults.add(path="/**", latency_seconds=3_600)
        head = f"GET /v1/companies/me HTTP/1.1\r\nHost: localhost\r\nAuthorization: {AUTHORIZATION[1]}"
        asked = f"{head}\r\n\r\n".encode()
        busy = [clients(server, asked) for _ in range(3)]
        assert eventually(lambda: sum(c.is_sleeping for c in [*server._registry._threads]) == 3)
        in_namespace = clients(server, asked.replace(b"/v1", b"/_fakekounta/ns/one/v1"))
        assert waiting(server, heard=1)
        reset = f"POST {prefix}/_fakekounta/reset HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        assert clients(server, f"{reset}Content-Length: 2\r\n\r\n{{}}".encode()).reply().status in (200, 204)
        assert waiting(server, heard=1)
        for client in busy:
            client.reset()
        assert in_namespace.reply().status == 406
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
