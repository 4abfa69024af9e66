"""Tests of the bytes that the HTTP server reads and sends, made with plain sockets."""

from __future__ import annotations

import contextlib
import errno
import http.client
import json
import logging
import re
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

import pytest

from fakekounta.wire.server import HttpServer, Limits
from fakekounta.wire.server import channel as channel_module
from fakekounta.wire.server.connection import Connection
from fakekounta.wire.server.threads import Thread

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication
    from typing_extensions import Self

    Serve = Callable[..., HttpServer]

PATIENCE_SECONDS = 30.0
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
HEAD_1_1 = b"POST / HTTP/1.1\r\nHost: a\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def refusal(status: int, description: str) -> tuple[str, bytes]:
    return "application/json", json.dumps({"error": status, "error_description": description}).encode()


class _KeptFile:
    """A file that http.client cannot close, so that the next response can be read from it."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def makefile(self, _mode: str) -> _KeptFile:
        return self

    def close(self) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class Reply:
    """A response as the client sees it, with the headers in their order and exact case.

    No response has one of the words by which a client library recognises a response about a bad token.
    """

    def __init__(self, file: Any, method: str = "GET") -> None:
        # http.client wants a socket of which it only ever uses makefile().
        response = http.client.HTTPResponse(cast("socket.socket", _KeptFile(file)), method=method)
        with closing(response):  # or Python 3.13 complains of a response whose file was closed before it
            response.begin()
            self.status = response.status
            self.reason = response.reason
            self.headers = response.getheaders()
            self.body = response.read()
        text = f"{self.reason} {self.headers} {self.body!r}"
        assert not re.search("invalid|expired", text)

    def __getitem__(self, name: str) -> str:
        return ", ".join(value for key, value in self.headers if key.lower() == name.lower())


class Client:
    """A connection that sends exact bytes."""

    def __init__(self, server: HttpServer) -> None:
        self.server = server
        self.sock = socket.create_connection((server.host, server.port), timeout=PATIENCE_SECONDS)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self.sock.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._file.close()
        self.sock.close()

    def send(self, data: bytes) -> Client:
        self.sock.sendall(data)
        return self

    def send_part(self, data: bytes) -> None:
        """Send a part of a request, and wait until the server's only connection waits for the rest."""
        self.send(data)
        connections = self.server._registry._threads
        assert eventually(lambda: [_waits_for_rest(c) for c in connections.copy()] == [True])

    def line(self) -> bytes:
        return self._file.readline()

    def read(self, length: int) -> bytes:
        return self._file.read(length)

    def reply(self, method: str = "GET") -> Reply:
        return Reply(self._file, method)

    def rest(self) -> bytes:
        """Return all bytes until the server closes; raise TimeoutError if it does not."""
        return self._file.read()

    def reset(self) -> None:
        """Reset the connection."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._file.close()
        self.sock.close()


def _waits_for_rest(connection: Connection) -> bool:
    return connection._inbox.reader.in_message and connection._deadline is not None


def eventually(condition: Callable[[], bool]) -> bool:
    """Return whether the condition becomes true before the timeout."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            return False
        pause.wait(0.002)
    return True


THREADS_OF_OTHERS: set[threading.Thread] = set()
"""Those that were there when a test began: the session's own server has clients of its own."""


def connection_threads() -> int:
    """Return how many connections the servers of this test are serving."""
    alive = set(threading.enumerate()) - THREADS_OF_OTHERS
    return sum(thread.name == "fakekounta-http" for thread in alive)


class Mirror:
    """An application that answers with the body it got, and keeps the environs."""

    def __init__(self) -> None:
        self.environs: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        self.environs.append(environ)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [environ["wsgi.input"].read()]


def answering(*body: bytes, status: str = "200 OK", headers: Iterable[tuple[str, str]] = ()) -> WSGIApplication:
    """Return an application that always gives the same response, as a list."""

    def app(_environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        start_response(status, list(headers))
        return list(body)

    return app


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return a function that starts servers; stop them after the test, and check that no thread is left."""
    servers: list[HttpServer] = []
    THREADS_OF_OTHERS.clear()
    THREADS_OF_OTHERS.update(threading.enumerate())

    def start(
        app: WSGIApplication | None = None,
        *,
        host: str = "127.0.0.1",
        asked: Mapping[str, Any] | None = None,
        **limits: Any,
    ) -> HttpServer:
        server = HttpServer(app or Mirror(), host=host, limits=Limits(**limits), refusal=refusal, **(asked or {}))
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.stop()
    assert eventually(lambda: not connection_threads())


def ask(server: HttpServer, data: bytes, method: str = "GET") -> Reply:
    with Client(server) as client:
        return client.send(data).reply(method)


# Keep-alive


def test_keep_alive_is_the_default_of_http_1_1(serve: Serve) -> None:
    """Two requests are answered on one connection, without a Connection header."""
    with Client(serve()) as client:
        assert client.send(GET).reply()["Connection"] == ""
        assert client.send(GET).reply().status == 200


def test_connection_close_is_honoured_and_announced(serve: Serve) -> None:
    """After `Connection: close` the response has it, too, and the connection ends."""
    with Client(serve()) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert client.reply()["Connection"] == "close"
        assert client.rest() == b""


def test_http_1_0_closes(serve: Serve) -> None:
    """The connection of an HTTP/1.0 client without `keep-alive` is closed."""
    with Client(serve()) as client:
        assert client.send(b"GET / HTTP/1.0\r\n\r\n").reply()["Connection"] == "close"
        assert client.rest() == b""


def test_http_1_0_may_ask_for_keep_alive(serve: Serve) -> None:
    """An HTTP/1.0 client that asks for `keep-alive` gets it, and the response says so."""
    with Client(serve()) as client:
        for _ in range(2):
            client.send(b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
            assert client.reply()["Connection"] == "keep-alive"


def test_pipelined_requests_are_answered_in_order(serve: Serve) -> None:
    """Requests in one segment are answered in order; a malformed one comes last."""
    posts = [b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n%d" % n for n in range(5)]
    with Client(serve()) as client:
        client.send(b"".join(posts) + b"BREW / HTTP/1.1\r\n\r\n")
        assert [client.reply().body for _ in posts] == [b"0", b"1", b"2", b"3", b"4"]
        assert client.reply().status == 405
        assert client.rest() == b""


# The environ


def environ_of(serve: Serve, data: bytes) -> dict[str, Any]:
    mirror = Mirror()
    assert ask(serve(mirror), data).status == 200
    return mirror.environs[0]


def test_environ_is_that_of_pep_3333(serve: Serve) -> None:
    """The environ has every key of PEP 3333 and the further ones that we document."""
    mirror = Mirror()
    server = serve(mirror)
    with Client(server) as client:
        client.send(b"POST /a%20b/%C3%A9?q=%20 HTTP/1.1\r\nHost: h:1\r\nContent-Type: x/y\r\n")
        client.send(b"Content-Length: 2\r\nX-One:  1 \t\r\nX-Empty:\r\n\r\nhi")
        assert client.reply().body == b"hi"
        peer = client.sock.getsockname()
    environ = mirror.environs[0]
    expected = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/a b/\xc3\xa9",
        "QUERY_STRING": "q=%20",
        "REQUEST_URI": "/a%20b/%C3%A9?q=%20",
        "CONTENT_TYPE": "x/y",
        "CONTENT_LENGTH": "2",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": str(server.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "h:1",
        "HTTP_X_ONE": "1",
        "HTTP_X_EMPTY": "",
        "REMOTE_ADDR": peer[0],
        "REMOTE_PORT": str(peer[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    assert {key: environ.get(key) for key in expected} == expected
    assert environ.keys() - expected.keys() == {"wsgi.input", "wsgi.errors", "fakekounta.sleep", "fakekounta.headers"}
    assert callable(environ["wsgi.errors"].write)


def test_no_request_sees_anything_of_the_one_before(serve: Serve) -> None:
    """Headers, body and counts of a request never come from an earlier one of the connection."""
    mirror = Mirror()
    with Client(serve(mirror)) as client:
        client.send(b"POST /?a HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi").reply()
        assert client.send(GET).reply().body == b""
    assert mirror.environs[1].keys() & {"HTTP_X_A", "CONTENT_LENGTH"} == set()
    assert mirror.environs[1]["QUERY_STRING"] == ""


@pytest.mark.parametrize(
    "lines, key, value",
    [
        (b"X-A: 1\r\nx-a: 2\r\n", "HTTP_X_A", "1, 2"),
        (b"Cookie: a=1\r\nCookie: b=2\r\n", "HTTP_COOKIE", "a=1; b=2"),
        (b"X_A: spoofed\r\n", "HTTP_X_A", None),
        (b"X-A: 1\r\nX_A: spoofed\r\n", "HTTP_X_A", "1"),
        (b"Content_Length: 7\r\n", "CONTENT_LENGTH", None),
        (b"X-A: \xe9\r\n", "HTTP_X_A", "\xe9"),
        (b"X-" + b"a" * 100 + b": long\r\n", "HTTP_X_" + "A" * 100, "long"),
    ],
)
def test_headers_become_environ_keys(serve: Serve, lines: bytes, key: str, value: str | None) -> None:
    """Repeated headers are joined; a name with an underscore does not replace one with a dash."""
    assert environ_of(serve, b"GET / HTTP/1.1\r\nHost: a\r\n" + lines + b"\r\n").get(key) == value


@pytest.mark.parametrize(
    "line, path, query, host",
    [
        (b"GET http://other:8/p/q?r HTTP/1.1", "/p/q", "r", "other:8"),
        (b"GET http://other HTTP/1.1", "/", "", "other"),
        (b"GET http://user:pw@other?x HTTP/1.1", "/", "x", "other"),
        (b"OPTIONS * HTTP/1.1", "*", "", "a"),
        (b"GET //a/b HTTP/1.1", "//a/b", "", "a"),
        (b"GET /a?b?c#d HTTP/1.1", "/a", "b?c", "a"),
        (b"GET /%2541%zz%00%3f? HTTP/1.1", "/%41%zz\0?", "", "a"),
    ],
)
def test_targets_of_every_form(serve: Serve, line: bytes, path: str, query: str, host: str) -> None:
    """The path is decoded once; the host of an absolute target is used."""
    environ = environ_of(serve, line + b"\r\nHost: a\r\n\r\n")
    assert (environ["PATH_INFO"], environ["QUERY_STRING"], environ["HTTP_HOST"]) == (path, query, host)
    assert environ["REQUEST_URI"].encode() == line.split()[1]


# Bodies


def test_chunked_bodies_are_dechunked(serve: Serve) -> None:
    """The application sees the real length, without extensions, trailers and the transfer coding."""
    mirror = Mirror()
    with Client(serve(mirror)) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\n" + CHUNKED + b"\r\n")
        client.send(b"3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: t\r\nHost: b\r\n\r\n")
        assert client.reply().body == b"abcde"
        assert client.send(GET).reply().status == 200
    environ = mirror.environs[0]
    assert (environ["CONTENT_LENGTH"], environ["HTTP_HOST"]) == ("5", "a")
    assert environ.keys() & {"HTTP_TRANSFER_ENCODING", "HTTP_X_TRAILER"} == set()


@pytest.mark.parametrize("length, status", [(1000, 200), (1001, 413)])
@pytest.mark.parametrize("chunked", [False, True])
def test_body_limit(serve: Serve, length: int, status: int, chunked: bool) -> None:
    """A body of exactly the limit is accepted, one byte more is refused."""
    head = b"POST / HTTP/1.1\r\nHost: a\r\n"
    body = b"x" * length
    if chunked:
        data = head + CHUNKED + b"\r\n%x\r\n%b\r\n0\r\n\r\n" % (length, body)
    else:
        data = head + b"Content-Length: %d\r\n\r\n" % length + body
    assert ask(serve(body_bytes=1000), data).status == status


def test_declared_length_is_refused_before_the_body(serve: Serve) -> None:
    """A Content-Length over the limit is 413 before any of the body is sent."""
    with Client(serve(body_bytes=9)) as client:
        assert client.send(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n").reply().status == 413


def test_unending_chunks_are_refused_on_the_way(serve: Serve) -> None:
    """Chunks are 413 as soon as they exceed the limit, not at the last chunk."""
    with Client(serve(body_bytes=9)) as client:
        client.send(b"PUT / HTTP/1.1\r\nHost: a\r\n" + CHUNKED + b"\r\n5\r\nabcde\r\n5\r\nabcde\r\n")
        assert client.reply().status == 413


@pytest.mark.parametrize("filler", [b"1;" + b"x" * 1000, b"0\r\nX-" + b"x" * 1000])
def test_overhead_of_chunks_is_bounded(serve: Serve, filler: bytes) -> None:
    """An endless chunk extension or trailer is refused."""
    with Client(serve(body_bytes=100, head_bytes=200)) as client:
        client.send(b"PUT / HTTP/1.1\r\nHost: a\r\n" + CHUNKED + b"\r\n" + filler)
        for _ in range(3):
            client.send(b"x" * 500)
        assert client.reply().status == 413


def test_refused_upload_can_read_its_answer(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that writes all of a large body before it reads gets the 413, not a reset."""
    monkeypatch.setattr(channel_module, "LINGER_SECONDS", PATIENCE_SECONDS)
    length = 8_000_000
    with Client(serve()) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % length)
        client.send(bytes(length))
        assert client.reply().status == 413
        assert client.rest() == b""


# Expectations


def test_continue_is_sent_when_the_body_is_wanted(serve: Serve) -> None:
    """`100 Continue` is sent once, before the body, and the final response after it."""
    with Client(serve()) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-Continue\r\n\r\n")
        assert (client.line(), client.line()) == (b"HTTP/1.1 100 Continue\r\n", b"\r\n")
        client.send(b"bo")
        client.send(b"dy")
        assert client.line() == b"HTTP/1.1 200 OK\r\n"


def test_no_continue_for_a_body_that_is_refused(serve: Serve) -> None:
    """`Expect: 100-continue` with a body that is too large gets 413 at once."""
    with Client(serve(body_bytes=3)) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        assert client.line().startswith(b"HTTP/1.1 413 ")


def test_no_continue_if_the_body_has_begun(serve: Serve) -> None:
    """A client that has sent a part of the body gets no 100 Continue."""
    with Client(serve()) as client:
        client.send_part(HEAD_1_1 + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\nx")
        assert client.send(b"y").line() == b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "data",
    [
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\nx",
        b"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
        b"GET / HTTP/1.0\r\nExpect: anything\r\n\r\n",
    ],
)
def test_continue_is_sent_only_to_clients_that_wait(serve: Serve, data: bytes) -> None:
    """There is no `100 Continue` if the body has arrived, if there is none, or for HTTP/1.0."""
    with Client(serve()) as client:
        assert client.send(data).line() == b"HTTP/1.1 200 OK\r\n"


# Refusals


@pytest.mark.parametrize(
    "status, data",
    [
        pytest.param(400, b"\0\1\2\r\n\r\n", id="no HTTP"),
        pytest.param(400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="TLS"),
        pytest.param(400, b" GET / HTTP/1.1\r\nHost: a\r\n\r\n", id="space first"),
        pytest.param(400, b"GET / HTTP/1.1\nHost: a\n\n", id="bare line feeds"),
        pytest.param(400, b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", id="space before colon"),
        pytest.param(400, b"GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n", id="NUL in header"),
        pytest.param(400, b"GET foo HTTP/1.1\r\nHost: a\r\n\r\n", id="target without slash"),
        pytest.param(400, b"GET /\r\n\r\n", id="HTTP/0.9"),
        pytest.param(400, b"GET / HTTP/1.2\r\nHost: a\r\n\r\n", id="HTTP/1.2"),
        pytest.param(400, b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", id="HTTP/2.0"),
        pytest.param(400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP/2 preface"),
        pytest.param(400, b"GET / HTTP/1.1\r\n\r\n", id="no host"),
        pytest.param(400, b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", id="two hosts"),
        pytest.param(400, b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", id="two hosts in 1.0"),
        pytest.param(400, HEAD_1_1 + b"Content-Length: 1\r\n" + CHUNKED + b"\r\n", id="length and coding"),
        pytest.param(400, HEAD_1_1 + CHUNKED + b"Content-Length: 1\r\n\r\n", id="coding and length"),
        pytest.param(400, HEAD_1_1 + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", id="lengths"),
        pytest.param(400, HEAD_1_1 + b"Content-Length: -1\r\n\r\n", id="negative length"),
        pytest.param(400, HEAD_1_1 + b"Content-Length: 1" + b"0" * 30 + b"\r\n\r\n", id="giant length"),
        pytest.param(400, HEAD_1_1 + b"Transfer-Encoding: gzip\r\n\r\n", id="gzip"),
        pytest.param(400, HEAD_1_1 + b"Transfer-Encoding: gzip, chunked\r\n\r\n", id="gzip in chunks"),
        pytest.param(400, b"POST / HTTP/1.0\r\n" + CHUNKED + b"\r\n", id="chunked in 1.0"),
        pytest.param(400, HEAD_1_1 + CHUNKED + b"\r\nxyz\r\n", id="chunk size"),
        pytest.param(405, b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", id="unknown method"),
        pytest.param(405, b"get / HTTP/1.1\r\nHost: a\r\n\r\n", id="lower case"),
        pytest.param(405, b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", id="CONNECT"),
        pytest.param(405, b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", id="CONNECT body"),
        pytest.param(417, HEAD_1_1 + b"Expect: the worst\r\n\r\n", id="expectation"),
    ],
)
def test_refusals(serve: Serve, status: int, data: bytes) -> None:
    """Malformed HTTP is refused in the API's own error shape, and the connection closes."""
    app = Mirror()
    with Client(serve(app)) as client:
        reply = client.send(data).reply()
        assert reply.status == status
        assert (reply["Content-Type"], reply["Connection"]) == ("application/json", "close")
        assert reply["Allow"] == ("GET, HEAD, POST, PUT, DELETE, OPTIONS" if status == 405 else "")
        assert json.loads(reply.body)["error"] == status
        assert client.rest() == b""
    assert app.environs == []


@pytest.mark.parametrize("target, status", [(b"/" * 50, 200), (b"/" * 51, 414)])
def test_target_limit(serve: Serve, target: bytes, status: int) -> None:
    """A target of exactly the limit is served; a longer one is 414."""
    assert ask(serve(target_bytes=50), b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % target).status == status


@pytest.mark.parametrize(
    "line, pieces",
    [
        (b"X-A: " + b"a" * 60 + b"\r\n", 20),
        (b"X-A: " + b"a" * 60, 20),
        (b"a" * 60, 20),
        (b"X: y\r\n" * 200 + b"\r\n", 1),
        (b"X-A: " + b"a" * 1000 + b"\r\n\r\n", 1),
    ],
    ids=["many headers", "long value", "long name", "many at once", "long at once"],
)
def test_head_limit(serve: Serve, line: bytes, pieces: int) -> None:
    """A head that is too large is 431, whichever part is large and however it arrives."""
    with Client(serve(head_bytes=1000)) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n")
        for _ in range(pieces):
            client.send(line)
        assert client.reply().status == 431


def test_target_without_an_end(serve: Serve) -> None:
    """A target over the limit is 414 before its end."""
    with Client(serve(target_bytes=50)) as client:
        assert client.send(b"GET /" + b"a" * 100).reply().status == 414


def test_refusal_of_head_has_no_body(serve: Serve) -> None:
    """A refused HEAD request is answered without a body."""
    for app, host, status in ((Mirror(), b"", 400), (_raise, b"Host: a\r\n", 500)):
        with Client(serve(app)) as client:
            client.send(b"HEAD / HTTP/1.1\r\n" + host + b"\r\n")
            assert client.reply("HEAD").status == status
            assert client.rest() == b""


UPGRADE = b"Host: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"


@pytest.mark.parametrize(
    "body",
    [
        b"\r\n",
        b"Content-Length: 3\r\n\r\nabc",
        CHUNKED + b"\r\n3\r\nabc\r\n0\r\n\r\n",
        b"Content-Length: 0\r\n\r\n",
    ],
    ids=["none", "length", "chunked", "empty"],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_upgrades_are_not_granted(serve: Serve, body: bytes, at_once: bool) -> None:
    """A request for an Upgrade is an ordinary request: its body is read, and the next one follows."""
    with Client(serve()) as client:
        if at_once:
            client.send(b"POST / HTTP/1.1\r\n" + UPGRADE + body + GET)
        else:
            for byte in b"POST / HTTP/1.1\r\n" + UPGRADE + body + GET:
                client.send(bytes([byte]))
        reply = client.reply()
        assert (reply.status, reply.body) == (200, b"abc" if b"abc" in body else b"")
        assert client.reply().status == 200


def test_many_pipelined_upgrades(serve: Serve) -> None:
    """A segment full of Upgrades is answered like any other."""
    with Client(serve()) as client:
        client.send((b"GET / HTTP/1.1\r\n" + UPGRADE + b"\r\n") * 400)
        assert [client.reply().status for _ in range(400)] == [200] * 400


def test_continue_for_an_upgrade_with_a_body(serve: Serve) -> None:
    """Upgrade together with `Expect: 100-continue` gets the 100 and an ordinary response."""
    with Client(serve()) as client:
        client.send(b"POST / HTTP/1.1\r\n" + UPGRADE + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert (client.line(), client.line()) == (b"HTTP/1.1 100 Continue\r\n", b"\r\n")
        assert client.send(b"hi").reply().body == b"hi"


# Slow clients, and clients that disconnect


@pytest.mark.parametrize("part", [b"G", b"GET / HTTP/1.1\r\nHo", HEAD_1_1 + b"Content-Length: 5\r\n\r\nab"])
def test_partial_request_is_timed_out(serve: Serve, part: bytes) -> None:
    """An incomplete request is answered 408 after a while, and the connection closes."""
    with Client(serve(request_seconds=0.05)) as client:
        assert client.send(part).reply().status == 408
        assert client.rest() == b""


def test_unending_request_is_cut(serve: Serve) -> None:
    """A client that sends a little again and again gets no more time for its request."""
    with Client(serve(request_seconds=0.1)) as client:
        client.send(HEAD_1_1 + b"Content-Length: 1000000\r\n\r\n")
        reply: list[int] = []
        reader = threading.Thread(target=lambda: reply.append(client.reply().status))
        reader.start()
        while reader.is_alive():
            client.send(b"x")
        assert reply == [408]


class SlowApp:
    """An application that takes longer to answer than a request may take to arrive."""

    REQUEST_SECONDS = 0.15

    def __call__(self, _environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        threading.Event().wait(0.2)
        start_response("200 OK", [])
        return []


@pytest.mark.parametrize("pipelined", [False, True])
def test_time_to_answer_is_not_time_to_arrive(serve: Serve, pipelined: bool) -> None:
    """The time of a request counts from its first byte, or from the previous response if that is later."""
    server = serve(SlowApp(), request_seconds=SlowApp.REQUEST_SECONDS)
    with Client(server) as client:
        assert client.send(GET).reply().status == 200
        client.send_part(GET[:9])
        if pipelined:
            assert client.send(GET[9:] + GET[:9]).reply().status == 200
        else:
            assert client.send(GET[9:]).reply().status == 200
            client.send_part(GET[:9])
        assert client.send(GET[9:]).reply().status == 200


@pytest.mark.parametrize("before", [b"", GET, b"\r\n\r\n"])
def test_idle_connection_is_closed_silently(serve: Serve, before: bytes) -> None:
    """An idle connection is closed without a response, before and after a request."""
    with Client(serve(idle_seconds=0.05)) as client:
        client.send(before)
        if before == GET:
            client.reply()
        assert client.rest() == b""


def test_line_ends_do_not_keep_a_connection(serve: Serve) -> None:
    """Empty lines do not count as the beginning of a request."""
    with Client(serve(idle_seconds=0.1)) as client:
        ended = threading.Event()

        def read() -> None:
            # Unread bytes turn the end of the connection into a reset.
            with contextlib.suppress(ConnectionError):
                client.rest()
            ended.set()

        reader = threading.Thread(target=read)
        reader.start()
        with contextlib.suppress(ConnectionError):
            while not ended.is_set():
                client.send(b"\r\n" * 50_000)
        reader.join(PATIENCE_SECONDS)
        assert not reader.is_alive()


def test_half_closed_client_gets_its_answer(serve: Serve) -> None:
    """A client that ends its side after the request gets its response; an incomplete request is refused."""
    for data, status in ((GET, 200), (GET[:-2], 400)):
        with Client(serve()) as client:
            client.send(data).sock.shutdown(socket.SHUT_WR)
            assert client.reply().status == status
            assert client.rest() == b""


@pytest.mark.parametrize("data", [b"", b"GET / HT", GET, HEAD_1_1 + b"Content-Length: 9\r\n\r\nab"])
def test_a_reset_connection_leaves_no_thread_and_no_log(
    serve: Serve, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """After a reset by the client no thread is left and nothing is logged."""
    server = serve()
    Client(server).send(data).reset()
    assert eventually(lambda: not connection_threads())
    assert ask(server, GET).status == 200
    assert caplog.records == []


class Endless:
    """A body without an end, which records that it was closed."""

    def __init__(self) -> None:
        self.closed = threading.Event()

    def __call__(self, _environ: dict[str, Any], start_response: StartResponse) -> Endless:
        start_response("200 OK", [])
        return self

    def __iter__(self) -> Endless:
        return self

    def __next__(self) -> bytes:
        return bytes(100_000)

    def close(self) -> None:
        self.closed.set()


def test_client_that_disconnects_during_the_response(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """The application's iterable is closed, and nothing is logged."""
    app = Endless()
    client = Client(serve(app)).send(GET)
    client.line()
    client.reset()
    assert app.closed.wait(PATIENCE_SECONDS)
    assert eventually(lambda: not connection_threads())
    assert caplog.records == []


def test_client_that_does_not_read_is_cut(serve: Serve) -> None:
    """A response that the client does not read is abandoned after `request_seconds`."""
    app = Endless()
    with Client(serve(app, request_seconds=0.1)) as client:
        client.send(GET)
        assert app.closed.wait(PATIENCE_SECONDS)


def test_slow_clients_do_not_hold_up_others(serve: Serve) -> None:
    """While some clients are in the middle of their requests, another one is answered."""
    server = serve()
    slow = [Client(server).send(GET[:-2]) for _ in range(20)]
    assert ask(server, GET).status == 200
    for client in slow:
        with client:
            assert client.send(GET[-2:]).reply().status == 200


# Too many clients


def test_newcomer_takes_the_place_of_the_longest_idle(serve: Serve) -> None:
    """For a new client a full server closes the connection that has been idle for longest, and no other."""
    server = serve(connections=2)
    with Client(server) as first, Client(server) as second:
        for client in (second, first):
            assert client.send(GET).reply().status == 200
        assert eventually(lambda: all(connection.idle_since for connection in [*server._registry._threads]))
        assert ask(server, GET).status == 200
        assert second.rest() == b""
        assert first.send(GET).reply().status == 200


def test_newcomer_waits_for_a_busy_server(serve: Serve) -> None:
    """If all connections are busy, the new client is answered once one is free."""
    release, entered = threading.Event(), threading.Semaphore(0)

    def app(_environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        entered.release()
        release.wait(PATIENCE_SECONDS)
        start_response("200 OK", [])
        return []

    server = serve(app, connections=2)
    with Client(server) as first, Client(server) as second:
        for client in (first, second):
            client.send(GET)
            assert entered.acquire(timeout=PATIENCE_SECONDS)
        with Client(server) as third:
            third.send(GET)
            assert not entered.acquire(timeout=0.2)
            assert connection_threads() == 2
            release.set()
            assert [client.reply().status for client in (first, second, third)] == [200, 200, 200]


class _FailingListener:
    """A listening socket of a process without free descriptors, for a number of calls."""

    def __init__(self, listener: socket.socket, failures: int) -> None:
        self._listener = listener
        self._failures = failures
        self.fileno = listener.fileno
        self.close = listener.close
        self.shutdown = listener.shutdown
        self.tried_at: list[float] = []

    def accept(self) -> tuple[socket.socket, Any]:
        self.tried_at.append(time.monotonic())
        if len(self.tried_at) <= self._failures:
            raise OSError(errno.EMFILE, "Too many open files")
        return self._listener.accept()


def test_lack_of_descriptors_uses_no_busy_loop(caplog: pytest.LogCaptureFixture) -> None:
    """Without free descriptors the server logs it and tries again after a pause."""
    server = HttpServer(Mirror(), refusal=refusal)
    listener = _FailingListener(server._listener, failures=3)
    server._listener = cast("socket.socket", listener)
    with server:
        assert ask(server, GET).status == 200
    pauses = [later - earlier for earlier, later in zip(listener.tried_at, listener.tried_at[1:], strict=False)]
    assert min(pauses[:3]) > 0.01
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_nothing_ends_the_accept_loop(
    serve: Serve, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception of ours while a client is accepted is logged, and the client is accepted afterwards."""
    server = serve()
    failures = [ZeroDivisionError(), ZeroDivisionError()]
    accept = server._accept

    def failing() -> bool:
        if failures:
            raise failures.pop()
        return accept()

    monkeypatch.setattr(server, "_accept", failing)
    assert ask(server, GET).status == 200
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2


def test_lack_of_threads_costs_time_only(
    serve: Serve, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection without a thread waits until one can be started; the log says it once."""
    server = serve()
    tried = threading.Semaphore(0)

    def start(_thread: threading.Thread) -> None:
        tried.release()
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch, Client(server) as client:
        patch.setattr(Thread, "start", start)
        with Client(server) as other:
            for one in (client, other):
                one.send(GET)
            assert all(tried.acquire(timeout=PATIENCE_SECONDS) for _ in range(3))
            patch.undo()
            assert [one.reply().status for one in (client, other)] == [200, 200]
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


# Responses


def test_headers_keep_their_case_and_order(serve: Serve) -> None:
    """Headers of the application are sent unchanged, before those of the server."""
    mine = [("X-ReQuEsT-id", "1"), ("content-TYPE", "a/b"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    reply = ask(serve(answering(b"", headers=mine)), GET)
    assert reply.headers[:4] == mine
    assert [name for name, _ in reply.headers[4:]] == ["Date", "Server", "Content-Length"]
    assert reply["Server"] == "fakekounta"
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", reply["Date"])


def test_date_and_server_of_the_application_stay(serve: Serve) -> None:
    """The server adds Date and Server only if the application has not set them."""
    mine = [("DATE", "then"), ("SERVER", "mine"), ("Content-Length", "0")]
    assert ask(serve(answering(headers=mine)), GET).headers == mine


def test_small_response_is_one_segment(serve: Serve) -> None:
    """Head and body are sent together."""
    with Client(serve(answering(b"body"))) as client:
        client.send(GET)
        assert client.sock.recv(65_536).endswith(b"\r\n\r\nbody")


@pytest.mark.parametrize("body, length", [([b"abc"], "3"), ([b""], "0"), ([], "0")])
def test_single_item_gets_a_length(serve: Serve, body: list[bytes], length: str) -> None:
    """A body that is a list of at most one item is sent with a length, not in chunks."""
    reply = ask(serve(answering(*body)), GET)
    assert (reply.body, reply["Content-Length"]) == (b"".join(body), length)
    assert reply["Transfer-Encoding"] == ""


def test_generator_of_nothing_gets_a_length(serve: Serve) -> None:
    """A body without any bytes has the length 0."""

    def app(_environ: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield from ()

    assert ask(serve(app), GET)["Content-Length"] == "0"


def test_several_items_are_chunks(serve: Serve) -> None:
    """Without a length an HTTP/1.1 client gets chunks, none for empty items, and the connection is kept."""
    with Client(serve(answering(b"abc", b"", b"de"))) as client:
        for _ in range(2):
            reply = client.send(GET).reply()
            assert (reply.body, reply["Transfer-Encoding"]) == (b"abcde", "chunked")


def test_several_items_for_http_1_0(serve: Serve) -> None:
    """Without a length an HTTP/1.0 response ends with its connection."""
    with Client(serve(answering(b"abc", b"de"))) as client:
        reply = client.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").reply()
        assert (reply.body, reply["Transfer-Encoding"], reply["Connection"]) == (b"abcde", "", "close")


def test_generator_streams(serve: Serve) -> None:
    """Each item of a generator is sent before the next one is made."""
    go_on = threading.Event()

    def app(_environ: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Length", "2")])
        yield b"a"
        assert go_on.wait(PATIENCE_SECONDS)
        yield b"b"

    with Client(serve(app)) as client:
        client.send(GET)
        while client.line() != b"\r\n":
            pass
        assert client.read(1) == b"a"
        go_on.set()
        assert client.read(1) == b"b"


def test_head_keeps_the_length_and_has_no_body(serve: Serve) -> None:
    """The response to HEAD is the head of that to GET; the connection is kept."""
    with Client(serve(answering(b"abc", headers=[("Content-Length", "3")]))) as client:
        for _ in range(2):
            client.send(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert client.reply("HEAD")["Content-Length"] == "3"


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_statuses_without_a_body(serve: Serve, status: str) -> None:
    """With 204 and 304 neither body nor length is sent, whatever the application gives."""
    with Client(serve(answering(b"abc", status=status, headers=[("Content-Length", "3")]))) as client:
        for _ in range(2):
            reply = client.send(GET).reply()
            assert (reply["Content-Length"], reply["Transfer-Encoding"]) == ("", "")
        client.sock.shutdown(socket.SHUT_WR)
        assert client.rest() == b""


def test_application_may_close_the_connection(serve: Serve) -> None:
    """`Connection: close` of the application closes the connection and is sent once."""
    with Client(serve(answering(b"abc", headers=[("Connection", "close")]))) as client:
        assert client.send(GET).reply()["Connection"] == "close"
        assert client.rest() == b""


def test_body_shorter_than_declared(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """The connection closes, so that the client notices; the log gives the reason."""
    with Client(serve(answering(b"abc", headers=[("Content-Length", "5")]))) as client:
        assert client.send(GET).rest().endswith(b"\r\n\r\nabc")
    assert "2 bytes less" in caplog.text


def test_body_longer_than_declared(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """No byte beyond the declared length is sent, since it would be read as the next response."""
    with Client(serve(answering(b"abc", b"de", headers=[("Content-Length", "2")]))) as client:
        assert client.send(GET).reply().body == b"ab"
        assert client.send(GET).reply().body == b"ab"
    assert "more bytes" in caplog.text


class Closing(list[bytes]):
    """A body that records whether it was closed."""

    def __init__(self, *items: bytes) -> None:
        super().__init__(items)
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("headers, status", [([], 200), ([("X-A", "a\r\nb")], 500)])
def test_iterable_is_always_closed(serve: Serve, headers: list[tuple[str, str]], status: int) -> None:
    """`close()` is called once, also after a failed response."""
    body = Closing(b"a")

    def app(_environ: dict[str, Any], start_response: StartResponse) -> Closing:
        start_response("200 OK", headers)
        return body

    assert ask(serve(app), GET).status == status
    assert eventually(lambda: body.closed == 1)


def test_write_sends_at_once(serve: Serve) -> None:
    """The bytes of `write`, the callable of start_response, are sent before those of the iterable."""

    def app(_environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        write = start_response("200 OK", [])
        write(b"")
        write(b"a")
        write(b"b")
        return [b"c"]

    assert ask(serve(app), GET).body == b"abc"


def exc_info_of(error: Exception) -> tuple[type[BaseException], BaseException, TracebackType]:
    frame = sys._getframe()
    return type(error), error, TracebackType(None, frame, frame.f_lasti, frame.f_lineno)


def test_start_response_may_be_called_again_with_exc_info(serve: Serve) -> None:
    """Before anything is sent, an error page replaces the response."""

    def app(_environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [("X-First", "1"), ("Content-Length", "1")])
        start_response("418 Teapot", [("Content-Length", "1")], exc_info_of(ValueError()))
        return [b"t"]

    reply = ask(serve(app), GET)
    assert (reply.status, reply["X-First"], reply.body) == (418, "", b"t")


@pytest.mark.parametrize("traced", [True, False])
def test_exc_info_after_the_head_is_raised(serve: Serve, traced: bool, caplog: pytest.LogCaptureFixture) -> None:
    """After the head the error is raised again, logged with or without a traceback, and the connection is cut."""
    error = KeyError("late")
    exc_info: Any = exc_info_of(error) if traced else (KeyError, error, None)

    def app(_environ: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"a"
        start_response("500 Oh", [], exc_info)
        yield b"b"

    with Client(serve(app)) as client:
        assert client.send(GET).rest().endswith(b"\r\n\r\n1\r\na\r\n")
    assert "late" in caplog.text


def _raise(_environ: dict[str, Any], _start_response: StartResponse) -> list[bytes]:
    raise LookupError("secret")


def _exit(_environ: dict[str, Any], _start_response: StartResponse) -> list[bytes]:
    raise SystemExit


def _late(_environ: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
    """Yield an empty item first, which does not send the head."""
    start_response("200 OK", [])
    yield b""
    raise LookupError("secret")


def _twice(_environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [])
    start_response("200 OK", [])
    return []


def _never(_environ: dict[str, Any], _start_response: StartResponse) -> list[bytes]:
    return [b"body"]


@pytest.mark.parametrize(
    "app",
    [
        _raise,
        _exit,
        _late,
        _twice,
        _never,
        answering(b"", headers=[("X-A", "a\r\nX-B: b")]),
        answering(b"", headers=[("X-A", "a\nb")]),
        answering(b"", headers=[("X-A", "a\rb")]),
        answering(b"", headers=[("X-A", "a\0b")]),
        answering(b"", headers=[("X A", "a")]),
        answering(b"", headers=[("X-A:", "a")]),
        answering(b"", headers=[("X-A", "\u20ac")]),
        answering(b"", headers=[("Content-Length", "-1")]),
        answering(b"", headers=[("Transfer-Encoding", "chunked")]),
        answering(b"", status="200 OK\r\nX-A: a"),
        answering(b"", status="100 Continue"),
        answering(b"", status="OK"),
        answering(cast("bytes", "text")),
    ],
)
def test_faults_of_the_application(serve: Serve, app: WSGIApplication, caplog: pytest.LogCaptureFixture) -> None:
    """An exception or a malformed head is logged; the client gets a 500 without details."""
    with Client(serve(app)) as client:
        reply = client.send(GET).reply()
        assert (reply.status, reply["Content-Type"], reply["Connection"]) == (
            500,
            "application/json",
            "close",
        )
        assert b"secret" not in reply.body
        assert client.rest() == b""
    assert [(record.name, record.levelno) for record in caplog.records] == [("fakekounta.http", logging.ERROR)]
    assert caplog.records[0].exc_info


def test_fault_of_the_refusal_function(caplog: pytest.LogCaptureFixture) -> None:
    """If the function for the API's error shape fails, the client still gets the status."""

    def broken(_status: int, _description: str) -> tuple[str, bytes]:
        raise LookupError("broken")

    with HttpServer(Mirror(), refusal=broken) as server:
        assert ask(server, b"GET / HTTP/1.1\r\n\r\n").status == 400
    assert "broken" in caplog.text


# Start and stop


def test_address_is_known_before_the_start() -> None:
    """Port and URL of the listening socket are known once the server is made."""
    server = HttpServer(Mirror(), refusal=refusal)
    try:
        assert server.port > 0
        assert (server.host, server.url) == ("127.0.0.1", f"http://127.0.0.1:{server.port}")
    finally:
        server.stop()


def test_port_in_use_is_an_error(serve: Serve) -> None:
    """A second server on the same port raises when it is made."""
    with pytest.raises(OSError, match=r".") as raised:
        HttpServer(Mirror(), port=serve().port, refusal=refusal)
    assert raised.value.errno == errno.EADDRINUSE


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not _has_ipv6(), reason="this machine has no IPv6")
def test_ipv6(serve: Serve) -> None:
    """An IPv6 host is served, and is in brackets in the URL."""
    server = serve(host="::1")
    assert server.url == f"http://[::1]:{server.port}"
    assert ask(server, GET).status == 200


def test_every_address(serve: Serve) -> None:
    """The URL of a server on all addresses is one that a client can connect to."""
    server = serve(host="0.0.0.0")
    assert server.url == f"http://127.0.0.1:{server.port}"


def test_stop_is_quick_with_open_connections() -> None:
    """A server with only idle connections or incomplete requests stops within 20 ms."""
    taken: list[float] = []
    for _ in range(3):
        server = HttpServer(Mirror(), refusal=refusal)
        server.start()
        clients = [Client(server) for _ in range(8)]
        for client in clients:
            assert client.send(GET).reply().status == 200
        clients[0].send(b"GET /")
        began = time.perf_counter()
        server.stop()
        taken.append(time.perf_counter() - began)
        assert [client.rest() for client in clients] == [b""] * 8
        for client in clients:
            client.__exit__()
    assert min(taken) < 0.02


def test_stop_leaves_nothing_behind() -> None:
    """After `stop()` no thread is left, and the port is free at once."""
    before = set(threading.enumerate())
    server = HttpServer(Mirror(), refusal=refusal)
    server.start()
    with Client(server) as kept:
        kept.send(GET).reply()
        server.stop()
        assert set(threading.enumerate()) <= before
        with HttpServer(Mirror(), port=server.port, refusal=refusal) as successor:
            assert ask(successor, GET).status == 200
    with pytest.raises(ConnectionRefusedError):
        Client(server)


def test_stop_is_idempotent_and_final(serve: Serve) -> None:
    """A second `stop()` does nothing, `start()` works once, and a server need not be started."""
    server = serve()
    with pytest.raises(RuntimeError):
        server.start()
    for _ in range(2):
        server.stop()
    with pytest.raises(RuntimeError):
        server.start()
    HttpServer(Mirror(), refusal=refusal).stop()


class Gate:
    """An application that waits until the test opens it, or until its time is over."""

    def __init__(self, *, seconds: float = PATIENCE_SECONDS) -> None:
        self.entered, self.opened = threading.Event(), threading.Event()
        self._seconds = seconds

    def __call__(self, _environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        self.entered.set()
        self.opened.wait(self._seconds)
        start_response("200 OK", [])
        return [b"done"]


def test_stop_lets_requests_finish(serve: Serve) -> None:
    """A request that is being answered when `stop()` is called gets its response."""
    gate = Gate(seconds=0.05)
    server = serve(gate)
    with Client(server) as client:
        client.send(GET)
        assert gate.entered.wait(PATIENCE_SECONDS)
        server.stop()
        assert client.reply().body == b"done"
        assert client.rest() == b""


def test_stop_does_not_wait_for_ever(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """`stop()` leaves an application that does not return, and cuts its client."""
    gate = Gate()
    server = serve(gate)
    with Client(server) as client:
        client.send(GET)
        assert gate.entered.wait(PATIENCE_SECONDS)
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 1
        assert client.rest() == b""
    gate.opened.set()
    assert eventually(lambda: not connection_threads())
    assert caplog.records == []


def test_many_clients_at_once(serve: Serve) -> None:
    """Fifty clients with five requests each get the responses to their own requests."""
    server = serve()
    wrong: list[object] = []

    def run(number: int) -> None:
        with Client(server) as client:
            for turn in range(5):
                body = b"%d-%d" % (number, turn)
                client.send(HEAD_1_1 + b"Content-Length: %d\r\n\r\n" % len(body) + body)
                if client.reply().body != body:
                    wrong.append(body)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert wrong == []
