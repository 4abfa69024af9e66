"""Tests that faults of connections are the same in TLS, and that no bytes in or instead of TLS make the server fail."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakekounta import FakeKounta
from fakekounta.wire.server import HttpServer
from fakekounta.wire.server.tls import _Records
from tests.fault_doors import httpx_through, url_through
from tests.shares import examples
from tests.sockets import AUTHORIZATION
from tests.wire.test_http_server import PATIENCE_SECONDS, Client
from tests.wire.test_http_server_tls import TlsClient, client_context

HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
BROKEN = (httpx.RemoteProtocolError, httpx.ReadError)  # some versions of Python call a reset in TLS an EOF
HEALTH = b"GET /_fakekounta/health HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def kounta() -> Iterator[FakeKounta]:
    with FakeKounta(tls=True) as kounta:
        yield kounta


@pytest.mark.parametrize(
    "connection, after_change",
    [*((name, after) for name in ("close", "reset", "garbage") for after in (False, True)), ("truncate", False)],
)
def test_a_connection_is_broken_by_tls(kounta: FakeKounta, connection: str, after_change: bool) -> None:
    """By TLS, too, the client raises its error for a broken connection, and the next request succeeds."""
    with httpx.Client(verify=client_context(), trust_env=False, auth=kounta.auth, timeout=PATIENCE_SECONDS) as client:
        url = f"{kounta.tls_url}/v1/companies/me.json"
        with kounta.faults.add(connection=connection, after_change=after_change) as fault:
            with pytest.raises(BROKEN):
                client.get(url)
            assert fault.fired == 1
        assert client.get(url).status_code == 200


def test_half_a_response_arrives_by_tls(kounta: FakeKounta) -> None:
    """The client gets as many bytes of the body as without TLS, and no close_notify."""
    bodies = []
    for url in (kounta.url, kounta.tls_url):
        with (
            kounta.faults.add(connection="truncate"),
            httpx.Client(verify=client_context(), trust_env=False, auth=kounta.auth) as client,
            client.stream("GET", f"{url}/v1/companies/me.json") as answer,
        ):
            read = b""
            with pytest.raises(BROKEN):  # noqa: PT012 - the bytes before the exception count
                for piece in answer.iter_raw():
                    read += piece
            bodies.append(read)
    assert bodies[0] == bodies[1] != b""


@pytest.mark.parametrize("door", ["tls", "connect"])
@pytest.mark.parametrize("where", ["before", "in", "after"])
def test_a_handshake_fails_on_purpose(kounta: FakeKounta, door: str, where: str) -> None:
    """A handshake is cut before the server says anything, in the middle or after it, and the next connection works."""
    seen: list[object] = []
    before = kounta.requests.total
    with kounta.faults.cut_handshake(where, nth=2) as fault:
        for _ in range(3):
            with httpx_through(door, kounta) as client:
                try:
                    seen.append(client.get(f"{url_through(door, kounta)}/v1/companies/me.json").status_code)
                except httpx.TransportError as error:
                    seen.append(type(error))
        assert (fault.matched, fault.fired) == (3, 1)
    assert seen[::2] == [401, 401]
    assert seen[1] in (BROKEN if where == "after" else (httpx.ConnectError,))
    assert kounta.requests.total == before + 2


@pytest.mark.parametrize("where, sent", [("before", range(1)), ("in", range(1, 2_000))])
def test_how_far_a_handshake_comes(kounta: FakeKounta, where: str, sent: range) -> None:
    """A handshake cut before it sends no byte; one cut in the middle sends less than a whole record."""
    tls = client_context().wrap_bio(ssl.MemoryBIO(), hello := ssl.MemoryBIO(), server_hostname="localhost")
    with suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    records = _Records()
    with kounta.faults.cut_handshake(where), Client(_server(kounta)) as client:
        data = client.send(hello.read()).rest()
    records.arrived(data)
    assert len(data) in sent
    assert records.is_partial == (where == "in")


def test_requests_match_no_rule_about_handshakes(kounta: FakeKounta) -> None:
    """A rule about handshakes matches no request, neither without TLS nor after a handshake."""
    with TlsClient(_server(kounta)) as begun, kounta.faults.cut_handshake("before") as fault:
        assert begun.send(HEALTH).reply().status == 200
        assert httpx.get(f"{kounta.url}/v1/companies/me.json", trust_env=False).status_code == 401
        assert (fault.matched, fault.fired) == (0, 0)


def test_half_a_body_ends_within_a_record(kounta: FakeKounta) -> None:
    """The stream ends in the middle of a record: its head announces more bytes than arrive."""
    context, incoming, outgoing = client_context(), ssl.MemoryBIO(), ssl.MemoryBIO()
    context.check_hostname = False
    tls, records = context.wrap_bio(incoming, outgoing), _Records()
    request = f"GET /v1/companies/me.json HTTP/1.1\r\nHost: localhost\r\nAuthorization: {AUTHORIZATION[1]}\r\n\r\n"
    with (
        kounta.faults.add(connection="truncate"),
        socket.create_connection(("127.0.0.1", kounta.port), timeout=PATIENCE_SECONDS) as sock,
    ):
        data, is_asked = b"", False
        while data or not is_asked:
            with suppress(ssl.SSLWantReadError):
                tls.do_handshake()
                tls.write(b"" if is_asked else request.encode())
                is_asked = True
            sock.sendall(outgoing.read())
            data = sock.recv(65_536)
            records.arrived(data)
            incoming.write(data)
    assert records.is_partial


@settings(deadline=None, max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.one_of(
        st.binary(max_size=300).map(lambda tail: b"\x16" + tail),
        st.binary(max_size=300).map(lambda tail: HELLO + tail),
    )
)
def test_no_bytes_in_place_of_a_handshake_make_the_server_fail(
    kounta: FakeKounta, caplog: pytest.LogCaptureFixture, data: bytes
) -> None:
    """The connection ends, other clients are answered, and nothing is logged."""
    caplog.clear()
    with caplog.at_level(logging.WARNING), Client(_server(kounta)) as client, suppress(ConnectionError):
        client.send(data).sock.shutdown(socket.SHUT_WR)
        assert client.rest()[:1] in (b"", b"\x15")
    _assert_well(kounta, caplog)


@settings(deadline=None, max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(min_size=1, max_size=300), is_record=st.booleans())
def test_no_bytes_after_a_handshake_make_the_server_fail(
    kounta: FakeKounta, caplog: pytest.LogCaptureFixture, data: bytes, is_record: bool
) -> None:
    """The same holds for bytes in a record and instead of one."""
    caplog.clear()
    with caplog.at_level(logging.WARNING), TlsClient(_server(kounta)) as client, suppress(OSError):
        (client.sock if is_record else client.raw).sendall(data)
        client.raw.shutdown(socket.SHUT_WR)
        client.rest()
    _assert_well(kounta, caplog)


def _server(kounta: FakeKounta) -> HttpServer:
    server = kounta._serving.server()
    assert server is not None
    return server


def _assert_well(kounta: FakeKounta, caplog: pytest.LogCaptureFixture) -> None:
    with TlsClient(_server(kounta)) as client:
        assert client.send(HEALTH).reply().status == 200
    assert [record.getMessage() for record in caplog.records] == []
