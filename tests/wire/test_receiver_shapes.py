"""Tests of how `deliver_to` recognises applications, runs a lifespan once, and explains what it refuses."""

from __future__ import annotations

import asyncio
import functools
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from threading import Event, current_thread
from typing import Any

import aiohttp.web
import fastapi
import flask
import pytest
import tornado.web
from sentry_sdk.integrations.asgi import SentryAsgiMiddleware
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from werkzeug.middleware.proxy_fix import ProxyFix

from fakekounta import FakeKounta
from fakekounta.wire.delivery import lifespan
from tests.lab import CREATED, customer, outcomes

ADDRESS = "http://shop.example/hook"
PATIENCE_SECONDS = 10.0
heard: list[str] = []


@pytest.fixture(autouse=True)
def _nothing_heard() -> None:
    heard.clear()


@pytest.fixture
def kounta() -> FakeKounta:
    kounta = FakeKounta()
    kounta.webhooks.add(CREATED, ADDRESS)
    return kounta


async def asgi(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "http"
    heard.append(scope["path"])
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


def wsgi(environ: Any, start_response: Any) -> list[bytes]:
    heard.append(environ["PATH_INFO"])
    start_response("204 No Content", [])
    return []


class Asgi:
    """Each way in which a class is an ASGI application, or makes one."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await asgi(scope, receive, send)

    async def method(self, scope: Any, receive: Any, send: Any) -> None:
        await asgi(scope, receive, send)


class Returning:
    def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        return asgi(scope, receive, send)


class Around:
    def __init__(self, app: Any) -> None:
        self.app = app

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self.app(*arguments, **named)


class Double:
    def __init__(self, scope: Any) -> None:
        self.scope = scope

    async def __call__(self, receive: Any, send: Any) -> None:
        await asgi(self.scope, receive, send)


class Answer:
    """A WSGI application that is a class, as in PEP 3333."""

    def __init__(self, environ: Any, start_response: Any) -> None:
        wsgi(environ, start_response)

    def __iter__(self) -> Any:
        return iter([b""])


def double(scope: Any) -> Any:
    return functools.partial(asgi, scope)


def flask_app() -> flask.Flask:
    app = flask.Flask("shop")

    @app.post("/hook")
    def hook() -> tuple[str, int]:
        heard.append(flask.request.path)
        return "", 204

    return app


async def _hook(_: Any) -> Response:
    heard.append("/hook")
    return Response(status_code=204)


def starlette_app() -> Starlette:
    return Starlette(routes=[Route("/hook", _hook, methods=["POST"])])


SHAPES: dict[str, Callable[[], Any]] = {
    "asgi function": lambda: asgi,
    "asgi instance": Asgi,
    "asgi bound method": lambda: Asgi().method,
    "asgi partial": lambda: functools.partial(asgi),
    "asgi partial of an instance": lambda: functools.partial(Asgi()),
    "asgi lambda": lambda: lambda scope, receive, send: asgi(scope, receive, send),  # noqa: PLW0108 - the shape is what is tested
    "asgi by a class that returns the coroutine": Returning,
    "asgi behind functools.wraps": lambda: functools.wraps(asgi)(lambda *arguments: asgi(*arguments)),  # noqa: PLW0108 - the shape is what is tested
    "asgi 2 function": lambda: double,
    "asgi 2 class": lambda: Double,
    "sentry": lambda: SentryAsgiMiddleware(asgi),
    "sentry before starlette": lambda: SentryAsgiMiddleware(starlette_app()),
    "starlette": starlette_app,
    "wsgi function": lambda: wsgi,
    "wsgi lambda": lambda: lambda environ, start_response: wsgi(environ, start_response),  # noqa: PLW0108 - the shape is what is tested
    "wsgi partial": lambda: functools.partial(wsgi),
    "wsgi class": lambda: Answer,
    "wsgi behind *args": lambda: Around(wsgi),
    "flask": flask_app,
    "flask behind a proxy fix": lambda: ProxyFix(flask_app()),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_recognised(kounta: FakeKounta, shape: str) -> None:
    """Applications, wrapped or not, get the delivery; their kind is recognised."""
    kounta.webhooks.deliver_to(SHAPES[shape]())
    customer(kounta)
    (delivery,) = kounta.webhooks.deliveries
    assert (delivery.outcome, delivery.attempts[0].error, heard) == ("delivered", None, ["/hook"])
    kounta.reset()


@pytest.mark.parametrize("app, is_asgi", [(Around(asgi), True), (Around(Double), True), (Around(wsgi), False)])
def test_the_argument_asgi_decides(kounta: FakeKounta, app: Any, *, is_asgi: bool) -> None:
    """`asgi` decides for an ambiguous application, and the attempt's error names it if it is missing."""
    if app.app is Double:
        app = functools.wraps(double)(app)  # its number of arguments has to be visible
    kounta.webhooks.deliver_to(app, asgi=is_asgi)
    customer(kounta)
    assert (outcomes(kounta), heard) == (["delivered"], ["/hook"])


@pytest.mark.parametrize("app", [Around(asgi), Around(lambda *_: asgi({}, None, None))])
def test_the_error_names_the_argument(kounta: FakeKounta, app: Any) -> None:
    """The error for an ASGI application that was called as WSGI names the argument."""
    kounta.webhooks.deliver_to(app)
    customer(kounta)
    assert "deliver_to(app, asgi=True)" in str(kounta.webhooks.deliveries[0].attempts[0].error)


# --- no applications -------------------------------------------------------------------------------------------


def view(request: Any) -> None: ...
async def async_view(request: Any) -> None: ...
def create_app(config: Any = None) -> None: ...


NO_APPS: list[tuple[Any, str]] = [
    ("shop.wsgi:app", "takes an application, not the text 'shop.wsgi:app': import the application, and give that"),
    (ADDRESS, f"takes an application, not the address '{ADDRESS}': give that to webhooks.add"),
    (sys.modules["sys"], "takes an application, not the module sys: give sys.app"),
    (None, "takes a WSGI or ASGI application, not a builtins.NoneType"),
    (Asgi, "takes an application, not its class: give an instance of Asgi"),
    (flask.Flask, "takes an application, not its class: give an instance of Flask"),
    (fastapi.FastAPI, "takes an application, not its class: give an instance of FastAPI"),
    (view, "view is no WSGI or ASGI application: it takes neither"),
    (async_view, "async_view is no WSGI or ASGI application: it takes neither"),
    (create_app, "Give the application itself, not a view or a function that makes it"),
    (flask_app, "Give the application itself, not a view or a function that makes it"),
    (aiohttp.web.Application(), "serve any other kind, such as one of aiohttp, on a port, and add a webhook with its"),
    (tornado.web.Application(), "serve any other kind, such as one of aiohttp, on a port, and add a webhook with its"),
]


@pytest.mark.parametrize("app, text", NO_APPS)
def test_an_invalid_application_is_refused(kounta: FakeKounta, app: Any, text: str) -> None:
    """An object that is not an application is refused in one line, with a remedy. The earlier receiver stays."""
    kounta.webhooks.deliver_to(wsgi)
    with pytest.raises(TypeError) as raised:
        kounta.webhooks.deliver_to(app)
    assert str(raised.value).startswith("deliver_to: ")
    assert text in str(raised.value)
    assert "\n" not in str(raised.value)
    customer(kounta)
    assert heard == ["/hook"]


def test_a_factory_of_two_arguments_shows_when_it_is_called(kounta: FakeKounta) -> None:
    """A factory of two arguments passes for a WSGI application until it is called and returns one."""
    kounta.webhooks.deliver_to(lambda config, debug: flask_app())  # noqa: ARG005 - its number of arguments counts
    customer(kounta)
    assert kounta.webhooks.deliveries[0].attempts[0].error == (
        "the application returned a Flask, which is no response; if it is a function that makes the application, give "
        "deliver_to what it returns"
    )


def test_what_an_application_raises_is_in_the_log(kounta: FakeKounta, caplog: pytest.LogCaptureFixture) -> None:
    """The attempt's error has the line of an exception, the log the traceback."""

    def app(environ: Any, start_response: Any) -> list[bytes]:
        raise ValueError("boom")

    kounta.webhooks.deliver_to(app)
    customer(kounta)
    error = str(kounta.webhooks.deliveries[0].attempts[0].error)
    assert error.startswith("the application raised ValueError: boom (at test_receiver_shapes.py:")
    assert "Traceback" in caplog.text
    assert 'raise ValueError("boom")' in caplog.text


# --- lifespan --------------------------------------------------------------------------------------------------


class Shop:
    """A FastAPI application that counts the starts and ends of its lifespan."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.loops: set[Any] = set()
        self.app = fastapi.FastAPI(lifespan=self._lifespan)
        self.app.add_api_route("/hook", self._hook, methods=["POST"], status_code=204)

    @asynccontextmanager
    async def _lifespan(self, _: Any) -> AsyncIterator[dict[str, Any]]:
        self.events.append("start")
        self.loops.add(asyncio.get_running_loop())
        yield {"name": "the shop"}
        self.events.append("stop")

    async def _hook(self, request: fastapi.Request) -> None:
        self.loops.add(asyncio.get_running_loop())
        self.events.append(request.state.name)
        request.state.name = "changed"


def endings() -> dict[str, Callable[[FakeKounta], object]]:
    return {
        "reset": lambda kounta: kounta.reset(),
        "restore": lambda kounta: kounta.restore(kounta.state()),
        "another receiver": lambda kounta: kounta.webhooks.deliver_to(wsgi),
    }


@pytest.mark.parametrize("ending", endings())
def test_the_lifespan_runs_once(kounta: FakeKounta, ending: str) -> None:
    """A lifespan starts before the first delivery and ends with the fake.

    Its state is in each request, in the same loop.
    """
    shop = Shop()
    kounta.webhooks.deliver_to(shop.app)
    assert shop.events == ["start"]
    for _ in range(3):
        customer(kounta)
    assert shop.events == ["start", *["the shop"] * 3]
    endings()[ending](kounta)
    assert shop.events == ["start", *["the shop"] * 3, "stop"]
    assert len(shop.loops) == 1


def test_it_stops_with_the_world_and_with_the_fake() -> None:
    """The lifespan ends with `fresh`, a namespace and `stop()`; the next delivery starts it again."""
    shops = [Shop() for _ in range(3)]
    with FakeKounta(webhook_mode="collect") as kounta:
        kounta.webhooks.add(CREATED, ADDRESS)
        kounta.webhooks.deliver_to(shops[0].app)
        with kounta.fresh():
            kounta.webhooks.deliver_to(shops[1].app)
            assert shops[0].events == ["start"]  # its world comes back
        assert shops[1].events == ["start", "stop"]
        kounta.namespace("a").webhooks.deliver_to(shops[2].app)
        kounta.namespaces.drop("a")
        assert shops[2].events == ["start", "stop"]
    assert shops[0].events == ["start", "stop"]
    customer(kounta)
    assert kounta.webhooks.deliver() == 1
    assert shops[0].events == ["start", "stop", "start", "the shop"]
    kounta.reset()


def test_a_lifespan_that_fails_to_start(kounta: FakeKounta) -> None:
    """The exception is raised, and the earlier receiver stays."""

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        if heard:
            yield
        raise OSError("no database")

    kounta.webhooks.deliver_to(wsgi)
    with pytest.raises(RuntimeError, match=r"^the application failed to start: OSError: no database$"):
        kounta.webhooks.deliver_to(fastapi.FastAPI(lifespan=lifespan))
    customer(kounta)
    assert heard == ["/hook"]


def test_a_loop_that_has_closed_by_itself_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread of a loop that has ended may live for a moment longer; stopping it then raises nothing."""
    closed, may_end = Event(), Event()

    def run(work: Any, plain: Any = asyncio.run) -> None:
        plain(work)
        closed.set()
        may_end.wait(PATIENCE_SECONDS)

    monkeypatch.setattr(asyncio, "run", run)
    monkeypatch.setattr(lifespan, "STOP_SECONDS", 0)
    started = lifespan.Lifespan(asgi)
    assert closed.wait(PATIENCE_SECONDS)
    started.stop()
    may_end.set()


def test_an_app_with_a_lifespan_may_call_back(kounta: FakeKounta) -> None:
    """While a view with a lifespan waits for its call, deliveries of that call run in another loop, at any depth."""
    app, names = fastapi.FastAPI(), ["Kim", "Ash", "Ada"]

    async def hook() -> None:
        heard.append(current_thread().name)
        if names:
            customer(kounta, names.pop())

    app.add_api_route("/hook", hook, methods=["POST"], status_code=204)
    kounta.webhooks.deliver_to(app)
    customer(kounta)
    assert (outcomes(kounta), len(heard)) == (["delivered"] * 4, 4)
    kounta.reset()
