"""A `requests.Session` that reaches a WSGI app in-process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from errno import ECONNRESET
from http.client import BadStatusLine, HTTPMessage, RemoteDisconnected
from io import BytesIO
from typing import TYPE_CHECKING, Any

from requests import ConnectionError as NoConnection
from requests import PreparedRequest, ReadTimeout, RequestException, Response
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.cookies import extract_cookies_to_jar
from requests.sessions import SessionRedirectMixin
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers
from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.exceptions import ProtocolError

from fakekounta.wire.clients.call import WsgiResponse, call, refusal
from fakekounta.wire.clients.cut import Cut, TimedOut

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from requests import Session
else:  # a test may have replaced it, in each module that has it, before this one is imported
    Session = next(one for one in SessionRedirectMixin.__subclasses__() if one.__module__ == "requests.sessions")

REACHES_A_FAKE = "reaches_a_fake"
"""An attribute of adapters for the network that send to a fake themselves."""
Origins = Callable[[], Sequence[str]]


def session(app: WSGIApplication, origins: Origins) -> Session:
    """Return a session whose requests all go to the app; other origins raise ConnectionError."""
    return InProcessSession(WsgiAdapter(app, origins))


class InProcessSession(Session):
    """A session whose requests are all sent by a fake's adapter.

    It ignores the environment's proxies, certificates and .netrc: there is no network to which they could apply.

    An `HTTPAdapter` that is mounted on it keeps what it overrides, and sends by the fake's adapter instead of a socket.
    """

    def __init__(self, fake: BaseAdapter) -> None:
        self._fake: BaseAdapter | None = None
        super().__init__()  # it mounts adapters for the network
        self.mount("http://", fake)
        self.mount("https://", fake)
        self._fake = fake
        self.trust_env = False

    def mount(self, prefix: str | bytes, adapter: BaseAdapter) -> None:
        """Send requests whose URL begins with the prefix by an adapter, but to the fake."""
        leaves = self._fake is not None and isinstance(adapter, HTTPAdapter) and not hasattr(adapter, REACHES_A_FAKE)
        super().mount(prefix, _to_fake(adapter, self._fake) if leaves else adapter)

    def merge_environment_settings(self, _url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """Merge nothing: in requests this takes as long as the whole response of the fake."""
        return {"proxies": proxies, "stream": bool(stream), "verify": verify, "cert": cert}


class _Sending(HTTPAdapter):
    """What an adapter inherits from in place of `HTTPAdapter`."""

    fake: BaseAdapter

    def send(self, *arguments: Any, **options: Any) -> Response:
        """Send by the fake's adapter."""
        return self.fake.send(*arguments, **options)


def _to_fake(adapter: BaseAdapter, fake: BaseAdapter | None) -> BaseAdapter:
    """Return a copy of an adapter that calls the fake where `HTTPAdapter` would use a socket."""
    kind = type(adapter)
    made: Any = object.__new__(_Sending if kind is HTTPAdapter else type(kind.__name__, (kind, _Sending), {}))
    made.__dict__.update(adapter.__dict__, fake=fake)
    return made  # type: ignore[no-any-return]  # its class is made here


class WsgiAdapter(BaseAdapter):
    """Answers prepared requests by calling a WSGI app."""

    def __init__(self, app: WSGIApplication, origins: Origins) -> None:
        super().__init__()
        self._app = app
        self._origins = origins

    def send(self, request: PreparedRequest, *_: Any, timeout: Any = None, **__: Any) -> Response:
        """Return the response to a request.

        Raises:
            ConnectionError: The origin is not the fake's, or a fault ended the connection.
            ReadTimeout: A fault delayed the response for too long.
            ChunkedEncodingError: A fault ended the connection, raised when the body is read.
        """
        url = request.url or ""
        reason = refusal(url, self._origins())
        if reason is not None:
            raise NoConnection(reason, request=request)
        headers = [(name, _latin(value)) for name, value in request.headers.items()]
        patience = _read_timeout(timeout)
        try:
            answer = call(self._app, request.method or "GET", url, headers, _body(request.body), patience)
        except (Cut, TimedOut) as failure:
            raise _raised(failure, request) from failure
        response = Response()
        response.status_code = answer.status
        response.reason = answer.reason
        response.headers = CaseInsensitiveDict(answer.headers)
        response.encoding = get_encoding_from_headers(response.headers)
        response.url = url
        response.request = request
        response.connection = self  # type: ignore[assignment]  # the stubs know one class of adapters only
        response.raw = _raw(answer, request)
        if "Set-Cookie" in response.headers:
            extract_cookies_to_jar(response.cookies, request, response.raw)  # type: ignore[no-untyped-call]  # stubs
        return response

    def close(self) -> None:
        """Close nothing."""


def _raw(answer: WsgiResponse, request: PreparedRequest) -> HTTPResponse:
    """Return the response as urllib3 has it, with its body unread."""
    headers = HTTPHeaderDict()
    for name, value in answer.headers:  # the constructor takes 1.5 % of a request longer
        headers.add(name, value)
    return HTTPResponse(
        BytesIO(answer.body) if answer.failure is None else _Broken(answer.body, answer.failure),
        headers,
        answer.status,
        version=11,
        version_string="HTTP/1.1",
        reason=answer.reason,
        preload_content=False,
        decode_content=False,
        original_response=_Head(headers) if "Set-Cookie" in headers else None,  # type: ignore[arg-type]  # has the attributes that are used
        request_method=request.method,
        request_url=request.path_url,
    )


class _Head:
    """The part of an `http.client.HTTPResponse` that cookies are taken from."""

    def __init__(self, headers: HTTPHeaderDict) -> None:
        self.msg = HTTPMessage()
        for name, value in headers.iteritems():
            self.msg.add_header(name, value)

    def isclosed(self) -> bool:
        """Return True: there is no connection to give back."""
        return True

    def close(self) -> None:
        """Close nothing."""


class _Broken(BytesIO):
    """A body that fails before its end. If it just ends, urllib3 notices that a part is missing."""

    def __init__(self, begun: bytes, failure: Cut | TimedOut) -> None:
        super().__init__(begun)
        self._failure = failure

    def read(self, size: int | None = -1) -> bytes:
        """Return the bytes before the failure, then raise what a socket raises."""
        piece = super().read(size)
        if not piece:
            self._fail()
        return piece

    def _fail(self) -> None:
        if isinstance(self._failure, TimedOut):
            raise TimeoutError("timed out")
        if self._failure.reset:
            raise ConnectionResetError(ECONNRESET, "Connection reset by peer")


def _raised(failure: Cut | TimedOut, request: PreparedRequest) -> RequestException:
    """Return the exception that requests raises when there is no response."""
    if isinstance(failure, TimedOut):
        return ReadTimeout(f"Read timed out. (read timeout={failure.patience_seconds})", request=request)
    cause: Exception = RemoteDisconnected("Remote end closed connection without response")
    if failure.reset:
        cause = ConnectionResetError(ECONNRESET, "Connection reset by peer")
    elif failure.data:
        cause = BadStatusLine(repr(failure.data.partition(b"\r\n")[0].decode("latin-1")))
    return NoConnection(ProtocolError("Connection aborted.", cause), request=request)


def _read_timeout(timeout: Any) -> float | None:
    """Return how long a client waits for a byte, from any form of a timeout in requests."""
    read = timeout[1] if isinstance(timeout, tuple) else getattr(timeout, "read_timeout", timeout)
    return read if isinstance(read, (int, float)) else None


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
