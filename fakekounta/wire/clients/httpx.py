"""An `httpx.Client` and an `httpx.AsyncClient` that reach a WSGI app in-process."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from functools import partial
from math import inf
from threading import Event
from typing import TYPE_CHECKING, Any

import httpx
from anyio import CapacityLimiter, to_thread

from fakekounta.wire.clients.call import WsgiResponse, call, refusal
from fakekounta.wire.clients.cut import Cut, TimedOut

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from httpx import AsyncClient, Client
else:  # a test may replace them in `httpx`
    _classes = sys.modules.get("httpx._client", httpx)
    AsyncClient, Client = _classes.AsyncClient, _classes.Client

Origins = Callable[[], Sequence[str]]

_OF_NETWORK = frozenset(
    ("app", "cert", "http1", "http2", "limits", "mounts", "proxies", "proxy", "transport", "trust_env", "verify")
)


def client(app: WSGIApplication, origins: Origins, options: Mapping[str, Any]) -> Client:
    """Return a client whose requests all go to the app; its base URL is the first origin."""
    return client_by(WsgiTransport(app, origins), origins()[0], options)


def async_client(app: WSGIApplication, origins: Origins, options: Mapping[str, Any]) -> AsyncClient:
    """Return an asynchronous client whose requests all go to the app; its base URL is the first origin."""
    return async_client_by(AsyncWsgiTransport(app, origins), origins()[0], options)


def client_by(transport: httpx.BaseTransport, base_url: str, options: Mapping[str, Any]) -> Client:
    """Return a client with this transport; options about the network have no effect."""
    return Client(transport=transport, **_without_network(options, base_url))


def async_client_by(transport: httpx.AsyncBaseTransport, base_url: str, options: Mapping[str, Any]) -> AsyncClient:
    """Return an asynchronous client with this transport; options about the network have no effect."""
    return AsyncClient(transport=transport, **_without_network(options, base_url))


def _without_network(options: Mapping[str, Any], base_url: str) -> dict[str, Any]:
    kept = {name: value for name, value in options.items() if name not in _OF_NETWORK}
    return {"base_url": base_url, **kept, "trust_env": False}


class WsgiTransport(httpx.BaseTransport):
    """Answers requests by calling a WSGI app."""

    def __init__(self, app: WSGIApplication, origins: Origins) -> None:
        self._app = app
        self._origins = origins

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the response to a request.

        Raises:
            httpx.ConnectError: The origin is not the fake's.
            httpx.ReadTimeout: A fault delayed the response for too long.
            httpx.ReadError: A fault reset the connection.
            httpx.RemoteProtocolError: A fault closed the connection, or sent bytes that are not HTTP.
        """
        refuse_others(request, self._origins())
        request.read()
        try:
            answer = _asking(self._app, request)()
        except (Cut, TimedOut) as failure:
            raise _raised(failure, request) from failure
        return _response(answer, request)


class AsyncWsgiTransport(httpx.AsyncBaseTransport):
    """Answers requests by calling a WSGI app in a thread, so that the event loop goes on meanwhile."""

    def __init__(self, app: WSGIApplication, origins: Origins) -> None:
        self._app = app
        self._origins = origins

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the response to a request, as `WsgiTransport` does.

        A cancelled task ends at once, while the app goes on to its end, as over a socket.
        """
        refuse_others(request, self._origins())
        await request.aread()
        left = Event()
        ask = _asking(self._app, request, sleep=left.wait)
        try:
            # A limiter of its own: a request that a fault delays takes no thread from others
            answer = await to_thread.run_sync(ask, abandon_on_cancel=True, limiter=CapacityLimiter(inf))
        except (Cut, TimedOut) as failure:
            raise _raised(failure, request) from failure
        finally:
            left.set()
        return _response(answer, request)


def refuse_others(request: httpx.Request, origins: Sequence[str]) -> None:
    """Raise ConnectError unless the request goes to one of these origins."""
    reason = refusal(str(request.url), origins)
    if reason is not None:
        raise httpx.ConnectError(reason, request=request)


def _asking(
    app: WSGIApplication, request: httpx.Request, sleep: Callable[[float], object] | None = None
) -> Callable[[], WsgiResponse]:
    """Return a function that makes the WSGI call for a request whose content was read."""
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
    patience = request.extensions.get("timeout", {}).get("read")
    return partial(call, app, request.method, str(request.url), headers, request.content, patience, sleep)


def _response(answer: WsgiResponse, request: httpx.Request) -> httpx.Response:
    return httpx.Response(
        answer.status,
        headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers],
        stream=_Body(answer, request),
        extensions={"http_version": b"HTTP/1.1", "reason_phrase": answer.reason.encode("latin-1")},
    )


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A complete body, or the part of it before a failure."""

    def __init__(self, answer: WsgiResponse, request: httpx.Request) -> None:
        self._answer = answer
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        if self._answer.body:
            yield self._answer.body
        failure = self._answer.failure
        if isinstance(failure, Cut) and not failure.reset:
            text = "peer closed connection without sending complete message body"
            raise httpx.RemoteProtocolError(text, request=self._request)
        if failure is not None:
            raise _raised(failure, self._request)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def _raised(failure: Cut | TimedOut, request: httpx.Request) -> httpx.RequestError:
    """Return the exception that httpx raises when there is no response."""
    if isinstance(failure, TimedOut):
        return httpx.ReadTimeout("timed out", request=request)
    if failure.reset:
        return httpx.ReadError("[Errno 104] Connection reset by peer", request=request)
    if failure.data:
        return httpx.RemoteProtocolError("illegal status line", request=request)
    return httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
