"""The Flask app: the way of every request, and where refusals become answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask, Request, Response, request
from werkzeug.exceptions import HTTPException

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.errors import Refusal
from fakekounta.core.world import World
from fakekounta.process.unready import LACKS, reason
from fakekounta.web import companies, customers, oauth, webhooks
from fakekounta.web.answers import empty_answer, json_answer
from fakekounta.web.auth import authenticate
from fakekounta.web.errors import error_shape, http_refused, refused
from fakekounta.web.exchange import ANSWERING, Exchange, current, log
from fakekounta.web.faults import early_fault, failing, late_fault
from fakekounta.web.negotiation import check_accept
from fakekounta.web.rate_limit import count_request, tell_allowance
from fakekounta.web.routing import Route, Routes

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_Function = TypeVar("_Function", bound=Callable[..., Any])

REFUSAL = "fakekounta.refusal"
"""Key of the environ: why the caller is not answered (K07, K08), None if it is."""
_API = "/v1/"  # T01
_TOKEN = "/v1/token"  # noqa: S105 - a path


class ApiApp(Flask):
    """The faked API as a WSGI app, on the world that a request is meant for."""

    def __init__(self, world: Callable[[WSGIEnvironment], World], *, body_bytes: int) -> None:
        super().__init__("fakekounta", static_folder=None)
        self._world = world
        self.config["MAX_CONTENT_LENGTH"] = body_bytes  # T17
        self.url_map.merge_slashes = False
        for blueprint in (customers.blueprint, webhooks.blueprint, companies.blueprint, oauth.blueprint):
            self.register_blueprint(blueprint)
        self._routes = Routes(self.url_map)
        self.register_error_handler(Refusal, lambda refusal: refused(refusal, current()))
        self.register_error_handler(HTTPException, self._http_error)
        self.register_error_handler(Exception, _own_mistake)

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        answering = ANSWERING.set(Exchange(environ, self._world(environ)))
        try:
            return super().wsgi_app(environ, start_response)
        finally:
            ANSWERING.reset(answering)

    def full_dispatch_request(self) -> Response:
        """Answer; once more in the world that has taken its world's place meanwhile, so that what is done is there."""
        exchange, answer = current(), super().full_dispatch_request()
        while answer.status_code < 400:
            try:
                world = self._world(exchange.environ)
            except ValueError as refusal:  # the namespace was dropped, and there is no room for another
                return json_answer(error_shape(400, str(refusal)), 400)
            if exchange.world.is_one_with(world):
                break
            exchange.begin_again(world)
            answer = super().full_dispatch_request()
        return answer

    def create_url_adapter(self, request: Request | None) -> Route | None:
        """Flask's own also works out a host to match subdomains with, which the API does not have."""
        return None if request is None else Route(self._routes, current().entry.method, current().path)

    def ensure_sync(self, func: _Function) -> _Function:
        """Flask's own asks of each function whether it is a coroutine; here none is."""
        return func

    # Flask's own of these three look for functions by blueprint, and for a session; here there is one of each, or none.

    def preprocess_request(self, *_: Any) -> Response | None:
        """Before the view."""
        return self._enter()

    def process_response(self, *arguments: Any) -> Response:
        """After the view."""
        answer: Response = arguments[-1]
        return _leave(answer)

    def do_teardown_request(self, *_: Any, **__: Any) -> None:
        """Nothing is left to tear down."""

    def _enter(self) -> Response | None:
        """Check every request to the API, in the order of T21. Return a fault's response, or None to go on."""
        exchange = current()
        refusal: Refusal | None = exchange.environ.get(REFUSAL)
        if refusal is not None:
            raise refusal
        path, method = exchange.path, exchange.entry.method
        faults = exchange.world.faults
        if faults.early is not None and (answer := early_fault(exchange)) is not None:
            return answer
        if path.startswith(_API) and path != _TOKEN:
            check_accept(exchange)
            scheme = authenticate(exchange)
            if faults.late is not None and (answer := late_fault(exchange, scheme)) is not None:
                return answer
            count_request(exchange, scheme)
        if "CONTENT_TYPE" in exchange.environ and method in ("GET", "DELETE"):
            exchange.met(Quirk.T08_LENIENT_REQUESTS)
        if method == "HEAD":
            exchange.met(Quirk.T18_HEAD_AND_OPTIONS)
        elif method == "OPTIONS" and request.routing_exception is None:
            exchange.met(Quirk.T18_HEAD_AND_OPTIONS)
            return empty_answer(200, [("Allow", self._allow(exchange))])
        elif method == "DELETE" and request.endpoint == _DELETES_CUSTOMER and not _may_delete(exchange):
            return http_refused(405, exchange, [("Allow", self._allow(exchange))])
        return None

    def handle_exception(self, e: Exception) -> Response:
        """Return the response to what an error handler raises, because it cannot load what it needs either."""
        if isinstance(e, LACKS):
            return self.finalize_request(_unready(e), from_error_handler=True)
        return super().handle_exception(e)

    def _http_error(self, error: HTTPException) -> Response:
        """Return the response to Werkzeug's refusals: no such route (K05), wrong method (T16), body too large (T17)."""
        exchange, status = current(), error.code or 500
        _forget_routing()
        if status == 405:
            return http_refused(405, exchange, [("Allow", self._allow(exchange))])
        if status == 404:
            exchange.warn("K05: this path is not modelled by the fake; the real service may know it")
        return http_refused(status, exchange)

    def _allow(self, exchange: Exchange) -> str:
        """Return the methods that the request's path has."""
        methods = self._routes.methods(exchange.path)
        if "/customers/" in exchange.path:
            exchange.met(Quirk.C21_NO_DELETE)
            if not _may_delete(exchange):
                methods.discard("DELETE")
        return ", ".join(sorted(methods))


_DELETES_CUSTOMER = "customers.delete_customer"


def _may_delete(exchange: Exchange) -> bool:
    return exchange.world.assumptions.choice(Quirk.C21_NO_DELETE) == "204"


def _leave(answer: Response) -> Response:
    exchange = current()
    tell_allowance(exchange, answer)
    answer.headers.add("Date", _date(int(exchange.began_at.timestamp())))
    if exchange.hit is not None:
        _forget_routing()
        return failing(exchange, exchange.hit, answer)
    exchange.answered(answer)
    return answer


def _forget_routing() -> None:
    """Let go of the routing's exception: it knows the request, and the two would need the garbage collector."""
    request.routing_exception = None


@lru_cache(maxsize=16)
def _date(second: int) -> str:
    """Return a time on the fake's clock in the form of the header Date."""
    return formatdate(second, usegmt=True)


def _unready(lack: BaseException) -> Response:
    """Return the response while a part of the fake cannot be loaded."""
    log.warning("a part of the fake cannot be loaded: %s", lack)
    return json_answer(error_shape(503, reason(lack)), 503)


def _own_mistake(error: Exception) -> Response:
    """Return the response to a bug of the fake: the log has the traceback, the client none of it."""
    if isinstance(error, LACKS):
        return _unready(error)
    exchange = current()
    log.error("%s failed", exchange.line, exc_info=error)
    return http_refused(500, exchange)
