"""HTTP clients that send requests for the real service's origin to the fake's server.

The in-process clients in `fakekounta.wire.clients` do the same without a socket.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from fakekounta.remote.calls import URL_HEADERS, Calls, in_scheme
from fakekounta.wire.clients.call import REAL_ORIGINS, needing_extra, refusal

if TYPE_CHECKING:
    from httpx import AsyncClient, Client, Request, Response
    from requests import Session


def client(calls: Calls, options: Mapping[str, Any]) -> Client:
    """Return an `httpx.Client` with the namespace's base URL; other origins raise its ConnectError."""
    with needing_extra("httpx"):
        import httpx  # noqa: PLC0415 - an extra

        from fakekounta.wire.clients.httpx import client_by  # noqa: PLC0415 - an extra

    class Rerouted(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            return _with_scheme_of(super().handle_request(_rerouted(calls, request)), request)

    return client_by(Rerouted(verify=calls.context or False), calls.base_url, options)


def async_client(calls: Calls, options: Mapping[str, Any]) -> AsyncClient:
    """Return an `httpx.AsyncClient` like the client above."""
    with needing_extra("httpx"):
        import httpx  # noqa: PLC0415 - an extra

        from fakekounta.wire.clients.httpx import async_client_by  # noqa: PLC0415 - an extra

    class Rerouted(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return _with_scheme_of(await super().handle_async_request(_rerouted(calls, request)), request)

    return async_client_by(Rerouted(verify=calls.context or False), calls.base_url, options)


def _rerouted(calls: Calls, request: Request) -> Request:
    """Return the request to send to the server. Raise ConnectError if it goes to another origin."""
    import httpx  # noqa: PLC0415 - an extra

    from fakekounta.wire.clients.httpx import refuse_others  # noqa: PLC0415 - an extra

    refuse_others(request, (calls.url, *REAL_ORIGINS))
    headers = httpx.Headers(request.headers.raw)
    headers.update(calls.namespace_headers)
    url, stream, extensions = _on_server(calls, str(request.url)), request.stream, request.extensions
    return httpx.Request(request.method, url, headers=headers, stream=stream, extensions=extensions)


def _with_scheme_of(response: Response, request: Request) -> Response:
    _with_scheme(response.headers, urlsplit(str(request.url)))
    return response


def session(calls: Calls) -> Session:
    """Return a `requests.Session`; other origins raise its ConnectionError."""
    with needing_extra("requests"):
        import requests  # noqa: PLC0415 - an extra
        from requests.adapters import HTTPAdapter  # noqa: PLC0415 - an extra

        from fakekounta.wire.clients.requests import InProcessSession  # noqa: PLC0415 - an extra

    class Rerouted(HTTPAdapter):
        reaches_a_fake = True

        def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
            super().init_poolmanager(*arguments, **options, ssl_context=calls.context)

        def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
            url = request.url or ""
            reason = refusal(url, (calls.url, *REAL_ORIGINS))
            if reason is not None:
                raise requests.ConnectionError(reason, request=request)
            sent = request.copy()
            sent.url = _on_server(calls, url)
            sent.headers.update({"Host": urlsplit(url).netloc, **calls.namespace_headers})
            options["verify"] = calls.context is not None
            response = super().send(sent, *arguments, **options)
            response.url, response.request = url, request
            _with_scheme(response.headers, urlsplit(url))
            return response

    return InProcessSession(Rerouted())


def _on_server(calls: Calls, url: str) -> str:
    server = urlsplit(calls.url)
    return urlsplit(url)._replace(scheme=server.scheme, netloc=server.netloc).geturl()


def _with_scheme(headers: MutableMapping[str, str], request_url: SplitResult) -> None:
    """Give the URLs in the response the scheme of the request."""
    for name in URL_HEADERS:
        if name in headers:
            headers[name] = in_scheme(headers[name], request_url.netloc, request_url.scheme)
