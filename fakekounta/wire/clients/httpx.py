"""An `httpx.Client` that reaches a WSGI app in-process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from httpx import (
    BaseTransport,
    Client,
    ConnectError,
    ReadError,
    ReadTimeout,
    RemoteProtocolError,
    Request,
    RequestError,
    Response,
    SyncByteStream,
)

from fakekounta.wire.clients.call import call, refusal
from fakekounta.wire.clients.cut import Cut, TimedOut

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Origins = Callable[[], Sequence[str]]


def client(app: WSGIApplication, origins: Origins) -> Client:
    """Return a client whose requests all go to the app; its base URL is the first origin."""
    return Client(transport=WsgiTransport(app, origins), base_url=origins()[0], trust_env=False)


class WsgiTransport(BaseTransport):
    """Answers requests by calling a WSGI app."""

    def __init__(self, app: WSGIApplication, origins: Origins) -> None:
        self._app = app
        self._origins = origins

    def handle_request(self, request: Request) -> Response:
        """Return the response to a request.

        Raises:
            httpx.ConnectError: The origin is not the fake's.
            httpx.ReadTimeout: A fault, as over a socket; so are the next two.
            httpx.ReadError: See above.
            httpx.RemoteProtocolError: See above.
        """
        reason = refusal(str(request.url), self._origins())
        if reason is not None:
            raise ConnectError(reason, request=request)
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
        patience = request.extensions.get("timeout", {}).get("read")
        try:
            answer = call(self._app, request.method, str(request.url), headers, request.read(), patience)
        except (Cut, TimedOut) as failure:
            raise _raised(failure, request) from failure
        return Response(
            answer.status,
            headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers],
            content=answer.body if answer.failure is None else None,
            stream=None if answer.failure is None else _Broken(answer.body, answer.failure, request),
            extensions={"reason_phrase": answer.reason.encode("latin-1")},
        )


class _Broken(SyncByteStream):
    """A body that fails before its end."""

    def __init__(self, begun: bytes, failure: Cut | TimedOut, request: Request) -> None:
        self._begun = begun
        self._failure = failure
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        yield self._begun
        if isinstance(self._failure, Cut):
            text = "peer closed connection without sending complete message body"
            raise RemoteProtocolError(text, request=self._request)
        raise _raised(self._failure, self._request)


def _raised(failure: Cut | TimedOut, request: Request) -> RequestError:
    """Return the exception that httpx raises when no response comes."""
    if isinstance(failure, TimedOut):
        return ReadTimeout("timed out", request=request)
    if failure.reset:
        return ReadError("[Errno 104] Connection reset by peer", request=request)
    if failure.data:
        return RemoteProtocolError("illegal status line", request=request)
    return RemoteProtocolError("Server disconnected without sending a response.", request=request)
