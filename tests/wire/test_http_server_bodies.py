"""Tests of the bytes that request bodies hold, of refusals before a body is read, and of memory that is freed."""

from __future__ import annotations

import gc
import socket
import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from fakekounta import FakeKounta
from fakekounta.wire.server import Limits
from fakekounta.wire.server import channel as channel_module
from fakekounta.wire.server.bodies import FREE_BYTES, BodyUnwanted, Intake, RequestBody, RequestBudget, RequestRefused
from fakekounta.wire.server.connection import Connection
from fakekounta.wire.server.request import RequestReader
from tests.sockets import basic
from tests.wire.test_http_server import (
    CHUNKED,
    GET,
    HEAD_1_1,
    PATIENCE_SECONDS,
    Client,
    Mirror,
    answering,
    ask,
    eventually,
    serve,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

    from tests.wire.test_http_server import Serve

__all__ = ["serve"]

TOO_MANY = "Too many large requests are being received: try again later."


def posting(size: int, *, path: str = "/", extra: str = "") -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n{extra}\r\n".encode()


# The budget


def test_a_budget_is_shared_to_the_last_byte() -> None:
    """Taken bytes are free again once they are given back, to the byte."""
    budget = RequestBudget(10)
    assert budget.take(9)
    assert budget.take(2) is False
    assert budget.take(1)
    assert budget.left == 0
    assert budget.take(0)
    assert not budget.take(1)
    budget.give_back(4)
    assert budget.left == 4
    assert budget.take(4)


def test_a_body_takes_what_is_beyond_its_free_bytes() -> None:
    """The first 64 KiB of a body are not counted; `release` gives back exactly the counted bytes, once."""
    budget = RequestBudget(100)
    body = RequestBody(10**9, budget)
    body.add(bytes(FREE_BYTES - 1))
    assert budget.left == 100
    body.add(b"x")
    assert budget.left == 100
    body.add(b"y")
    assert budget.left == 99
    body.add(bytes(99))
    assert budget.left == 0
    with pytest.raises(RequestRefused) as refused:
        body.add(b"z")
    assert (refused.value.status, refused.value.description) == (503, TOO_MANY)
    assert body.size == FREE_BYTES + 101
    for _ in range(2):
        body.release()
        assert budget.left == 100


def test_a_body_that_crosses_the_free_bytes_in_one_piece() -> None:
    """Only the bytes beyond the free ones are counted."""
    budget = RequestBudget(100)
    body = RequestBody(10**9, budget)
    body.add(bytes(FREE_BYTES + 7))
    assert budget.left == 93
    assert FREE_BYTES == 65_536


def test_a_body_is_too_large_by_one_byte() -> None:
    """A body at its limit is accepted; one byte more is a 413."""
    body = RequestBody(3, RequestBudget(0))
    body.add(b"ab")
    body.add(b"c")
    assert body.file().read() == b"abc"
    with pytest.raises(RequestRefused) as refused:
        body.add(b"d")
    assert (refused.value.status, refused.value.description) == (413, "The request body is too large.")


def test_bodies_of_each_kind_have_a_budget_of_their_own() -> None:
    """Bodies with a raised limit and ordinary ones take nothing from each other's budget."""
    limits = Limits(body_bytes=10, unfinished_bytes=20, large_body_bytes=40)
    asked: dict[str, int | None] = {"/": 10, "/large": 11, "/small": 9, "/none": None}
    intake = Intake(limits, lambda environ: asked[environ["PATH_INFO"]])
    assert (intake.usual.left, intake.large.left) == (20, 40)
    for path, budget in (("/", intake.usual), ("/small", intake.usual), ("/large", intake.large)):
        body = intake.body({"PATH_INFO": path})
        assert (body.limit, body._budget) == (asked[path], budget)
    with pytest.raises(BodyUnwanted):
        intake.body({"PATH_INFO": "/none"})
    assert Intake(limits).body({}).limit == 10


def test_one_body_of_the_largest_size_always_fits() -> None:
    """A body of the largest size fits, whatever size the user allows."""
    assert Intake(Limits(body_bytes=10**9)).usual.left == 10**9
    assert Intake(Limits()).usual.left == 64 * 2**20
    assert Intake(Limits()).large.left == 256 * 2**20


def test_an_application_whose_body_limit_fails(caplog: pytest.LogCaptureFixture) -> None:
    """The log gives the reason, and the response asks the client to try again."""

    def broken(_: Any) -> int:
        raise LookupError("cannot say")

    with pytest.raises(RequestRefused) as refused:
        Intake(Limits(), broken).body({})
    assert (refused.value.status, refused.value.description) == (
        503,
        "The request cannot be answered now: try again later.",
    )
    assert "cannot say" in caplog.text


# On the wire


def test_unfinished_bodies_share_a_budget(serve: Serve) -> None:
    """If the budget is used up, a further large body is a 503; small and complete ones are accepted."""
    server = serve(body_bytes=FREE_BYTES * 3, unfinished_bytes=FREE_BYTES * 3)
    usual = server._service.intake.usual
    with Client(server) as first, Client(server) as second:
        first.send(posting(FREE_BYTES * 3) + bytes(FREE_BYTES * 3 - 1))
        assert eventually(lambda: usual.left == FREE_BYTES + 1)
        second.send(posting(FREE_BYTES * 3) + bytes(FREE_BYTES * 3 - 1))
        reply = second.reply()
        assert (reply.status, TOO_MANY.encode() in reply.body, reply["Connection"]) == (503, True, "close")
        assert eventually(lambda: usual.left == FREE_BYTES + 1)
        assert ask(server, posting(FREE_BYTES) + bytes(FREE_BYTES)).status == 200
        assert first.send(b"x").reply().body == bytes(FREE_BYTES * 3 - 1) + b"x"
        assert eventually(lambda: usual.left == FREE_BYTES * 3)
        assert ask(server, posting(FREE_BYTES * 3) + bytes(FREE_BYTES * 3)).status == 200


def test_a_body_counts_until_it_is_answered(serve: Serve) -> None:
    """A body counts as long as the application works on it."""
    seen: list[int] = []

    def app(_: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        seen.append(server._service.intake.usual.left)
        if len(seen) == 2:
            raise LookupError
        start_response("200 OK", [])
        return []

    server = serve(app, body_bytes=FREE_BYTES * 2, unfinished_bytes=FREE_BYTES * 2)
    for status in (200, 500):
        assert ask(server, posting(FREE_BYTES * 2) + bytes(FREE_BYTES * 2)).status == status
        assert eventually(lambda: server._service.intake.usual.left == FREE_BYTES * 2)
    assert seen == [FREE_BYTES, FREE_BYTES]


@pytest.mark.parametrize("end", ["reset", "close", "too long", "no chunk"])
def test_an_aborted_body_gives_its_bytes_back(serve: Serve, end: str) -> None:
    """An aborted body gives its bytes back, however it ends."""
    server = serve(body_bytes=FREE_BYTES * 2)
    usual = server._service.intake.usual
    with Client(server) as client:
        client.send(HEAD_1_1 + CHUNKED + b"\r\n%x\r\n" % (FREE_BYTES + 9) + bytes(FREE_BYTES + 9))
        assert eventually(lambda: usual.left == 64 * 2**20 - 9)
        if end == "reset":
            client.reset()
        elif end == "close":
            client.sock.shutdown(socket.SHUT_WR)
        else:
            client.send(b"\r\nfffff\r\n" + bytes(FREE_BYTES) if end == "too long" else b"\r\nxyz\r\n")
        assert eventually(lambda: usual.left == 64 * 2**20)


FRAMINGS = ["Content-Length: 9", "Transfer-Encoding: chunked", "Content-Length: 9\r\nExpect: 100-continue"]
UPGRADING = "Connection: Upgrade\r\nUpgrade: h2c\r\n"


@pytest.mark.parametrize("upgrade", ["", UPGRADING])
@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_body_that_is_not_wanted_is_not_read(serve: Serve, framing: str, upgrade: str) -> None:
    """The application answers once the head is complete, without a body, and the connection is closed."""
    mirror = Mirror()
    server = serve(mirror, asked={"body_limit": lambda environ: None if environ["PATH_INFO"] == "/no" else 9})
    with Client(server) as client:
        client.send(f"POST /no HTTP/1.1\r\nHost: a\r\n{upgrade}{framing}\r\n\r\n".encode())
        reply = client.reply()
        assert (reply.status, reply.body, reply["Connection"]) == (200, b"", "close")
        client.send(b"9\r\n" + bytes(9))
        assert client.rest() == b""
    assert mirror.environs[0]["CONTENT_LENGTH"] == "0"
    assert "HTTP_TRANSFER_ENCODING" not in mirror.environs[0]
    assert len(mirror.environs) == 1


def test_body_limit_is_not_called_without_a_body(serve: Serve) -> None:
    """A request without a body does not call `body_limit`."""

    def limit(_: dict[str, Any]) -> int:
        raise AssertionError

    server = serve(asked={"body_limit": limit})
    for data in (GET, posting(0), posting(0, extra="Expect: 100-continue\r\n")):
        assert ask(server, data).status == 200


@pytest.mark.parametrize("size, status", [(5, 200), (6, 413)])
def test_the_application_sets_the_limit(serve: Serve, size: int, status: int) -> None:
    """`body_limit` may set a larger or smaller limit than the usual one, to the byte."""
    server = serve(asked={"body_limit": lambda _: 5}, body_bytes=4)
    assert ask(server, posting(size) + bytes(size)).status == status


def test_a_refused_upload_can_read_its_answer_to_the_end(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that sends all of a refused body before it reads gets the response: the bytes are read and dropped."""
    monkeypatch.setattr(channel_module, "LINGER_SECONDS", PATIENCE_SECONDS)
    size = 80 * 2**20
    server = serve(asked={"body_limit": lambda _: None})
    with Client(server) as client:
        client.send(posting(size))
        client.send(bytes(size))
        assert client.reply().status == 200


# Memory after a request


@pytest.fixture
def without_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


BROKEN = [
    posting(9) + b"abc",
    HEAD_1_1 + CHUNKED + b"\r\n3\r\nabc\r\n",
    posting(99) + b"abc",
    HEAD_1_1 + CHUNKED + b"\r\nfff\r\nabc" + bytes(99),
    HEAD_1_1 + CHUNKED + b"\r\nxyz",
    posting(9, extra=UPGRADING) + b"abc",
    HEAD_1_1 + UPGRADING.encode() + CHUNKED + b"\r\n3\r\nabc\r\n",
    b"GET / HT",
    b"\0",
    GET,
    b"",
    posting(9, path="/no"),
]


@pytest.mark.usefixtures("without_collector")
@pytest.mark.parametrize("data", BROKEN)
def test_a_closed_reader_leaves_no_cycle(data: bytes) -> None:
    """Parser, reader and body are freed without the garbage collector."""

    def limit(environ: dict[str, Any]) -> int | None:
        return None if environ["PATH_INFO"] == "/no" else 50

    reader = RequestReader({}, Limits(), Intake(Limits(body_bytes=50), limit))
    reader.feed(data)
    gone = weakref.ref(reader)
    reader.close()
    del reader
    assert gone() is None


@pytest.mark.usefixtures("without_collector")
@pytest.mark.parametrize("data", BROKEN)
@pytest.mark.parametrize("ending", ["reset", "half-close"])
def test_an_ended_connection_leaves_no_cycle(
    serve: Serve, data: bytes, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that was read is freed with the connection, whatever was sent and however it ended."""
    made: list[weakref.ref[Connection]] = []

    class Watched(Connection):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            made.append(weakref.ref(self))

    monkeypatch.setattr("fakekounta.wire.server.server.Connection", Watched)
    asked = {"body_limit": lambda environ: None if environ["PATH_INFO"] == "/no" else 50}
    server = serve(answering(b""), asked=asked)
    with Client(server) as client:
        client.send(data)
        if ending == "half-close":
            client.sock.shutdown(socket.SHUT_WR)
            client.rest()
        else:
            client.reset()
        assert eventually(lambda: bool(made))
        assert eventually(lambda: made[0]() is None)


@pytest.mark.usefixtures("without_collector")
def test_an_idle_connection_keeps_nothing_of_its_last_request(serve: Serve) -> None:
    """An idle connection does not keep its last body in memory."""
    environs: list[weakref.ref[Any]] = []

    class Marker: ...

    def app(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        marker = environ["marker"] = Marker()
        environs.append(weakref.ref(marker))
        start_response("200 OK", [])
        return []

    with Client(serve(app)) as client:
        for _ in range(2):
            assert client.send(posting(2) + b"hi").reply().status == 200
            assert eventually(lambda: environs[-1]() is None)


# The fake


def put_state(token: str = "", size: int = 200_000_000, host: str = "127.0.0.1", extra: str = "") -> bytes:
    extra = f"X-Fakekounta-Token: {token}\r\n{extra}" if token else extra
    head = f"PUT /_fakekounta/state HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    return f"{head}{extra}Content-Length: {size}\r\n\r\n".encode()


@pytest.fixture(scope="module")
def guarded() -> Iterator[FakeKounta]:
    with FakeKounta(control_token="the-control-token") as kounta:
        yield kounta


@pytest.mark.parametrize("prefix", ["", "/_fakekounta/ns/one"])
@pytest.mark.parametrize(
    "data, status",
    [
        (put_state(), 401),
        (put_state("wrong"), 401),
        (put_state("the-control-token", extra="Origin: http://evil.example\r\n"), 403),
        (put_state(host="evil.example"), 403),
        (put_state("the-control-token").replace(b"application/json", b"text/plain"), 403),
    ],
)
def test_a_control_call_is_refused_before_its_body_is_read(
    guarded: FakeKounta, data: bytes, status: int, prefix: str
) -> None:
    """Token and guard are checked once the head is complete, before any of the body."""
    server: Any = guarded._serving.server()
    with Client(server) as client:
        client.send(data.replace(b"/_fakekounta/state", f"{prefix}/_fakekounta/state".encode()))
        assert client.reply().status == (
            400 if prefix and b"evil.example\r\nC" in data and b"Origin" in data else status
        )
        assert client.rest() == b""


def test_a_control_call_that_is_let_in_may_be_large(guarded: FakeKounta) -> None:
    """A control call with the token may have 256 MiB, for a whole state; a larger one is a 413."""
    server: Any = guarded._serving.server()
    with Client(server) as client:
        client.send(put_state("the-control-token", size=2**28, extra="Expect: 100-continue\r\n"))
        assert client.line() == b"HTTP/1.1 100 Continue\r\n"
    assert ask(server, put_state("the-control-token", size=2**28 + 1)).status == 413


@pytest.mark.parametrize("path", ["/v1/companies/me/customers", "/_fakekounta/ns/one/v1/companies/me/customers"])
def test_the_api_takes_small_bodies_only(guarded: FakeKounta, path: str) -> None:
    """The small limit also holds below the path of a namespace, which begins like that of the control surface."""
    server: Any = guarded._serving.server()
    assert ask(server, posting(2**20 + 1, path=path)).status == 413


class Marker:
    """An object in an environ, freed with it."""


class Watching(FakeKounta):
    """An application that knows which environs are still in memory."""

    def __init__(self) -> None:
        super().__init__(control_token="the-control-token")
        self.markers: list[weakref.ref[Marker]] = []

    def wsgi_app(self, environ: dict[str, Any], start_response: StartResponse) -> Any:
        environ["marker"] = marker = Marker()
        self.markers.append(weakref.ref(marker))
        return super().wsgi_app(environ, start_response)


AUTHORIZED = f"Authorization: {basic('fake-client-id', 'fake-client-secret')}\r\nAccept: */*\r\n"
JSON = "Content-Type: application/json\r\n"
TOKEN = "X-Fakekounta-Token: the-control-token\r\n"
CUSTOMERS = "/v1/companies/me/customers"


@pytest.mark.usefixtures("without_collector")
@pytest.mark.parametrize(
    "path, extra, status",
    [
        (CUSTOMERS, AUTHORIZED + JSON, 400),
        (CUSTOMERS, "Accept: */*\r\n" + JSON, 401),
        (CUSTOMERS, JSON, 406),
        (CUSTOMERS + "/1/addresses/2/x", AUTHORIZED, 404),
        ("/v1/companies/me", AUTHORIZED, 405),
        ("/v1/nowhere", AUTHORIZED, 404),
        ("/_fakekounta/ns/one/v1/nowhere", AUTHORIZED, 404),
        ("/_fakekounta/ns/one/v1/nowhere", AUTHORIZED + "Origin: http://evil.example\r\n", 400),
        (CUSTOMERS, "X-Fakekounta-Namespace: no name\r\n", 400),
        ("/_fakekounta/customers", JSON + TOKEN, 400),
        ("/_fakekounta/customers", JSON, 401),
        ("/_fakekounta/customers", TOKEN, 403),
        ("/_fakekounta/customers", JSON + "X-Fakekounta-Namespace: one\r\n", 401),
        ("/_fakekounta/nowhere", JSON + TOKEN, 404),
    ],
)
def test_the_fake_keeps_no_environ(path: str, extra: str, status: int) -> None:
    """No answered request leaves a cycle that holds its body."""
    with Watching() as kounta:
        server: Any = kounta._serving.server()
        with Client(server) as client:
            client.send(posting(2, path=path, extra=extra) + b"{}")
            assert client.reply().status == status
            assert eventually(lambda: kounta.markers[0]() is None)


@pytest.mark.usefixtures("without_collector")
@pytest.mark.parametrize("fault", [{"status": 503}, {"connection": "close"}, {"connection": "truncate"}])
@pytest.mark.parametrize("path", [CUSTOMERS, "/v1/nowhere"])
def test_faults_keep_no_environ(path: str, fault: dict[str, Any]) -> None:
    """A request that a fault makes fail leaves no cycle either, on known and unknown paths."""
    with Watching() as kounta:
        kounta.faults.add(path="/**", **fault)
        server: Any = kounta._serving.server()
        with Client(server) as client:
            client.send(posting(2, path=path, extra=AUTHORIZED) + b"{}")
            client.sock.shutdown(socket.SHUT_WR)
            client.rest()
            assert eventually(lambda: kounta.markers[0]() is None)
