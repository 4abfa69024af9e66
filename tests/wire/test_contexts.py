"""Tests that every in-process call and every delivery into an app has a context of its own, as over a socket."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Iterable
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, Any

import flask
import pytest

from fakekounta import FakeKounta
from fakekounta.wire.clients.call import call
from tests.caller import CUSTOMERS
from tests.lab import CREATED, customer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HOOK = "http://shop.example/hook"
NEW = {"first_name": "Sam", "phone": "1"}
MINE: ContextVar[str] = ContextVar("mine", default="nothing")
WAYS: dict[str, Callable[[FakeKounta], object]] = {
    "requests": lambda kounta: kounta.requests_session().post(kounta.url + CUSTOMERS, json=NEW, auth=kounta.auth),
    "httpx": lambda kounta: kounta.httpx_client().post(CUSTOMERS, json=NEW, auth=kounta.auth),
    "handle": customer,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_receiver_does_not_see_the_request_around_it(way: str) -> None:
    """A webhook into the app that caused it does not see `flask.g` of the outer request, so a missing check fails."""
    kounta, app = FakeKounta(), flask.Flask("shop")

    @app.post("/order")
    def order() -> tuple[str, int]:
        flask.g.user = "Sam"
        WAYS[way](kounta)
        assert flask.g.user == "Sam"
        assert flask.request.path == "/order"
        return "", 204

    @app.post("/hook")
    def hook() -> tuple[str, int]:
        return "", 204 if "user" in flask.g else 401

    kounta.webhooks.add(CREATED, HOOK)
    kounta.webhooks.deliver_to(app)
    assert app.test_client().post("/order").status_code == 204
    (delivery,) = kounta.webhooks.deliveries
    assert delivery.attempts[0].status == 401


def wsgi_app(seen: list[str]) -> Any:
    def app(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        seen.append(MINE.get())
        MINE.set("the receiver's")
        start_response("204 No Content", [])
        yield b""
        seen.append(MINE.get())

    return app


def asgi_app(seen: list[str]) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        seen.append(MINE.get())
        MINE.set("the receiver's")
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})
        seen.append(MINE.get())

    return app


@pytest.mark.parametrize("make", [wsgi_app, asgi_app])
@pytest.mark.parametrize("way", WAYS)
def test_no_context_variable_goes_either_way(make: Callable[[list[str]], Any], way: str) -> None:
    """A receiver sees no context variable of the test, keeps its own until it ends, and changes none in the test."""
    seen: list[str] = []
    kounta = FakeKounta()
    kounta.webhooks.add(CREATED, HOOK)
    kounta.webhooks.deliver_to(make(seen))

    def in_a_test() -> None:
        MINE.set("the test's")
        for _ in range(2):
            WAYS[way](kounta)
        assert MINE.get() == "the test's"

    copy_context().run(in_a_test)
    assert seen == ["nothing", "the receiver's"] * 2


def test_decimals_of_a_test_are_its_own() -> None:
    """The precision and traps of the test's decimal context have no effect in the app."""
    seen: list[int] = []

    def app(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        seen.append(decimal.getcontext().prec)
        start_response("204 No Content", [])
        return []

    with decimal.localcontext() as context:
        context.prec = 3
        call(app, "GET", HOOK, [], b"")
    assert seen == [decimal.DefaultContext.prec]
