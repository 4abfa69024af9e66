"""Tests of deliveries into an application without a socket: Flask, FastAPI and Django, WSGI and ASGI."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import fastapi
import flask
import pytest
from fastapi.responses import StreamingResponse

from fakekounta import FakeKounta
from fakekounta.process.unpatched import Socket
from fakekounta.signing import HEADER, verify
from fakekounta.wire.delivery.into_app import AppReceiver
from fakekounta.wire.delivery.posting import Blocked, Parcel
from tests import django_receiver
from tests.caller import CUSTOMERS
from tests.django_receiver import Hear
from tests.lab import CREATED, PATIENCE_SECONDS, UPDATED, calling, customer, outcomes, until_done

Make = Callable[[Hear], Any]


def flask_app(hear: Hear) -> Any:
    app = flask.Flask("receiver")

    @app.post("/sync")
    def sync() -> tuple[str, int]:
        request = flask.request
        return "", hear(request.path, request.query_string.decode(), request.headers.get(HEADER), request.get_data())

    return app


def fastapi_app(hear: Hear) -> Any:
    app = fastapi.FastAPI()

    def answer(request: fastapi.Request, body: bytes) -> fastapi.Response:
        status = hear(request.url.path, request.url.query, request.headers.get(HEADER), body)
        return fastapi.Response(status_code=status)

    async def asynchronous(request: fastapi.Request) -> fastapi.Response:
        return answer(request, await request.body())

    def sync(request: fastapi.Request, body: bytes = fastapi.Depends(_body)) -> fastapi.Response:
        return answer(request, body)

    app.add_api_route("/async", asynchronous, methods=["POST"])
    app.add_api_route("/sync", sync, methods=["POST"])
    return app


async def _body(request: fastapi.Request) -> bytes:
    return await request.body()


APPS: dict[str, tuple[Make, str]] = {
    "flask": (flask_app, "/sync"),
    "fastapi async": (fastapi_app, "/async"),
    "fastapi sync": (fastapi_app, "/sync"),
    "django wsgi": (django_receiver.wsgi_app, "/sync"),
    "django wsgi async view": (django_receiver.wsgi_app, "/async"),
    "django asgi": (django_receiver.asgi_app, "/async"),
    "django asgi sync view": (django_receiver.asgi_app, "/sync"),
}


class Shop:
    """A receiver as users write it: it verifies the signature of the received bytes and keeps what it got."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, bytes]] = []

    def __call__(self, path: str, query: str, signature: str | None, body: bytes) -> int:
        self.heard.append((path, query, body))
        return 204 if verify(body, signature) else 401


@pytest.fixture(autouse=True)
def no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail the test if anything opens a connection."""

    def connect(*_: Any) -> None:
        raise AssertionError("a connection was made")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(Socket, "connect", connect)


# --- the frameworks --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("name", APPS)
def test_it_reaches_the_app(name: str, form: str) -> None:
    """The app gets path, query, signature and the exact bytes, whatever the host of the address; 2xx is delivered."""
    make, path = APPS[name]
    shop, kounta = Shop(), FakeKounta()
    kounta.webhooks.add(CREATED, f"https://shop.example{path}?a=b%20c", format=form)
    assert kounta.webhooks.deliver_to(make(shop)) == 0
    customer(kounta, "Zoë \U0001f600")
    (delivery,) = kounta.webhooks.deliveries
    assert (delivery.outcome, delivery.attempts[0].status, delivery.attempts[0].error) == ("delivered", 204, None)
    assert shop.heard == [(path, "a=b%20c", delivery.attempts[0].body)]


@pytest.mark.parametrize("name", APPS)
def test_what_the_app_refuses_is_tried_again(name: str) -> None:
    """An app that has another token answers 401, a failure, and is called again when the retry is due."""
    make, path = APPS[name]
    application = {"client_id": "a", "client_secret": "s", "signature_token": "not what the shop knows"}
    shop, kounta = Shop(), FakeKounta(applications=[application])
    kounta.webhooks.add(CREATED, f"http://shop.example{path}", client_id="a")
    kounta.webhooks.deliver_to(make(shop))
    customer(kounta)
    kounta.clock.advance(seconds=60)
    (delivery,) = kounta.webhooks.deliveries
    assert delivery.outcome == "pending"
    assert [(one.status, one.error) for one in delivery.attempts] == [(401, "the receiver answered 401")] * 2
    assert len(shop.heard) == 2


@pytest.mark.parametrize("name", APPS)
def test_many_in_a_row(name: str) -> None:
    """Twenty deliveries reach the app in order."""
    make, path = APPS[name]
    shop, kounta = Shop(), FakeKounta(webhook_mode="collect")
    kounta.webhooks.add(UPDATED, f"http://shop.example{path}")
    known = kounta.customers.add(first_name="Sam", phone="1").id
    for number in range(20):
        kounta.customers.change(known, announce=True, first_name=str(number))
    assert kounta.webhooks.deliver_to(make(shop)) == 20
    assert [body for _, _, body in shop.heard] == [one.attempts[0].body for one in kounta.webhooks.deliveries]


def test_headers_and_the_rest_of_the_request() -> None:
    """The app gets a POST to its own host, with the subscription's headers, and the body's type and length."""
    seen: list[Any] = []
    app = flask.Flask("receiver")

    @app.post("/webhooks/kounta")
    def receive() -> tuple[str, int]:
        seen.append((flask.request.url, dict(flask.request.headers)))
        return "", 200

    kounta = FakeKounta()
    own = {"Authorization": "Bearer abc", "X-Own": "1"}
    kounta.webhooks.add(CREATED, "https://shop.example:8443/webhooks/kounta", headers=own)
    kounta.webhooks.deliver_to(app)
    customer(kounta)
    ((url, headers),) = seen
    attempt = kounta.webhooks.deliveries[0].attempts[0]
    assert url == "https://shop.example:8443/webhooks/kounta"
    assert dict(attempt.headers).items() <= headers.items()
    assert own.items() <= headers.items()
    assert (headers["Content-Length"], headers["Host"]) == (str(len(attempt.body)), "shop.example:8443")


def test_the_scope_of_an_asgi_app() -> None:
    """The scope is that of the ASGI specification for HTTP, version 2.3."""
    scopes: list[dict[str, Any]] = []

    async def app(scope: dict[str, Any], _: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise ValueError("no lifespan")
        scopes.append(scope)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    kounta = FakeKounta()
    kounta.webhooks.add(CREATED, "https://shop.example/a%20b?c=%20")
    kounta.webhooks.deliver_to(app)
    customer(kounta)
    assert outcomes(kounta) == ["delivered"]
    (scope,) = scopes
    headers = dict(scope.pop("headers"))
    assert (headers[b"host"], headers[b"content-length"].isdigit()) == (b"shop.example", True)
    assert scope == {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": "/a b",
        "raw_path": b"/a%20b",
        "query_string": b"c=%20",
        "root_path": "",
        "client": ("127.0.0.1", 0),
        "server": ("shop.example", 443),
    }


@pytest.mark.parametrize("is_asgi", [True, False])
def test_an_address_of_a_control_surface_reaches_no_app(is_asgi: bool) -> None:
    """A delivery to a path of the control surface calls neither an ASGI nor a WSGI app (W20)."""
    called: list[Any] = []

    async def asgi(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            called.append(scope)

    def wsgi(environ: Any, start_response: Any) -> list[bytes]:
        called.append(environ)
        return []

    with pytest.raises(Blocked):
        AppReceiver(asgi if is_asgi else wsgi)(
            Parcel(url="http://shop.example/_fakekounta/", headers=[], body=b"", timeout_seconds=PATIENCE_SECONDS)
        )
    assert called == []


# --- apps that misbehave ---------------------------------------------------------------------------------------


async def raising(*_: Any) -> None:
    raise ValueError("boom")


async def silent(*_: Any) -> None:
    return


async def hanging(scope: dict[str, Any], *_: Any) -> None:
    if scope["type"] == "http":
        await asyncio.Event().wait()


def raising_wsgi(environ: Any, start_response: Any) -> list[bytes]:
    raise ValueError("boom")


def silent_wsgi(environ: Any, start_response: Any) -> list[bytes]:
    return []


@pytest.mark.parametrize(
    "app, error",
    [
        (raising, r"the application raised ValueError: boom (at test_deliver_to.py:LINE; the log has more)"),
        (raising_wsgi, "the application raised ValueError: boom (at test_deliver_to.py:LINE; the log has more)"),
        (silent, "the application ended without an answer: it sent no http.response.start"),
        (silent_wsgi, "the application raised RuntimeError: the application did not call start_response"),
        (hanging, "the application gave no answer within 0.2 s"),
    ],
)
def test_apps_that_fail(app: Any, error: str) -> None:
    """If an app raises or never answers, the attempt's error says so, and nothing is raised elsewhere."""
    kounta = FakeKounta(webhook_schedule={"timeout_seconds": 0.2})
    kounta.webhooks.add(CREATED, "http://shop.example/")
    kounta.webhooks.deliver_to(app)
    customer(kounta)
    (delivery,) = kounta.webhooks.deliveries
    (attempt,) = delivery.attempts
    shown = re.sub(r"py:\d+", "py:LINE", attempt.error or "")
    assert (delivery.outcome, attempt.status, shown) == ("pending", None, error)
    assert attempt.duration_seconds < PATIENCE_SECONDS


def test_a_streamed_response_is_read_to_its_end() -> None:
    """An app that streams its response runs to its end, without a sign that its client has left."""
    ended: list[bool] = []

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"part"
            await asyncio.sleep(0)
        ended.append(True)

    async def stream() -> StreamingResponse:
        return StreamingResponse(parts())

    app = fastapi.FastAPI()
    app.add_api_route("/", stream, methods=["POST"])
    kounta = FakeKounta()
    kounta.webhooks.add(CREATED, "http://shop.example/")
    kounta.webhooks.deliver_to(app)
    customer(kounta)
    assert (outcomes(kounta), ended) == (["delivered"], [True])


# --- when and how long -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["background", "immediate", "collect"])
def test_what_was_due_is_delivered_at_once(mode: str) -> None:
    """In every mode `deliver_to` first delivers what is due, and returns the number of attempts."""
    kounta = FakeKounta(webhook_mode="collect")
    kounta.webhooks.add(CREATED, "http://shop.example/")
    for _ in range(3):
        customer(kounta)
    kounta.world.webhook_mode = mode
    assert kounta.webhooks.deliver_to(calling(lambda *_: None)) == 3
    assert outcomes(kounta) == ["delivered"] * 3


def test_until_the_next_reset() -> None:
    """After a reset the app is no longer called: deliveries go to their addresses again."""
    heard: list[str] = []
    kounta = FakeKounta()
    kounta.webhooks.deliver_to(calling(lambda path, _: heard.append(path)))
    kounta.reset()
    kounta.webhooks.add(CREATED, "http://192.0.2.1/")
    customer(kounta)
    assert (outcomes(kounta), heard) == (["blocked"], [])


def test_from_inside_an_event_loop() -> None:
    """A test that is a coroutine can deliver into an ASGI app."""
    shop, kounta = Shop(), FakeKounta()
    kounta.webhooks.add(CREATED, "http://shop.example/async")
    kounta.webhooks.deliver_to(fastapi_app(shop))

    async def change() -> None:
        customer(kounta)

    asyncio.run(change())
    assert outcomes(kounta) == ["delivered"]


def test_in_the_background() -> None:
    """A serving fake in `background` calls an ASGI app from its own threads."""
    shop = Shop()
    with FakeKounta(webhook_mode="background") as kounta:
        for _ in range(3):
            kounta.webhooks.add(CREATED, "http://shop.example/async")
        kounta.webhooks.deliver_to(fastapi_app(shop))
        customer(kounta)
        assert [one.outcome for one in until_done(kounta)] == ["delivered"] * 3
    assert len(shop.heard) == 3


@pytest.mark.parametrize("name", ["flask", "fastapi async", "django asgi sync view"])
def test_an_app_may_call_back_in_process(name: str) -> None:
    """During a delivery an app can use an in-process client, and gets the delivery of that change."""
    make, path = APPS[name]
    kounta = FakeKounta()
    answers: list[int] = []

    def hear(*_: Any) -> int:
        if not answers:
            answers.append(0)
            with kounta.httpx_client() as client:
                record = f"{CUSTOMERS}/{kounta.customers.all()[0].id}.json"
                answers.append(client.put(record, json={"last_name": "B"}, auth=kounta.auth).status_code)
        return 204

    for topic in (CREATED, UPDATED):
        kounta.webhooks.add(topic, f"http://shop.example{path}")
    kounta.webhooks.deliver_to(make(hear))
    customer(kounta)
    assert (answers, outcomes(kounta)) == ([0, 200], ["delivered", "delivered"])
