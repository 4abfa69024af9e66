"""A `requests.Session` that reaches a WSGI app in-process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from requests import ConnectionError as NoConnection
from requests import PreparedRequest, Response, Session
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers

from fakekounta.transports.call import call, refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Origins = Callable[[], Sequence[str]]


def session(app: WSGIApplication, origins: Origins) -> Session:
    """A session all of whose requests end in the app; other origins are refused with ConnectionError.

    The environment's proxies and .netrc do not count: there is no network to which they could apply.
    """
    made = InProcessSession()
    adapter = WsgiAdapter(app, origins)
    made.mount("http://", adapter)
    made.mount("https://", adapter)
    return made


class InProcessSession(Session):
    """A session without a network: what the environment says of proxies and certificates is not asked."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def merge_environment_settings(self, _url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """Nothing to merge; this costs requests as much as the fake's whole answer."""
        return {"proxies": proxies, "stream": bool(stream), "verify": verify, "cert": cert}


class WsgiAdapter(BaseAdapter):
    """Answers prepared requests by calling a WSGI app."""

    def __init__(self, app: WSGIApplication, origins: Origins) -> None:
        super().__init__()
        self._app = app
        self._origins = origins

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        """One exchange. Raises ConnectionError for an origin that is not the fake's."""
        url = request.url or ""
        reason = refusal(url, self._origins())
        if reason is not None:
            raise NoConnection(reason, request=request)
        headers = [(name, _latin(value)) for name, value in request.headers.items()]
        answer = call(self._app, request.method or "GET", url, headers, _body(request.body))
        response = Response()
        response.status_code = answer.status
        response.reason = answer.reason
        response.headers = CaseInsensitiveDict(answer.headers)
        response.encoding = get_encoding_from_headers(response.headers)
        response.url = url
        response.request = request
        response.connection = self  # type: ignore[assignment]  # the stubs know one kind of adapter only
        response.raw = BytesIO(answer.body)
        return response

    def close(self) -> None:
        """Nothing to close."""


def _latin(value: str | bytes) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value if value.isascii() else value.encode("utf-8").decode("latin-1")


def _body(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, (bytes, bytearray)):
        return bytes(body)
    if isinstance(body, str):
        return body.encode("utf-8")
    if hasattr(body, "read"):
        return _body(body.read())
    return b"".join(_body(part) for part in body)
