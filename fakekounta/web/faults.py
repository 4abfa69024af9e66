"""Apply fault rules to exchanges: find the rules that match, and make the response fail."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.faults import Asker, Fault, Hit
from fakekounta.core.messages import Message
from fakekounta.web.answers import ApiResponse, empty_answer, json_answer
from fakekounta.web.auth import sent_token
from fakekounta.web.errors import challenged, error_shape, limit_exceeded, phrase_of
from fakekounta.web.exchange import Exchange
from fakekounta.web.rate_limit import LimitExceeded
from fakekounta.wire.clients.cut import Cut, pause

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from werkzeug.datastructures import Headers

    from fakekounta.core.world import World

GARBAGE = bytes(range(255, 127, -1)) + b"\r\n\r\n"
BROKEN_LINE = b"HTTP/1.1 "
_CUTS: Mapping[str | None, Callable[[], Cut]] = {
    "close": Cut,
    "reset": lambda: Cut(reset=True),
    "garbage": lambda: Cut(data=GARBAGE),
}


def early_fault(exchange: Exchange) -> Response | None:
    """Apply the rules that do not need the application. Return the response if a rule replaces the API's, or None."""
    rules = exchange.world.faults.early
    if rules is None:
        return None
    found = rules.about(exchange.entry.method, exchange.entry.path)
    if found:
        exchange.hit = rules.strike(found, exchange.world.clock.now())
    return _answer_of(exchange)


def late_fault(exchange: Exchange, scheme: str) -> Response | None:
    """Return the response of a fault that needs the application, or None.

    Raise LimitExceeded (R01), TokenRefused (O07).
    """
    world, hit = exchange.world, exchange.hit
    rules = world.faults.late
    if rules is None or (hit is not None and hit.fault is not None):
        return None
    found = rules.about(exchange.entry.method, exchange.entry.path)
    if not found:
        return None
    application, now = exchange.caller, world.clock.now()
    asker = Asker(client_id=application.client_id, company_id=application.company_id, scheme=scheme)
    exchange.hit = rules.strike(found, now, asker, hit)
    fault = exchange.hit.fault if exchange.hit is not None else None
    if fault is not None and fault.token_expired:
        raise world.applications.expire(sent_token(exchange), application, now)
    if fault is not None and fault.rate_limited:
        exchange.allowance = world.faults_limit.refuse(application.client_id, scheme, now)
        exchange.covers(Quirk.R02_RATE_LIMIT_HEADERS, Quirk.R03_BODY_OF_429)
        raise LimitExceeded(Quirk.R01_REQUESTS_A_MINUTE, "Limit exceeded")
    return _answer_of(exchange)


def _answer_of(exchange: Exchange) -> Response | None:
    """Return the response that a fault sends instead of calling the view, or None."""
    fault = None if exchange.hit is None else exchange.hit.fault
    if fault is None or fault.after_change:
        return None
    if fault.status is not None:
        return _own_answer(exchange, fault)
    return empty_answer(503) if fault.connection in _CUTS else None


def _own_answer(exchange: Exchange, fault: Fault) -> Response:
    """Return a response with the fault's status and body. An error without a body gets the API's for the status."""
    status = fault.status or 500
    answer = _error(exchange, status) if fault.body is None and status >= 400 else empty_answer(status)
    if fault.body:
        answer.set_data(fault.body)
    for name, _ in fault.headers:
        answer.headers.pop(name, None)
    answer.headers.extend(fault.headers)
    return answer


def _error(exchange: Exchange, status: int) -> Response:
    """Return an error in the API's form: 401 as without credentials, 429 as bare text (R03), others as T10."""
    if status == HTTPStatus.UNAUTHORIZED:
        return challenged(exchange)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        exchange.covers(Quirk.R03_BODY_OF_429)
        return limit_exceeded()
    return json_answer(error_shape(status, phrase_of(status)), status)


def failing(exchange: Exchange, hit: Hit, made: Response) -> Response:
    """Return the failing response. The journal gets the response that the client gets, and a note about the API's."""
    fault = hit.fault
    exchange.entry.fault = "; ".join(hit.texts)
    if fault is not None and fault.after_change:
        place = f" {made.headers['Location']}" if "Location" in made.headers else ""
        exchange.note(f"the API answered {made.status_code}{place}, which was not sent")
        exchange.entry.explained_by = ()
        if fault.status is not None:
            date, made = made.headers["Date"], _own_answer(exchange, fault)
            made.headers["Date"] = date
    answer = Failing(made, hit, exchange.world, is_head=exchange.entry.method == "HEAD")
    if answer.breaks:
        exchange.note(f"the body ended after {len(answer.body)} of {len(made.get_data())} bytes")
    if answer.cut is not None:
        exchange.ended(0, Message((), answer.cut.data), hit.delay_seconds)
    else:
        exchange.ended(made.status_code, Message(made.headers, answer.body), hit.delay_seconds)
    return answer


class Failing(ApiResponse):
    """A response that is sent late, in pieces, in part, or not at all.

    `cut` says how the connection ends without a response. Otherwise `body` is the part of the body to send, and
    `breaks` says whether the connection ends after it. The delay is in the iteration, when no lock is held and the
    request is done.
    """

    def __init__(self, made: Response, hit: Hit, world: World, *, is_head: bool) -> None:
        super().__init__(made.get_data(), made.status)
        self.headers: Headers = made.headers
        self._hit, self._world = hit, world
        self.body: bytes = b"" if is_head else made.get_data()
        connection = None if hit.fault is None else hit.fault.connection
        self.cut = _CUTS[connection]() if connection in _CUTS else None
        self.breaks: bool = False
        self._unsent = b""
        self._drip_seconds = 0.0
        if connection == "truncate" and len(self.body) > 1:
            half = len(self.body) // 2
            self.body, self._unsent = self.body[:half], self.body[half:]
            self.breaks = True
        elif connection == "truncate":
            self.cut = Cut(data=BROKEN_LINE)
        elif hit.fault is not None and connection == "drip":
            self._drip_seconds = hit.fault.drip_seconds

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        hit, drip_seconds = self._hit, self._drip_seconds
        late = hit.delay_seconds + (0.0 if self.body else drip_seconds)
        if late or hit.clock_seconds:
            self._world.outbox.wake()  # deliveries do not wait for the delay
            pause(environ, late, hit.clock_seconds, self._advance)
        if self.cut is not None:
            raise self.cut
        start_response(self.status, self.headers.to_wsgi_list())
        if drip_seconds:
            for start in range(len(self.body)):
                if start:
                    pause(environ, drip_seconds, 0.0, self._advance)
                yield self.body[start : start + 1]
        else:
            yield self.body
        if self.breaks:
            raise Cut(torn=self._unsent)

    def _advance(self, seconds: float) -> None:
        with suppress(ValueError):  # at the end of the calendar the clock stays
            self._world.clock.advance(seconds=seconds)
