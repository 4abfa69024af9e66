"""Send requests to the target, by WSGI or with urllib3 over a socket; after a 429, wait and send again."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fakekounta.catalogue.quirks import Quirk
from fakekounta.process.dataclass import dataclass
from fakekounta.stateful.contradiction import Witness
from fakekounta.wire.clients.call import call

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

TIMEOUT_SECONDS = 30
_WAITS = 2
_LONGEST_WAIT_SECONDS = 120

Auth = tuple[str, str] | str
"""Client id and secret, or an access token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A response of the server; `headers` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text; invalid UTF-8 is replaced."""
        return self.body.decode("utf-8", "replace")


Send = Callable[[str, str, Mapping[str, str], bytes], Response]
"""Sends method, URL, headers and body, and returns the response, without following a redirect."""


def in_process(app: WSGIApplication) -> Send:
    """Return a function that sends requests to a WSGI app."""

    def send(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        answer = call(app, method, url, headers.items(), body)
        found = {name.lower(): value for name, value in answer.headers}
        return Response(status=answer.status, headers=found, body=answer.body)

    return send


def over_socket() -> tuple[Send, Callable[[], None]]:
    """Return a function that sends requests over HTTP, and one that closes the connections. No proxy is used."""
    from urllib3 import PoolManager, Timeout  # noqa: PLC0415 - only needed with a socket
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    pool = PoolManager(retries=False, timeout=Timeout(TIMEOUT_SECONDS))

    def send(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        try:
            answer = pool.request(method, url, headers=headers, body=body or None, redirect=False)
        except HTTPError as error:
            raise ConnectionError(f"{method} {url}: {error}") from None
        found = {name.lower(): value for name, value in answer.headers.items()}
        return Response(status=answer.status, headers=found, body=answer.data)

    return send, pool.clear


class HiddenHeaders(dict[str, str]):
    """Headers whose repr hides credentials, because pytest prints it in tracebacks."""

    def __repr__(self) -> str:
        return f"<headers {', '.join(self)}>"


class Wire:
    """Sends requests to one server as one application."""

    def __init__(self, send: Send, origin: str, auth: Auth, witness: Witness, wait: Callable[[float], None]) -> None:
        self._send = send
        self._auth = authorization(auth)
        self._witness = witness
        self._wait = wait
        self.origin = origin

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        headers: Mapping[str, str | None] | None = None,
        now: float | None = None,
    ) -> Response:
        """Return the response to a request; `headers` replace the default ones, or remove those that are None.

        A 429 is checked (R02, R03), and the request sent again when its limit ends; `now` is the server's time in Unix
        seconds, if known.
        """
        target = f"{path}?{urlencode(query)}" if query else path
        content = b"" if body is None else json.dumps(body).encode()
        sent: dict[str, str | None] = {"Authorization": self._auth, "Accept": None}
        sent.update({"Content-Type": "application/json"} if body is not None else {})
        sent.update({} if path.partition("?")[0].endswith(".json") else {"Accept": "application/json"})
        final = HiddenHeaders({name: value for name, value in {**sent, **(headers or {})}.items() if value is not None})
        for _ in range(_WAITS + 1):
            answer = self._send(method, self.origin + target, final, content)
            self._witness.exchange = f"{method} {target} -> {answer.status}"
            if answer.status != 429:
                return answer
            if method != "HEAD" and answer.text != "Limit exceeded":
                what = f"the body of a 429 is {answer.text[:80]!r}, not 'Limit exceeded'"
                raise self._witness.contradiction(Quirk.R03_BODY_OF_429, what)
            self._wait(self._seconds_to_wait(answer, now))
            now = None
        raise self._witness.contradiction(
            Quirk.R02_RATE_LIMIT_HEADERS, f"still 429 after waiting {_WAITS} times until X-Ratelimit-Reset"
        )

    def _seconds_to_wait(self, answer: Response, now: float | None) -> float:
        reset = answer.headers.get("x-ratelimit-reset", "")
        if not reset.isdecimal():
            raise self._witness.contradiction(
                Quirk.R02_RATE_LIMIT_HEADERS, f"X-Ratelimit-Reset of a 429 is {reset!r}, not a time in Unix seconds"
            )
        server_time = date_of(answer) if now is None else now
        seconds = int(reset) - (time.time() if server_time is None else server_time)
        return min(max(seconds, 1.0), _LONGEST_WAIT_SECONDS)


def date_of(answer: Response) -> float | None:
    """Return the server's time in Unix seconds, or None if the response has none."""
    try:
        return parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return None


def authorization(auth: Auth) -> str:
    """Return the value of the Authorization header."""
    if isinstance(auth, str):
        return f"Bearer {auth}"
    return "Basic " + b64encode(":".join(auth).encode()).decode()
