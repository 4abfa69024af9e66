"""Posting straight into a WSGI or ASGI application, without a socket."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from threading import Thread
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from fakekounta.core.chain import new_context
from fakekounta.wire.clients.call import call
from fakekounta.wire.delivery.addresses import target_of
from fakekounta.wire.delivery.posting import Parcel, Post, Undelivered

AsgiApp = Callable[[dict[str, Any], Callable[..., Any], Callable[..., Any]], Awaitable[None]]


def post_into(app: Any) -> Post:
    """Return a way to post into a WSGI app, or into an ASGI app, which is one whose call is a coroutine."""
    asynchronous = inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(type(app).__call__)
    return (lambda parcel: _into_asgi(app, parcel)) if asynchronous else (lambda parcel: _into_wsgi(app, parcel))


def _into_wsgi(app: Any, parcel: Parcel) -> int:
    target_of(parcel.url)
    parcel.flight.depart()
    try:
        return call(app, "POST", parcel.url, parcel.headers, parcel.body).status
    except Exception as error:
        raise Undelivered(f"the application raised {type(error).__name__}: {error}") from error


def _into_asgi(app: AsgiApp, parcel: Parcel) -> int:
    """Run the application in a new event loop in a new thread, because the caller may be in a loop itself.

    The context is empty, as in `call`; some builds of Python pass the caller's on to a new thread.
    """
    target_of(parcel.url)
    outcome: list[int | BaseException] = []

    def run() -> None:
        try:
            outcome.append(asyncio.run(asyncio.wait_for(_asgi_status(app, parcel), parcel.timeout_seconds)))
        except BaseException as error:  # noqa: BLE001 - the waiting thread raises it
            outcome.append(error)

    thread = Thread(target=new_context().run, args=(run,), name="fakekounta-asgi", daemon=True)
    parcel.flight.depart()
    thread.start()
    thread.join()
    result = outcome[0]
    if isinstance(result, int):
        return result
    if isinstance(result, (TimeoutError, asyncio.TimeoutError)):
        raise Undelivered(f"the application gave no answer within {parcel.timeout_seconds} s")
    raise Undelivered(f"the application raised {type(result).__name__}: {result}") from result


async def _asgi_status(app: AsgiApp, parcel: Parcel) -> int:
    status: list[int] = []
    messages = [{"type": "http.request", "body": parcel.body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if not messages:
            await asyncio.Event().wait()  # the client stays connected until the application is done
        return messages.pop()

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            status.append(message["status"])

    await app(_scope(parcel), receive, send)
    if not status:
        raise RuntimeError("the application did not call start_response")
    return status[0]


def _scope(parcel: Parcel) -> dict[str, Any]:
    url = urlsplit(parcel.url)
    headers = [("host", url.netloc), ("content-length", str(len(parcel.body))), *parcel.headers]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": url.scheme,
        "path": unquote_to_bytes(url.path or "/").decode("utf-8", "replace"),
        "raw_path": (url.path or "/").encode("ascii"),
        "query_string": url.query.encode("ascii"),
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        "client": ("127.0.0.1", 0),
        "server": (url.hostname, url.port or (443 if url.scheme == "https" else 80)),
    }
