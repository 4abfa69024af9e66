"""One HTTP request as one WSGI call."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit

from fakekounta.core.chain import new_context
from fakekounta.process.dataclass import dataclass
from fakekounta.wire.clients.cut import PATIENCE, SLEEP, Cut, TimedOut

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

REAL_ORIGIN = "https://api.kounta.com"
REAL_ORIGINS = (REAL_ORIGIN, "https://my.kounta.com")
"""The origins of the real service: that of the API, and that where people log in."""
IN_PROCESS = "fakekounta.in_process"
"""Key of the environ: set for requests from this process, made without a socket."""
HEADERS = "fakekounta.headers"
"""Key of the environ: the request's headers as pairs, named and repeated as they were sent."""

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class WsgiResponse:
    """The response of an application; with a `failure`, the body is the part before it."""

    status: int
    reason: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    failure: Cut | TimedOut | None = None


def call(
    app: WSGIApplication,
    method: str,
    url: str,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    patience_seconds: float | None = None,
    sleep: Callable[[float], object] | None = None,
) -> WsgiResponse:
    """Call the application and return its response; header values are latin-1 texts, as WSGI has them.

    It runs in an empty context, as in a server's thread: it does not see the caller's context variables, such as the
    `flask.g` of a request under way. Thread-locals are shared, because the thread is the same. Faults wait by `sleep`.

    Raise Cut and TimedOut if the exchange ends before there is any response.
    """
    environ = _environ(method, urlsplit(url), list(headers), body)
    environ[PATIENCE] = patience_seconds
    if sleep is not None:
        environ[SLEEP] = sleep
    return new_context().run(_call, app, environ)


def _call(app: WSGIApplication, environ: dict[str, Any]) -> WsgiResponse:
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[..., Any]:
        started[:] = [(status, headers)]
        return written.append

    written: list[bytes] = []
    chunks = app(environ, start_response)
    failure: Cut | TimedOut | None = None
    try:
        written.extend(chunks)
    except (Cut, TimedOut) as error:
        if not started:
            raise
        failure = error
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    if not started:
        raise RuntimeError("the application did not call start_response")
    status, answer_headers = started[0]
    code, _, reason = status.partition(" ")
    content = b"" if environ["REQUEST_METHOD"] == "HEAD" else b"".join(written)
    return WsgiResponse(status=int(code), reason=reason, headers=answer_headers, body=content, failure=failure)


def _environ(method: str, url: SplitResult, headers: list[tuple[str, str]], body: bytes) -> dict[str, Any]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(url.path).decode("latin-1") or "/",
        "QUERY_STRING": url.query,
        "REQUEST_URI": url.path,
        "SERVER_NAME": url.hostname or "",
        "SERVER_PORT": str(url.port or _PORTS.get(url.scheme, 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        IN_PROCESS: True,
        HEADERS: headers,
        "HTTP_HOST": url.netloc.rpartition("@")[2],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers:
        key = "HTTP_" + name.upper().replace("-", "_")
        if "_" not in name:  # as over a socket: in the environ such a name equals one with a dash
            environ[key] = f"{environ[key]}, {value}" if key in environ and key != "HTTP_HOST" else value
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if "HTTP_" + name in environ:
            environ[name] = environ.pop("HTTP_" + name)
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))  # some clients count characters, not bytes
    return environ


def refusal(url: str, origins: Sequence[str]) -> str | None:
    """Return why a URL is not answered in-process, or None if it begins with one of the origins."""
    if _origin(url) in map(_origin, origins):
        return None
    scheme, host, port = _origin(url)
    places = f"{', '.join(origins[:-1])} and {origins[-1]}"
    return f"this client reaches fakekounta only, at {places}, not {scheme}://{host}:{port}"


@lru_cache(maxsize=1024)
def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


@contextmanager
def needing_extra(extra: str) -> Iterator[None]:
    """Raise ImportError that names the extra to install, if an import in the block fails."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ImportError(f"this needs {error.name}: pip install 'fakekounta[{extra}]'", name=error.name) from error
