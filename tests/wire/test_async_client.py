"""Tests of the asynchronous client without a socket, under asyncio and trio."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from threading import get_ident
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pytest

from fakekounta import FakeKounta
from fakekounta.wire.clients.httpx import AsyncWsgiTransport
from tests.caller import CUSTOMERS, ORIGIN
from tests.lab import CREATED, PATIENCE_SECONDS, calling

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

NEW = {"first_name": "Kim", "phone": "2"}
MINE: ContextVar[str] = ContextVar("mine", default="nothing")
Use = Callable[[httpx.AsyncClient], Awaitable[Any]]


@pytest.fixture
def kounta(fakekounta_server: FakeKounta) -> Iterator[FakeKounta]:
    with fakekounta_server.fresh() as fresh:
        fresh.customers.add(first_name="Sam", email="sam@example.com")
        yield fresh


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest, kounta: FakeKounta) -> Callable[[Use], Any]:
    """Return a function that runs a coroutine function with a client, under each library."""

    async def with_client(use: Use) -> Any:
        async with kounta.httpx_async_client(auth=kounta.auth) as client:
            with anyio.fail_after(PATIENCE_SECONDS):
                return await use(client)

    return lambda use: anyio.run(with_client, use, backend=request.param)


@pytest.mark.parametrize(
    "method, path, rest",
    [
        ("GET", f"{CUSTOMERS}.json", {}),
        ("GET", f"{CUSTOMERS}?email=sam@example.com", {"follow_redirects": True}),
        ("GET", f"{CUSTOMERS}/1", {}),
        ("HEAD", CUSTOMERS, {}),
        ("POST", CUSTOMERS, {"json": {"first_name": ""}}),
        ("GET", CUSTOMERS, {"auth": ("nobody", "wrong")}),
        ("POST", "/v1/token", {"data": {"grant_type": "nothing"}}),
    ],
)
def test_responses_equal_those_of_the_synchronous_client(
    kounta: FakeKounta, run: Callable[[Use], Any], method: str, path: str, rest: dict[str, Any]
) -> None:
    """Status, headers and body are those of `httpx_client`."""

    async def ask(client: httpx.AsyncClient) -> httpx.Response:
        return await client.request(method, path, **rest)

    with kounta.httpx_client(auth=kounta.auth) as other:
        expected = other.request(method, path, **rest)
    got = run(ask)
    assert (got.status_code, got.content) == (expected.status_code, expected.content)
    assert {**got.headers, "date": ""} == {**expected.headers, "date": ""}
    assert (got.http_version, got.reason_phrase) == ("HTTP/1.1", expected.reason_phrase)


@pytest.mark.parametrize("origin", ["", ORIGIN, "https://my.kounta.com"])
def test_each_origin_leads_to_the_fake(run: Callable[[Use], Any], origin: str) -> None:
    """A change at the fake's own address or at a real one is made; the body may be a generator."""

    async def parts() -> Any:
        yield b'{"first_name": "Kim", '
        yield b'"phone": "2"}'

    async def change(client: httpx.AsyncClient) -> int:
        answer = await client.post(
            f"{origin}{CUSTOMERS}", content=parts(), headers={"Content-Type": "application/json"}
        )
        return answer.status_code

    assert run(change) == 201


def test_other_origins_are_connection_errors(run: Callable[[Use], Any]) -> None:
    """Other origins raise a connection error, as with the other clients."""

    async def ask(client: httpx.AsyncClient) -> None:
        with pytest.raises(httpx.ConnectError, match="this client reaches fakekounta only"):
            await client.get("http://127.0.0.1:9/")

    run(ask)


def test_streams_hooks_and_elapsed(run: Callable[[Use], Any]) -> None:
    """A response can be streamed, hooks get the request and the response, and `elapsed` is set."""

    async def ask(client: httpx.AsyncClient) -> None:
        seen: list[str] = []

        async def on_request(request: httpx.Request) -> None:
            seen.append(request.method)

        async def on_response(response: httpx.Response) -> None:
            seen.append((await response.aread()).decode()[:1])

        client.event_hooks = {"request": [on_request], "response": [on_response]}
        assert (await client.get(f"{CUSTOMERS}.json")).elapsed.total_seconds() > 0
        assert seen == ["GET", "["]
        client.event_hooks = {}
        async with client.stream("GET", f"{CUSTOMERS}.json") as answer:
            pieces = [piece async for piece in answer.aiter_raw(10)]
        assert len(pieces) > 5
        assert b"".join(pieces).startswith(b"[{")
        assert answer.elapsed.total_seconds() > 0

    run(ask)


def test_the_loop_goes_on_while_a_fault_delays(kounta: FakeKounta, run: Callable[[Use], Any]) -> None:
    """While fifty requests wait for an hour, another one is answered; cancelling them ends their waiting."""
    kounta.faults.slow(3600, "POST")

    async def ask(client: httpx.AsyncClient) -> int:
        async with anyio.create_task_group() as tasks:
            for _ in range(50):
                tasks.start_soon(_posted, client)
            while kounta.faults.all()[0].fired < 50:  # noqa: ASYNC110 - the fake has no event of anyio's
                await anyio.sleep(0.001)
            answer = await client.get(f"{CUSTOMERS}.json")
            tasks.cancel_scope.cancel()
        return answer.status_code

    async def _posted(client: httpx.AsyncClient) -> None:
        await client.post(CUSTOMERS, json=NEW, timeout=None)

    assert run(ask) == 200
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(kounta.requests.find(method="POST")) < 50 and time.monotonic() < deadline:
        time.sleep(0.001)
    assert len(kounta.requests.find(method="POST")) == 50


def test_a_delay_over_the_timeout_raises_at_once(kounta: FakeKounta, run: Callable[[Use], Any]) -> None:
    """A delay longer than the client's timeout raises its ReadTimeout without waiting."""
    kounta.faults.slow(3600)

    async def ask(client: httpx.AsyncClient) -> None:
        with pytest.raises(httpx.ReadTimeout):
            await client.get(CUSTOMERS, timeout=1800)

    run(ask)


@pytest.mark.parametrize(
    "connection, error",
    [
        ("close", httpx.RemoteProtocolError),
        ("reset", httpx.ReadError),
        ("garbage", httpx.RemoteProtocolError),
        ("truncate", httpx.RemoteProtocolError),
        ("drip", httpx.ReadTimeout),
    ],
)
def test_broken_connections(
    kounta: FakeKounta, run: Callable[[Use], Any], connection: str, error: type[Exception]
) -> None:
    """A broken connection raises what httpx raises over a socket, also in the middle of the body."""
    kounta.faults.add(method="GET", connection=connection, drip_seconds=3600 if connection == "drip" else None)

    async def ask(client: httpx.AsyncClient) -> None:
        with pytest.raises(error) as raised:
            await client.get(f"{CUSTOMERS}.json")
        assert isinstance(raised.value, httpx.RequestError)
        assert str(raised.value.request.url).endswith(f"{CUSTOMERS}.json")

    run(ask)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_app_runs_in_a_thread_and_a_context_of_its_own(backend: str) -> None:
    """The app sees no context variable of the task, and the task none of the app."""
    seen: list[Any] = []

    def app(_: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        seen.append((get_ident(), MINE.get()))
        MINE.set("the app's")
        start_response("204 No Content", [])
        return []

    async def ask() -> None:
        MINE.set("the task's")
        async with httpx.AsyncClient(transport=AsyncWsgiTransport(app, lambda: (ORIGIN,))) as client:
            for _ in range(2):
                assert (await client.get(ORIGIN)).status_code == 204
        assert MINE.get() == "the task's"

    anyio.run(ask, backend=backend)
    assert [mine for _, mine in seen] == ["nothing", "nothing"]
    assert get_ident() not in [thread for thread, _ in seen]


def test_a_receiver_may_call_back(kounta: FakeKounta, run: Callable[[Use], Any]) -> None:
    """Deliveries of a request are made in its thread, and a receiver may send requests (W20 counts the chain)."""
    heard: list[str] = []
    kounta.webhooks.add(CREATED, "http://shop.example/hook")
    kounta.webhooks.deliver_to(calling(lambda path, _: heard.append(path)))

    async def change(client: httpx.AsyncClient) -> int:
        return (await client.post(CUSTOMERS, json=NEW)).status_code

    assert (run(change), heard) == (201, ["/hook"])
