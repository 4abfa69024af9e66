"""An `httpx.Client` that reaches a WSGI app in-process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from httpx import BaseTransport, Client, ConnectError, Request, Response

from fakekounta.transports.call import call, refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Origins = Callable[[], Sequence[str]]


def client(app: WSGIApplication, origins: Origins) -> Client:
    """A client all of whose requests end in the app; its base URL is the first origin."""
    return Client(transport=WsgiTransport(app, origins), base_url=origins()[0], trust_env=False)


class WsgiTransport(BaseTransport):
    """Answers requests by calling a WSGI app."""

    def __init__(self, app: WSGIApplication, origins: Origins) -> None:
        self._app = app
        self._origins = origins

    def handle_request(self, request: Request) -> Response:
        """One exchange. Raises httpx.ConnectError for an origin that is not the fake's."""
        reason = refusal(str(request.url), self._origins())
        if reason is not None:
            raise ConnectError(reason, request=request)
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
        answer = call(self._app, request.method, str(request.url), headers, request.read())
        return Response(
            answer.status,
            headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers],
            content=answer.body,
            extensions={"reason_phrase": answer.reason.encode("latin-1")},
        )
