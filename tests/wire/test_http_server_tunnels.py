"""Tests of CONNECT: the server answers for the real names itself, and connects to other hosts only if allowed."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from fakekounta import FakeKounta
from fakekounta.settings.errors import SettingsError
from fakekounta.settings.hosts import REAL_HOSTS
from fakekounta.wire.certificates.switch import TlsSwitch
from fakekounta.wire.server import tunnels as module
from fakekounta.wire.server.tunnels import Tunnels
from tests.sockets import AUTHORIZATION
from tests.wire.test_http_server import GET, PATIENCE_SECONDS, Client, Mirror, eventually, serve
from tests.wire.test_http_server_tls import TlsClient

if TYPE_CHECKING:
    from fakekounta.wire.server import HttpServer
    from tests.wire.test_http_server import Serve

__all__ = ["serve"]

SWITCH = TlsSwitch()
HERE: dict[str, Any] = {"tls": SWITCH.context, "tunnels": Tunnels(REAL_HOSTS)}
ANYWHERE: dict[str, Any] = {"tunnels": Tunnels(REAL_HOSTS, pass_through=True)}
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


@pytest.fixture(autouse=True)
def tls_on() -> Iterator[None]:
    with SWITCH.on():
        yield


def connect(target: str) -> bytes:
    return f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode()


def opened(client: Client, target: str) -> Client:
    """Return the client once its tunnel is open."""
    client.send(connect(target))
    assert client.read(len(ESTABLISHED)) == ESTABLISHED
    return client


class Tunnelled(TlsClient):
    """A client that speaks TLS inside a tunnel."""

    def __init__(self, server: HttpServer, target: str, context: ssl.SSLContext | None = None) -> None:
        self._target = target
        super().__init__(server, target.partition(":")[0], context)

    def _wrapped(self, name: str, context: ssl.SSLContext) -> ssl.SSLSocket:
        self.sock.sendall(connect(self._target))
        assert self.sock.recv(len(ESTABLISHED), socket.MSG_WAITALL) == ESTABLISHED
        return super()._wrapped(name, context)


# Tunnels to this server


@pytest.mark.parametrize(
    "target", ["api.kounta.com:443", "my.kounta.com:443", "API.Kounta.com:443", "api.kounta.com:80"]
)
def test_a_tunnel_to_a_real_name_leads_to_the_server(serve: Serve, target: str) -> None:
    """A tunnel to a real name carries TLS or HTTP on either port, and its connection is kept."""
    mirror = Mirror()
    server = serve(mirror, asked=HERE)
    with Tunnelled(server, target) as client, Client(server) as plain:
        opened(plain, target)
        for one in (client, plain, client, plain):
            assert one.send(GET).reply().status == 200
    assert [environ["wsgi.url_scheme"] for environ in mirror.environs] == ["https", "http"] * 2


def test_what_comes_with_the_connect_is_read(serve: Serve) -> None:
    """Bytes behind the CONNECT are read, byte by byte or at once, and also behind earlier requests."""
    for size in (1, 10_000):
        with Client(serve(asked=HERE)) as client:
            data = GET + connect("api.kounta.com:80") + GET
            for at in range(0, len(data), size):
                client.send(data[at : at + size])
            assert client.reply().status == 200
            assert client.read(len(ESTABLISHED)) == ESTABLISHED
            assert client.reply().status == 200


@pytest.mark.parametrize(
    "target, status, words",
    [
        ("shop.example:443", 403, b"proxy-pass-through"),
        ("api.kounta.com:22", 403, b"ports 443 and 80"),
        ("api.kounta.com.shop.example:443", 403, b"NO_PROXY"),
        ("api.kounta.com", 405, b"a host and a port"),
        ("https://api.kounta.com:443", 405, b"a host and a port"),
        ("u@api.kounta.com:443", 405, b"a host and a port"),
        ("[::1]x:443", 405, b"a host and a port"),
        (":443", 405, b"a host and a port"),
        ("/", 405, b"a host and a port"),
    ],
)
def test_other_targets_are_refused(serve: Serve, target: str, status: int, words: bytes) -> None:
    with Client(serve(asked=HERE)) as client:
        reply = client.send(connect(target)).reply()
        assert reply.status == status
        assert words in reply.body
        assert client.rest() == b""


def test_a_tunnel_for_tls_needs_tls(serve: Serve) -> None:
    """Without TLS a CONNECT to port 443 is refused with the reason, instead of a failing handshake."""
    with Client(serve(asked={"tunnels": Tunnels(REAL_HOSTS)})) as client:
        reply = client.send(connect("api.kounta.com:443")).reply()
    assert (reply.status, b"--tls" in reply.body) == (405, True)


def test_a_tunnel_within_a_tunnel_or_tls_is_refused(serve: Serve) -> None:
    server = serve(asked=HERE)
    with Client(server) as client:
        assert opened(client, "api.kounta.com:80").send(connect("api.kounta.com:80")).reply().status == 405
    with TlsClient(server) as client:
        assert client.send(connect("api.kounta.com:80")).reply().status == 405


def test_urls_in_a_tunnel_are_those_of_the_real_service() -> None:
    """In a tunnel the links of the API have the real name, so that they lead through the tunnel."""
    with FakeKounta(tls=True) as kounta:
        kounta.customers.add(first_name="A", email="a@example.com")
        server = kounta._serving.listening
        assert server is not None
        with Tunnelled(server, "api.kounta.com:443") as client:
            client.send(
                b"GET /v1/companies/5678/customers.json?email=a@example.com HTTP/1.1\r\nHost: api.kounta.com\r\n"
            )
            client.send(f"Authorization: {AUTHORIZATION[1]}\r\n\r\n".encode())
            reply = client.reply()
    assert reply.status == 302
    assert reply["Location"].startswith("https://api.kounta.com/v1/companies/5678/customers/")


# Tunnels to other hosts


class Echo:
    """Another host, which sends back what it gets until the connection ends."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.target = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                with sock, suppress(OSError):
                    while data := sock.recv(65_536):
                        sock.sendall(data)
                    sock.sendall(b"end")
                self.ended.set()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(PATIENCE_SECONDS)


@pytest.fixture
def echo() -> Iterator[Echo]:
    echo = Echo()
    yield echo
    echo.close()


def test_other_hosts_are_let_through_on_request(serve: Serve, echo: Echo) -> None:
    """If allowed, bytes go both ways, also those behind the CONNECT, and so does the end."""
    with Client(serve(asked=ANYWHERE)) as client:
        client.send(connect(echo.target) + b"early ")
        assert client.read(len(ESTABLISHED)) == ESTABLISHED
        client.send(b"and late")
        assert client.read(14) == b"early and late"
        client.sock.shutdown(socket.SHUT_WR)
        assert client.rest() == b"end"


def test_much_goes_through_a_tunnel(serve: Serve, echo: Echo) -> None:
    """A tunnel carries more than the sockets can hold while the client does not read."""
    much = bytes(range(256)) * 40_000
    with Client(serve(asked=ANYWHERE)) as client:
        opened(client, echo.target)
        sender = threading.Thread(target=client.send, args=(much,), daemon=True)
        sender.start()
        assert client.read(len(much)) == much
        sender.join(PATIENCE_SECONDS)


def test_a_host_that_cannot_be_reached_is_a_502(serve: Serve) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with Client(serve(asked=ANYWHERE)) as client:
            assert client.send(connect(f"127.0.0.1:{nobody.getsockname()[1]}")).reply().status == 502
    with Client(serve(asked=ANYWHERE)) as client:
        assert client.send(connect("no-such-host.invalid:443")).reply().status == 502
    with Client(serve(asked=ANYWHERE)) as client:
        assert client.send(connect("127.0.0.1:99999")).reply().status == 502


def test_the_number_of_tunnels_is_bounded(serve: Serve, echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    """A further tunnel is refused until one ends."""
    monkeypatch.setattr(module, "MOST_TUNNELS", 1)
    server = serve(asked={"tunnels": Tunnels(REAL_HOSTS, pass_through=True)})
    with Client(server) as first:
        opened(first, echo.target)
        with Client(server) as second:
            assert second.send(connect(echo.target)).reply().status == 503
    assert echo.ended.wait(PATIENCE_SECONDS)
    assert eventually(lambda: server._service.tunnels._free._value == 1)
    with Client(server) as third:
        opened(third, echo.target)


def test_an_idle_tunnel_ends(serve: Serve, echo: Echo) -> None:
    with Client(serve(asked=ANYWHERE, tunnel_idle_seconds=0.1)) as client:
        assert opened(client, echo.target).rest() == b""


@pytest.mark.parametrize("end", [Client.reset, lambda client: client.server.stop()])
def test_a_tunnel_ends_with_its_client_and_with_the_server(
    serve: Serve, echo: Echo, end: Callable[[Client], None]
) -> None:
    """If the client or the server ends, the other host sees the end of the tunnel."""
    with Client(serve(asked=ANYWHERE)) as client:
        end(opened(client, echo.target))
        assert echo.ended.wait(PATIENCE_SECONDS)


def test_only_a_fake_of_this_machine_alone_lets_others_through() -> None:
    """A fake on other addresses than the loopback refuses other hosts, since it would be an open proxy."""
    with pytest.raises(SettingsError, match=r"proxy_pass_through: is for a loopback host only, not 0\.0\.0\.0"):
        FakeKounta(host="0.0.0.0", proxy_pass_through=True)


def test_a_fake_lets_others_through_on_request(echo: Echo) -> None:
    with FakeKounta(proxy_pass_through=True) as kounta, FakeKounta() as other:
        for one, first in ((kounta, ESTABLISHED[:12]), (other, b"HTTP/1.1 403")):
            with socket.create_connection(("127.0.0.1", one.port), timeout=PATIENCE_SECONDS) as sock:
                sock.sendall(connect(echo.target))
                assert sock.recv(12, socket.MSG_WAITALL) == first
