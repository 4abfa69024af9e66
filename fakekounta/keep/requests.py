"""Turn a request into a change that can be kept, and a kept change into the WSGI call that makes it again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

from werkzeug.wsgi import ClosingIterator

from fakekounta.process.unpatched import sleep
from fakekounta.wire.clients.call import HEADERS, IN_PROCESS
from fakekounta.wire.clients.cut import PATIENCE, SLEEP, Cut, TimedOut

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_KEPT = {
    "method": "REQUEST_METHOD",
    "path": "PATH_INFO",
    "query": "QUERY_STRING",
    "target": "REQUEST_URI",
    "protocol": "SERVER_PROTOCOL",
    "server": "SERVER_NAME",
    "port": "SERVER_PORT",
    "client": "REMOTE_ADDR",
    "scheme": "wsgi.url_scheme",
}


def head_of(environ: WSGIEnvironment) -> dict[str, Any]:
    """Return all of a request but its body, as JSON."""
    pairs: Iterable[tuple[str | bytes, str | bytes]] = environ.get(HEADERS, ())
    return {
        **{name: environ.get(key, "") for name, key in _KEPT.items()},
        "in_process": IN_PROCESS in environ,
        "patience": environ.get(PATIENCE),
        "headers": [(_text(name), _text(value)) for name, value in pairs],
        "framing": {key: environ[key] for key in ("CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING") if key in environ},
    }


def _text(part: str | bytes) -> str:
    return part.decode("latin-1") if isinstance(part, bytes) else part


def environ_of(head: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    """Return the WSGI environ of a request that was kept."""
    environ: dict[str, Any] = {key: head[name] for name, key in _KEPT.items()}
    for name, value in head["headers"]:
        key = "HTTP_" + name.upper().replace("-", "_")
        if "_" not in name:  # as it was read
            text = value.strip()
            glue = "; " if key == "HTTP_COOKIE" else ", "
            environ[key] = f"{environ[key]}{glue}{text}" if key in environ and key != "HTTP_HOST" else text
    for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if "HTTP_" + key in environ:
            environ[key] = environ.pop("HTTP_" + key)
    environ.update(head["framing"])
    if head["in_process"]:
        environ[IN_PROCESS], environ[PATIENCE] = True, head["patience"]
    return environ | {
        HEADERS: head["headers"],
        "SCRIPT_NAME": "",
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


class Response:
    """The response to a change, complete, before any of it is sent: its parts and pauses, or how it ends without any.

    So all that a slow response changes, such as the clock, is changed in the order of the log.
    """

    def __init__(self, app: WSGIApplication, environ: WSGIEnvironment) -> None:
        self._steps: list[Callable[[], object] | bytes] = []
        self._sleep: Any = environ.get(SLEEP, sleep)
        self._start: StartResponse | None = None
        self.status: int = 0
        """The status, 0 if there is no response."""
        self._failure: Cut | TimedOut | None = None
        environ[SLEEP] = lambda seconds: self._steps.append(lambda: self._sleep(seconds))
        self._chunks: Any = ()
        try:
            self._chunks = app(environ, self._started)
            self._steps.extend(_some(self._chunks))
        except (Cut, TimedOut) as failure:
            failure.__traceback__ = None
            self._failure = failure

    def _started(self, status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], object]:
        self.status = int(status[:3])
        self._steps.append(lambda: self._start and self._start(status, headers))
        return self._steps.append

    def send(self, start_response: StartResponse) -> Iterable[bytes]:
        """Send it, as a WSGI app does."""
        self._start = start_response
        close = getattr(self._chunks, "close", None)
        if self._failure is None and len(self._steps) == 2 and isinstance(self._steps[1], bytes):
            start, body = self._steps  # nearly all: known length, so no chunks
            start()  # type: ignore[operator] # the first step
            parts: Iterable[bytes] = [body]  # type: ignore[list-item] # see above
        else:
            parts = self._parts()
        return parts if close is None else ClosingIterator(parts, close)

    def _parts(self) -> Iterator[bytes]:
        for step in self._steps:
            if isinstance(step, bytes):
                yield step
            else:
                step()
        if self._failure is not None:
            raise self._failure


def _some(chunks: Iterable[bytes]) -> Iterator[bytes]:
    return (chunk for chunk in chunks if chunk)
