"""Tests of properties that the HTTP server has for any bytes of a client."""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakekounta.wire.server import HttpServer, Limits
from fakekounta.wire.server.request import RequestReader
from tests.shares import examples
from tests.wire.test_http_server import CHUNKED, GET, UPGRADE, Client, Reply, refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

LIMITS = Limits(body_bytes=300, head_bytes=600, target_bytes=60, request_seconds=2.0)
BOUND_SECONDS = 4.0

# deadline=None: an example goes through the network of a shared machine; the limits of time are asserted below.
# All examples share one server on purpose: no client may affect the next one.
WIRE = settings(deadline=None, max_examples=examples(250), suppress_health_check=[HealthCheck.function_scoped_fixture])
INSIDE = settings(deadline=None, max_examples=examples(400))

POST = b"POST /a HTTP/1.1\r\nHost: a\r\n"
VALID = (
    GET,
    b"GET /b?c HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n",
    POST + b"Content-Length: 5\r\n\r\nhello",
    POST + CHUNKED + b"\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-T: 1\r\n\r\n",
    b"POST /u HTTP/1.1\r\n" + UPGRADE + b"Content-Length: 3\r\n\r\nabc",
    b"POST /u HTTP/1.1\r\n" + UPGRADE + CHUNKED + b"\r\n1\r\na\r\n0\r\n\r\n",
    POST + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\nhi",
)
CLOSING = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
FRAGMENTS = (
    *(b"GET", b"POST", b"CONNECT", b"BREW", b" ", b"/", b"*", b"http://x/", b"?", b"#", b"%", b"HTTP/1.1"),
    *(
        b"HTTP/1.0",
        b"HTTP/3.9",
        b"\r\n",
        b"\n",
        b"\r",
        b"\r\n\r\n",
        b":",
        b"Host: a\r\n",
        b"\0",
        b"\xff",
        b"0",
    ),
    *(
        b"Content-Length: 9\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 99999999\r\n",
        CHUNKED,
        b"ffffffff",
    ),
    *(b"Transfer-Encoding: gzip\r\n", b"Expect: 100-continue\r\n", b"Expect: x\r\n", UPGRADE, b";" * 700),
    *(b"Connection: close\r\n", b"X_Y: z\r\n", b"A" * 700, b"a: b\r\n" * 200),
)

requests = st.lists(st.sampled_from(VALID), min_size=1, max_size=4).map(b"".join)
fragments = st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=4), max_size=20).map(b"".join)


@st.composite
def mutated_requests(draw: st.DrawFn) -> bytes:
    """Draw requests in which some pieces are replaced by others."""
    data = draw(requests)
    for _ in range(draw(st.integers(1, 3))):
        begin = draw(st.integers(0, len(data)))
        end = draw(st.integers(begin, min(begin + 20, len(data))))
        data = data[:begin] + draw(st.sampled_from(FRAGMENTS) | st.binary(max_size=4)) + data[end:]
    return data


@st.composite
def segmented_requests(draw: st.DrawFn) -> list[bytes]:
    """Draw requests cut into segments at any byte."""
    data = draw(requests)
    cuts = sorted(draw(st.sets(st.integers(1, len(data) - 1), max_size=12)))
    return [data[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


def echo(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
    """Answer with the request; a response to HEAD is 204, so that it can be read without knowing the method."""
    body = b"%b %b" % (environ["PATH_INFO"].encode("latin-1"), environ["wsgi.input"].read())
    start_response("204 No Content" if environ["REQUEST_METHOD"] == "HEAD" else "200 OK", [])
    return [body]


@pytest.fixture(scope="module")
def server() -> Iterator[HttpServer]:
    with HttpServer(echo, limits=LIMITS, refusal=refusal) as server:
        yield server


def answers_to(server: HttpServer, segments: list[bytes]) -> bytes:
    """Return all that the server sends after these segments and the end of the client's side."""
    with Client(server) as client:
        for segment in segments:
            client.send(segment)
        client.sock.shutdown(socket.SHUT_WR)
        return client.rest()


def replies_in(data: bytes) -> list[Reply]:
    """Return the responses in the data; fail if it is not a sequence of complete ones."""
    file = io.BytesIO(data)
    replies = []
    while file.tell() < len(data):
        replies.append(Reply(file))
    return replies


def check_replies(server: HttpServer, segments: list[bytes]) -> None:
    began = time.monotonic()
    replies = replies_in(answers_to(server, segments))
    assert time.monotonic() - began < BOUND_SECONDS
    assert all(reply.status < 500 for reply in replies)
    refused = [reply["Content-Type"] == "application/json" for reply in replies]
    assert True not in refused[:-1], "nothing follows a refusal"
    assert [reply.body for reply in replies_in(answers_to(server, [GET]))] == [b"/ "]


@WIRE
@given(data=st.binary(max_size=200))
def test_any_bytes(server: HttpServer, data: bytes) -> None:
    """Random bytes get well-formed responses below 500, or none, and do not affect other clients."""
    check_replies(server, [data])


@WIRE
@given(data=fragments)
def test_fragments_of_http(server: HttpServer, data: bytes) -> None:
    """The same holds for any sequence of fragments of HTTP."""
    check_replies(server, [data])


@WIRE
@given(data=mutated_requests())
def test_mutated_requests(server: HttpServer, data: bytes) -> None:
    """The same holds for requests that are nearly well-formed."""
    check_replies(server, [data])


@WIRE
@given(segments=segmented_requests())
def test_segments_on_the_wire(server: HttpServer, segments: list[bytes]) -> None:
    """The responses do not depend on how the bytes of requests are cut into segments."""
    whole = replies_in(answers_to(server, [b"".join(segments)]))
    cut = replies_in(answers_to(server, segments))
    assert all(reply.status == 200 for reply in whole)
    assert [reply.body for reply in cut] == [reply.body for reply in whole]


@WIRE
@given(segments=segmented_requests())
def test_nothing_follows_the_last_request(server: HttpServer, segments: list[bytes]) -> None:
    """After `Connection: close` further requests are not answered, in whatever segments they arrive."""
    try:
        data = answers_to(server, [CLOSING, *segments])
    except ConnectionError:
        return  # The server had closed before the rest was sent.
    assert len(replies_in(data)) == 1


def read_in(segments: list[bytes]) -> tuple[list[tuple[dict[str, Any], bool]], tuple[int, str] | None]:
    """Return the requests that a reader makes of these segments, and the reason why it refuses the rest."""
    reader = RequestReader({}, LIMITS)
    found = []
    for segment in segments:
        found += reader.feed(segment)
        if reader.refused:
            break
    refused = (reader.refused.status, reader.refused.description) if reader.refused else None
    for request in found:
        request.environ["wsgi.input"] = request.environ["wsgi.input"].read()
    return [(request.environ, request.keep_alive) for request in found], refused


@INSIDE
@given(segments=segmented_requests())
def test_segments_make_no_difference(segments: list[bytes]) -> None:
    """All keys of the environs are equal however the bytes arrive, even one by one."""
    data = b"".join(segments)
    whole = read_in([data])
    assert whole[1] is None
    assert read_in(segments) == whole
    assert read_in([bytes([byte]) for byte in data]) == whole


@INSIDE
@given(data=mutated_requests() | fragments)
def test_reader_survives_anything(data: bytes) -> None:
    """No bytes make the reader raise; it refuses them with a status below 500."""
    for segments in ([data], [bytes([byte]) for byte in data]):
        _, refused = read_in(segments)
        assert refused is None or refused[0] in {400, 405, 413, 414, 417, 431}


@INSIDE
@given(
    body=st.binary(max_size=300),
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=20),
)
def test_chunks_make_no_difference(body: bytes, sizes: list[int]) -> None:
    """A body is the same in chunks of any size as in one piece."""
    chunks: list[bytes] = []
    rest = body
    while rest:
        size = sizes[len(chunks) % len(sizes)]
        chunks.append(b"%x\r\n%b\r\n" % (len(rest[:size]), rest[:size]))
        rest = rest[size:]
    found, refused = read_in([POST + CHUNKED + b"\r\n" + b"".join(chunks) + b"0\r\n\r\n"])
    assert refused is None
    assert found[0][0]["wsgi.input"] == body
    assert found[0][0].get("CONTENT_LENGTH", "0") == str(len(body))
