"""Turn a request into a change that can be kept, and a kept change into the WSGI call that makes it again."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from werkzeug.wsgi import ClosingIterator

from fakekounta.control import PREFIX
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
_KEYS = tuple(_KEPT.values())
_FRAMING = ("CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING")
_REMEMBERED = 64
_HEALTH = f"{PREFIX}/health"


def head_of(environ: WSGIEnvironment) -> str:
    """Return all of a request but its body, as JSON."""
    get = environ.get
    return _text(
        tuple([get(key, "") for key in _KEYS]),
        tuple([get(key) for key in _FRAMING]),
        tuple(get(HEADERS, ())),
        get(PATIENCE),
        in_process=IN_PROCESS in environ,
    )


@lru_cache(maxsize=_REMEMBERED)  # a client sends the same again and again
def _text(
    known: tuple[str, ...],
    framing: tuple[str | None, ...],
    headers: tuple[tuple[str | bytes, str | bytes], ...],
    patience: float | None,
    *,
    in_process: bool,
) -> str:
    head = {
        **dict(zip(_KEPT, known, strict=True)),
        "in_process": in_process,
        "patience": patience,
        "headers": [(_decoded(name), _decoded(value)) for name, value in headers],
        "framing": {key: value for key, value in zip(_FRAMING, framing, strict=True) if value is not None},
    }
    return json.dumps(head)


def _decoded(part: str | bytes) -> str:
    return part.decode("latin-1") if isinstance(part, bytes) else part


def asking_health(environ: WSGIEnvironment, path: str) -> dict[str, Any]:
    """Return the environ of a request that does no more than make the namespace of another one."""
    asked = {"REQUEST_METHOD": "GET", "PATH_INFO": environ["PATH_INFO"].removesuffix(path) + _HEALTH}
    return {**environ, **asked, "QUERY_STRING": "", "CONTENT_LENGTH": "0", "wsgi.input": BytesIO()}


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


_Start = tuple[str, list[tuple[str, str]]]


class Response:
    """The response to a change, complete, before any of it is sent: its parts and pauses, or how it ends without any.

    So all that a slow response changes, such as the clock, is changed in the order of the log.
    """

    __slots__ = ("_chunks", "_failure", "_sleep", "_steps", "status")

    def __init__(self, app: WSGIApplication, environ: WSGIEnvironment) -> None:
        # Nothing here may refer to this object: such a cycle is left to the garbage collector
        steps: list[_Start | bytes | float] = []

        def started(status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], object]:
            steps.append((status, headers))
            return steps.append

        self._steps = steps
        self._sleep: Any = environ.get(SLEEP, sleep)
        self._failure: Cut | TimedOut | None = None
        self._chunks: Any = ()
        environ[SLEEP] = steps.append
        try:
            self._chunks = app(environ, started)
            for chunk in self._chunks:
                if chunk:
                    steps.append(chunk)  # noqa: PERF401 - what is sent before a cut, and pauses between
        except (Cut, TimedOut) as failure:
            failure.__traceback__ = None
            self._failure = failure
        starts = [step for step in steps if isinstance(step, tuple)]
        self.status: int = int(starts[-1][0][:3]) if starts else 0
        """The status, 0 if there is no response."""

    def close(self) -> None:
        """End it without sending it."""
        close = getattr(self._chunks, "close", None)
        if close is not None:
            close()

    def send(self, start_response: StartResponse) -> Iterable[bytes]:
        """Send it, as a WSGI app does."""
        close = getattr(self._chunks, "close", None)
        start, *bodies = self._steps or [b""]
        if self._failure is None and isinstance(start, tuple) and [*map(type, bodies)] in ([bytes], []):
            start_response(*start)  # nearly all: known length, so no chunks
            parts: Iterable[Any] = bodies
        else:
            parts = self._parts(start_response)
        return parts if close is None else ClosingIterator(parts, close)

    def _parts(self, start_response: StartResponse) -> Iterator[bytes]:
        for step in self._steps:
            if isinstance(step, bytes):
                yield step
            elif isinstance(step, tuple):
                start_response(*step)
            else:
                self._sleep(step)
        if self._failure is not None:
            raise self._failure
