"""Tests of TLS on the port of HTTP: the first byte decides, and the limits of the server are the same."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

from fakekounta.wire.certificates.authority import own_authority
from fakekounta.wire.certificates.switch import TlsSwitch
from fakekounta.wire.clients.cut import Cut
from fakekounta.wire.server import HttpServer
from fakekounta.wire.server.channel import RECEIVE_BYTES
from tests.wire.test_http_server import GET, Client, Mirror, answering, ask, eventually, serve
from tests.wire.test_http_server_room import ASKED, CONTROL, Rooms, get, idle, rooms, waiting

if TYPE_CHECKING:
    from tests.wire.test_http_server import Serve

__all__ = ["rooms", "serve"]

SWITCH = TlsSwitch()
TLS = {"tls": SWITCH.context}
HELLO_PART = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"


@pytest.fixture(autouse=True)
def tls_on() -> Iterator[None]:
    with SWITCH.on():
        yield


def client_context() -> ssl.SSLContext:
    """Return a context that trusts our CA and no other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=own_authority().pem)
    return context


class TlsClient(Client):
    """A connection that sends exact bytes inside TLS, and raises at an end without a close_notify of TLS."""

    def __init__(self, server: HttpServer, name: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> None:
        super().__init__(server)
        self._file.close()
        self.raw = self.sock.dup()
        try:
            self.tls = self._wrapped(name, context or client_context())
        except BaseException:
            self.raw.close()
            raise
        self.sock = self.tls
        self._file = self.sock.makefile("rb")

    def _wrapped(self, name: str, context: ssl.SSLContext) -> ssl.SSLSocket:
        return context.wrap_socket(self.sock, server_hostname=name, suppress_ragged_eofs=False)

    def __exit__(self, *exc_info: object) -> None:
        self.raw.close()
        super().__exit__(*exc_info)


def read_all(sock: socket.socket) -> None:
    while sock.recv(RECEIVE_BYTES):
        pass


@contextmanager
def both(server: HttpServer) -> Iterator[tuple[Client, Client]]:
    with Client(server) as plain, TlsClient(server) as tls:
        yield plain, tls


# Both on one port


def test_the_first_byte_tells_tls_from_http(serve: Serve) -> None:
    """One port answers both at the same time, and the application gets the scheme."""
    mirror = Mirror()
    with both(serve(mirror, asked=TLS)) as clients:
        for client in clients * 2:
            assert client.send(GET).reply().status == 200
    assert [environ["wsgi.url_scheme"] for environ in mirror.environs] == ["http", "https", "http", "https"]


@pytest.mark.parametrize("name", ["api.kounta.com", "my.kounta.com", "localhost", "127.0.0.1", "::1"])
def test_the_certificate_is_for_the_real_names_and_this_machine(serve: Serve, name: str) -> None:
    with TlsClient(serve(asked=TLS), name) as client:
        assert client.send(GET).reply().status == 200


def test_the_certificate_is_for_no_other_name(serve: Serve) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        TlsClient(serve(asked=TLS), "kounta.com")


def test_tls_can_be_turned_on_while_the_server_serves(serve: Serve) -> None:
    """TLS can be switched on and off again; open connections go on."""
    switch = TlsSwitch()
    server = serve(asked={"tls": switch.context})
    refused = ask(server, HELLO_PART + b"\r\n\r\n")
    assert refused.status == 400
    assert b"TLS" in refused.body
    with switch.on(), TlsClient(server) as client:
        switch.turn_off()
        assert client.send(GET).reply().status == 200
        assert ask(server, HELLO_PART).status == 400
        switch.turn_on()
    assert switch.context() is None


def test_large_bodies_go_both_ways(serve: Serve) -> None:
    """Bodies of several records, and of several blocks of encryption, arrive in both directions."""
    body = bytes(range(256)) * 4_000
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body)
    with TlsClient(serve(asked=TLS)) as client:
        assert client.send(head + body).reply().body == body


def test_a_request_may_come_byte_by_byte(serve: Serve) -> None:
    """A request with each byte in a record of its own is answered."""
    with TlsClient(serve(asked=TLS)) as client:
        for byte in GET:
            client.send(bytes((byte,)))
        assert client.reply().status == 200


# Ends


def test_a_connection_ends_with_close_notify(serve: Serve) -> None:
    """The server sends close_notify after Connection: close, after a refusal, and if the client ends first."""
    server = serve(asked=TLS)
    with TlsClient(server) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").reply()
        assert client.rest() == b""
    with TlsClient(server) as client:
        assert client.send(b"nonsense\r\n\r\n").reply().status == 400
        assert client.rest() == b""
    with TlsClient(server) as client:
        client.send(GET).reply()
        client.tls.unwrap()  # raises if the server sends no close_notify


def test_a_cut_has_no_close_notify(serve: Serve) -> None:
    """A response that is cut ends without close_notify, so that the client sees the cut."""

    def app(_environ: Any, _start_response: Any) -> list[bytes]:
        raise Cut(data=b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal")

    with TlsClient(serve(app, asked=TLS)) as client:
        client.send(GET)
        assert client.read(41) == b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal"
        with pytest.raises(ssl.SSLEOFError):
            client.rest()


def test_a_reset_stays_a_reset(serve: Serve) -> None:
    """A reset reaches the client through TLS; some versions of Python call every sudden end an EOF."""

    def app(_environ: Any, _start_response: Any) -> list[bytes]:
        raise Cut(reset=True)

    with TlsClient(serve(app, asked=TLS)) as client:
        client.send(GET)
        with pytest.raises(ConnectionResetError):
            read_all(client.raw)


# Clients that do not trust the CA, or do not speak TLS


def test_clients_that_do_not_trust_the_ca_are_logged_once(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """The log has one line, which says what to do, without a traceback."""
    server = serve(asked=TLS)
    with caplog.at_level(logging.INFO, "fakekounta.http"):
        for _ in range(3):
            with pytest.raises(ssl.SSLCertVerificationError):
                TlsClient(server, context=ssl.create_default_context())
        assert eventually(lambda: bool(caplog.records))
        assert ask(server, GET).status == 200
    (record,) = caplog.records
    assert "--ca-file" in record.getMessage()
    assert record.exc_info is None


@pytest.mark.parametrize(
    "data",
    [
        HELLO_PART * 60,
        b"\x16" * 100,
        b"\x16\x03\x01\xff\xff" + b"\x01" * 70_000,
        b"\x16\x03\x01\x00\x02\x01\x00\x15\x03\x01\x00\x02\x02\x28",
    ],
)
def test_bytes_that_are_not_a_handshake_end_the_connection(
    serve: Serve, caplog: pytest.LogCaptureFixture, data: bytes
) -> None:
    """Bytes that are not a handshake end the connection, with an alert at most, and nothing is logged."""
    server = serve(asked=TLS)
    # The server may close before it has read all of it
    with caplog.at_level(logging.INFO), Client(server) as client, suppress(ConnectionError):
        client.send(data)
        assert client.rest()[:1] in (b"", b"\x15")
    assert caplog.records == []


def test_a_broken_record_ends_the_connection(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """A malformed record ends the connection with an alert."""
    server = serve(asked=TLS)
    with caplog.at_level(logging.INFO), TlsClient(server) as client:
        assert client.send(GET).reply().status == 200
        client.raw.sendall(b"\x17\x03\x03\x00\x20" + b"x" * 32)
        with pytest.raises(ssl.SSLError, match=r"(?i)bad.record.mac"):
            read_all(client.sock)
    assert caplog.records == []


# Limits


@pytest.mark.parametrize("length", [5, None], ids=["part of a record", "a whole hello"])
def test_a_handshake_has_to_be_done_in_time(serve: Serve, length: int | None) -> None:
    """A handshake has the time of a request, wherever the client stops."""
    server = serve(asked=TLS, request_seconds=0.2)
    with Client(server) as client:
        client.send(client_hello()[:length])
        assert bool(client.rest()) == (length is None)


def client_hello() -> bytes:
    """Return the first record of a handshake."""
    outgoing = ssl.MemoryBIO()
    connection = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    with suppress(ssl.SSLWantReadError):
        connection.do_handshake()
    return outgoing.read()


def test_a_slow_handshake_blocks_no_other(serve: Serve) -> None:
    """Clients that begin a handshake and send no more delay nobody else, with TLS or without."""
    server = serve(asked=TLS)
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(Client(server)).send(HELLO_PART)
        assert eventually(lambda: server._registry.count() == 20)
        with both(server) as clients:
            for client in clients:
                assert client.send(GET).reply().status == 200


def test_a_record_has_to_arrive_in_time(serve: Serve) -> None:
    server = serve(asked=TLS, request_seconds=0.2)
    with TlsClient(server) as client:
        client.raw.sendall(b"\x17\x03\x03\x00\x20x")
        with suppress(ssl.SSLError):
            client.rest()


def test_a_request_in_tls_that_is_too_slow_is_answered_408(serve: Serve) -> None:
    server = serve(asked=TLS, request_seconds=0.2)
    with TlsClient(server) as client:
        assert client.send(b"GET / HT").reply().status == 408
        assert client.rest() == b""


def test_idle_clients_are_released(serve: Serve) -> None:
    """An idle client gets close_notify, before its first request and between two."""
    server = serve(asked=TLS, idle_seconds=0.2)
    with TlsClient(server) as silent, TlsClient(server) as kept:
        kept.send(GET).reply()
        assert silent.rest() == kept.rest() == b""


def test_idle_clients_make_room(serve: Serve) -> None:
    """An idle connection with TLS makes room for a new one."""
    server = serve(asked=TLS, connections=1)
    with TlsClient(server) as first:
        first.send(GET).reply()
        assert idle(server, 1)
        with TlsClient(server) as second:
            assert second.send(GET).reply().status == 200
            assert first.rest() == b""


def test_clients_of_tls_wait_for_room_as_others_do(serve: Serve, rooms: Rooms) -> None:
    """In the lobby handshakes are completed, and control calls are answered on reserved connections."""
    server = serve(rooms, asked={**ASKED, **TLS}, connections=1)
    with ExitStack() as stack:
        stack.enter_context(TlsClient(server)).send(get("/hang"))
        rooms.await_entered()
        waiter = stack.enter_context(TlsClient(server)).send(GET)
        assert waiting(server, heard=1)
        control = stack.enter_context(TlsClient(server)).send(CONTROL)
        assert control.reply().body == b"/control"
        rooms.opened.set()
        assert waiter.reply().status == 200


def test_the_503_of_a_full_lobby_is_encrypted(serve: Serve, rooms: Rooms) -> None:
    server = serve(rooms, asked=TLS, connections=1, waiting_connections=1)
    with ExitStack() as stack:
        stack.enter_context(TlsClient(server)).send(get("/hang"))
        rooms.await_entered()
        first = stack.enter_context(TlsClient(server)).send(GET)
        assert waiting(server, heard=1)
        stack.enter_context(Client(server)).send(GET)
        assert first.reply().status == 503
        rooms.opened.set()


def test_garbage_in_the_lobby_is_dropped(serve: Serve, rooms: Rooms) -> None:
    server = serve(rooms, asked=TLS, connections=1)
    with TlsClient(server) as busy, Client(server) as client:
        busy.send(get("/hang"))
        rooms.await_entered()
        client.send(HELLO_PART * 60)
        with suppress(ConnectionError):
            assert client.rest()[:1] in (b"", b"\x15")
        rooms.opened.set()
        assert busy.reply().status == 200


def test_stop_ends_connections_with_tls(serve: Serve) -> None:
    server = serve(answering(b"x"), asked=TLS)
    with TlsClient(server) as idle_one, Client(server) as shaking:
        idle_one.send(GET).reply()
        shaking.send(HELLO_PART)
        server.stop()
        assert idle_one.rest() == b""
        with suppress(ConnectionError):
            assert shaking.rest() == b""


def test_a_response_that_the_client_does_not_read_is_cut(serve: Serve) -> None:
    """An unread response is cut and its thread ends, as without TLS."""
    server = serve(answering(b"x" * 30_000_000), asked=TLS, request_seconds=0.2)
    with TlsClient(server) as client:
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.send(GET)
        assert eventually(lambda: server._registry.count() == 0)
