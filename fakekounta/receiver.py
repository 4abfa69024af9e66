"""A receiver of webhooks for tests: it records requests, verifies signatures, and fails on request."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from secrets import token_hex
from threading import Condition, Event
from typing import TYPE_CHECKING, Any

from fakekounta.process.dataclass import dataclass
from fakekounta.process.forks import reset_in_children
from fakekounta.signing import HEADER, TOKEN, verify
from fakekounta.wire.server import Cut, HttpServer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from typing_extensions import Self

_ANOTHERS = re.compile("/webhooks/[0-9a-f]{8}(/|$)")
_Behaviour = Callable[["WSGIEnvironment", "StartResponse"], Iterable[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request: method, path, headers by lower-case name, the exact body, and whether its signature is right."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    is_signed: bool

    def __repr__(self) -> str:
        signed = "signed" if self.is_signed else "not signed"
        return f"<{self.method} {self.path} of {len(self.body)} bytes, {signed}>"

    def json(self) -> Any:
        """Return the body as JSON. Raise ValueError if it is not JSON."""
        return json.loads(self.body)


class Receiver:
    """A live endpoint on 127.0.0.1. It answers 204 by default, and 404 to the `url` of another receiver.

    Args:
        token: The signature token to verify signatures with (W11).
    """

    def __init__(self, *, token: str = TOKEN) -> None:
        self.token = token
        # A random path, so that requests to an earlier receiver on this port are not recorded here
        self._path = f"/webhooks/{token_hex(4)}"
        self._received: list[Received] = []
        self._arrived = Condition()
        self._planned: list[_Behaviour] = []
        self._released = Event()
        self._server = HttpServer(self._answer, refusal=lambda _, text: ("text/plain", text.encode("ascii")))
        reset_in_children(self)

    def __repr__(self) -> str:
        return f"<receiver at {self.url}: {len(self.received)} requests>"

    def reset_after_fork(self) -> None:
        """Renew the locks in a forked child, where no thread would release them."""
        self._arrived, self._released = Condition(), Event()

    @property
    def url(self) -> str:
        """The address to subscribe with."""
        return f"{self._server.url}{self._path}"

    @property
    def received(self) -> list[Received]:
        """The requests received, in the order of arrival."""
        with self._arrived:
            return list(self._received)

    def wait_for(self, count: int = 1, *, timeout: float = 2.0) -> list[Received]:
        """Return the requests received, once there are `count`.

        Raises:
            AssertionError: There are fewer after `timeout` seconds of real time.
        """
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self._received) >= count, timeout):
                raise AssertionError(f"{len(self._received)} requests came within {timeout} s, not {count}")
            return list(self._received)

    # --- planned responses ------------------------------------------------------------------------------------

    def answer(self, status: int, *, times: int = 1, headers: Iterable[tuple[str, str]] = ()) -> None:
        """Answer the next requests with this status."""
        self._plan(times, lambda _, start_response: _say(start_response, status, [*headers]))

    def redirect(self, location: str, *, times: int = 1) -> None:
        """Answer the next requests with a 302 to `location`."""
        self.answer(302, times=times, headers=[("Location", location)])

    def hang(self, *, times: int = 1) -> None:
        """Leave the next requests without a response until `release` or `stop`."""
        released = self._released

        def wait(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            released.wait()
            return _say(start_response, 204, [])

        self._plan(times, wait)

    def release(self) -> None:
        """Answer the requests that hang, and let no further ones hang."""
        released, self._released = self._released, Event()
        released.set()

    def close_connection(self, *, times: int = 1) -> None:
        """Close the connection of the next requests without a response."""

        def cut(*_: Any) -> Iterable[bytes]:
            raise Cut

        self._plan(times, cut)

    def reset(self) -> None:
        """Forget the requests received, and all plans for the next ones."""
        with self._arrived:
            self._received.clear()
            self._planned.clear()
        self.release()

    def _plan(self, times: int, behaviour: _Behaviour) -> None:
        with self._arrived:
            self._planned += [behaviour] * times

    # --- serving -----------------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Start to serve."""
        self._server.start()
        return self

    def stop(self) -> None:
        """Stop serving."""
        self.release()
        self._server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if _ANOTHERS.match(environ["PATH_INFO"]) and not environ["PATH_INFO"].startswith(self._path):
            return _say(start_response, 404, [])
        body = environ["wsgi.input"].read()
        headers = {name[5:].replace("_", "-").lower(): environ[name] for name in environ if name.startswith("HTTP_")}
        headers["content-type"] = environ.get("CONTENT_TYPE", "")
        request = Received(
            method=environ["REQUEST_METHOD"],
            path=environ["PATH_INFO"],
            headers=headers,
            body=body,
            is_signed=verify(body, headers.get(HEADER.lower()), self.token),
        )
        with self._arrived:
            self._received.append(request)
            behaviour = self._planned.pop(0) if self._planned else None
            self._arrived.notify_all()
        return _say(start_response, 204, []) if behaviour is None else behaviour(environ, start_response)


def _say(start_response: StartResponse, status: int, headers: list[tuple[str, str]]) -> list[bytes]:
    start_response(f"{status} Told", headers)
    return []
