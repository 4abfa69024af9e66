"""The Flask app of the faked API: the checks of every request, and the handlers that turn refusals into responses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, Response
from flask.sessions import NullSession, SessionInterface
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule

from fakekounta.catalogue.assumptions import RECORD, Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.api_paths import is_write_not_modelled
from fakekounta.core.errors import Refusal
from fakekounta.core.world import World
from fakekounta.process.unready import LACKS, reason
from fakekounta.web import collections, companies, customers, menu, oauth, order_parts, orders, webhooks
from fakekounta.web.answers import empty_answer, json_answer
from fakekounta.web.auth import authenticate
from fakekounta.web.errors import error_shape, http_refused, refused
from fakekounta.web.exchange import ANSWERING, Exchange, current, log
from fakekounta.web.faults import early_fault, failing, late_fault
from fakekounta.web.negotiation import check_accept
from fakekounta.web.rate_limit import count_request, tell_allowance
from fakekounta.web.rules import FindingRule

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

REFUSAL = "fakekounta.refusal"
"""Key of the WSGI environ that holds the reason why the caller is refused (K07, K08), or None."""
REMEMBERED = 4_096
"""The largest number of cached paths."""
LONGEST = 256
"""Longer paths are not cached."""
_API = "/v1/"  # T01
_TOKEN = "/v1/token"  # noqa: S105 - a path


Found = tuple[Rule, Mapping[str, Any]]
"""The rule that matches a path, and the variable parts of the path."""


class Routes:
    """Finds the rule of a method and a path, and caches the latest results. The map must not change afterwards."""

    def __init__(self, routes: Map) -> None:
        self._routes = routes
        self._known = lru_cache(maxsize=REMEMBERED)(self._look_up)

    def find(self, method: str, path: str) -> Found:
        """Return the rule, and the variable parts of the path. Raise NotFound, MethodNotAllowed."""
        return self._known(method, path) if len(path) <= LONGEST else self._look_up(method, path)

    def methods(self, path: str) -> set[str]:
        """Return the methods that a path has."""
        return set(self._routes.bind("localhost").allowed_methods(path)) if _is_plain(path) else set()

    def _look_up(self, method: str, path: str) -> Found:
        if not _is_plain(path):
            raise NotFound
        return self._routes.bind("localhost", path_info=path, default_method=method).match(return_rule=True)

    def __len__(self) -> int:
        """Return the number of cached paths."""
        return self._known.cache_info().currsize


def _is_plain(path: str) -> bool:
    """Return whether a path begins with exactly one slash; Werkzeug treats any number of slashes as one."""
    return path[:1] == "/" and path[1:2] != "/"


class _NoSessions(SessionInterface):
    """Replaces Flask's sessions, which would make an object for each request."""

    _none = NullSession()

    def open_session(self, *_: Any) -> NullSession:
        """Return an empty session that all requests share; it refuses changes."""
        return self._none


class ApiApp(Flask):
    """The faked API as a WSGI app; `world` returns the world of a request."""

    session_interface: SessionInterface = _NoSessions()
    url_rule_class = FindingRule

    def __init__(self, world: Callable[[WSGIEnvironment], World], *, body_bytes: int) -> None:
        super().__init__("fakekounta", static_folder=None)
        self._world = world
        self.config["MAX_CONTENT_LENGTH"] = body_bytes  # T17
        self.url_map.merge_slashes = False
        orders.add_converters(self.url_map)
        for module in (customers, orders, order_parts, webhooks, companies, oauth, menu):
            self.register_blueprint(module.blueprint)
        for blueprint in collections.blueprints():
            self.register_blueprint(blueprint)
        self._routes = Routes(self.url_map)
        self.register_error_handler(Refusal, lambda refusal: refused(refusal, current()))
        self.register_error_handler(HTTPException, self._http_error)
        self.register_error_handler(Exception, _own_mistake)

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Respond to one request. Flask documents this method as the place to wrap an app."""
        exchange = Exchange(environ, self._world(environ))
        answering, asking = ANSWERING.set(exchange), RECORD.set(exchange.asked)
        try:
            return super().wsgi_app(environ, start_response)
        finally:
            RECORD.reset(asking)
            ANSWERING.reset(answering)

    def create_url_adapter(self, request: Request | None) -> None:
        """Return no URL adapter: `_view` finds the view of a request.

        Flask's method also matches hosts and subdomains, which the API does not have, and caches no path. With it the
        WSGI call of a GET by id takes 50 % longer (78 µs of processor time instead of 51).
        """

    def do_teardown_request(self, *_: Any, **__: Any) -> None:
        """Do nothing: no function is to be called after a request.

        Flask's method looks for them in each blueprint, and sends a signal. With it the WSGI call of a GET by id takes
        6 % longer (53 µs of processor time instead of 50): more than the 5 % by which it may be slower than it was.
        """

    def full_dispatch_request(self) -> Response:
        """Respond in the request's world, and again in the new one if a reset replaced it meanwhile: no change is lost.

        Flask's method looks in each blueprint for functions to call before and after the view, and sends signals. With
        it, and with `before_request` and `after_request`, the WSGI call of a GET by id takes 30 % longer (67 µs of
        processor time instead of 51).
        """
        exchange, answer = current(), self._answer()
        while answer.status_code < 400:
            try:
                world = self._world(exchange.environ)
            except ValueError as refusal:  # the namespace was deleted, and no other can be created
                return json_answer(error_shape(400, str(refusal)), 400)
            if exchange.world.is_one_with(world):
                break
            exchange.begin_again(world)
            answer = self._answer()
        return answer

    def _answer(self) -> Response:
        """Return the response of the checks, of the view, or of an error handler."""
        exchange = current()
        try:
            answer = self._check(exchange) or self._view(exchange)
        except Exception as error:  # noqa: BLE001 - each has a handler
            answer = self._handled(error)
        return _leave(exchange, answer)

    def _handled(self, error: Exception) -> Response:
        try:
            handled: Any = self.handle_user_exception(error)
        except LACKS as lack:  # the handler needs a part that cannot be loaded, too
            return _unready(lack)
        answer: Response = handled
        return answer

    @staticmethod
    def _check(exchange: Exchange) -> Response | None:
        """Check every request to the API, in the order of T21. Return a fault's response, or None to call the view."""
        refusal: Refusal | None = exchange.environ.get(REFUSAL)
        if refusal is not None:
            raise refusal
        path, faults = exchange.path, exchange.world.faults
        if faults.early is not None and (answer := early_fault(exchange)) is not None:
            return answer
        if path.startswith(_API) and path != _TOKEN:
            check_accept(exchange)
            scheme = authenticate(exchange)
            if faults.late is not None and (answer := late_fault(exchange, scheme)) is not None:
                return answer
            count_request(exchange, scheme)
        return None

    def _view(self, exchange: Exchange) -> Response:
        """Return the response of the view. Raise NotFound, MethodNotAllowed."""
        method = exchange.entry.method
        if "CONTENT_TYPE" in exchange.environ and method in ("GET", "DELETE"):
            exchange.covers(Quirk.T08_LENIENT_REQUESTS)
        if method == "HEAD":
            exchange.covers(Quirk.T18_HEAD_AND_OPTIONS)
        rule, parts = self._routes.find(method, exchange.path)
        if method == "OPTIONS":
            exchange.covers(Quirk.T18_HEAD_AND_OPTIONS)
            return empty_answer(200, [("Allow", self._allow(exchange))])
        if rule.endpoint == _DELETES_CUSTOMER and not may_delete_customers(exchange.world.assumptions):
            raise MethodNotAllowed
        view: Any = self.view_functions[rule.endpoint]  # Flask's type of it allows more than a Response
        answer: Response = view(**parts)
        return answer

    def _http_error(self, error: HTTPException) -> Response:
        """Return the response to Werkzeug's refusals: no such route (K05), wrong method (T16), body too large (T17)."""
        exchange, status = current(), error.code or 500
        if status == 405 and order_parts.hides(exchange):
            return refused(order_parts.NO_PAYMENTS, exchange)
        if status == 405 and is_write_not_modelled(exchange.entry.method, exchange.path):
            exchange.warn("K05: the fake only reads this; the real service lets it be changed")
            return http_refused(404, exchange)
        if status == 405:
            return http_refused(405, exchange, [("Allow", self._allow(exchange))])
        if status == 404:
            tell = exchange.note if exchange.path == "/" else exchange.warn  # K10: no API is there, and browsers try it
            tell("K05: this path is not modelled by the fake; the real service may know it")
        return http_refused(status, exchange)

    def _allow(self, exchange: Exchange) -> str:
        """Return the methods of the request's path, for the header Allow."""
        methods = self._routes.methods(exchange.path)
        if (
            "/customers/" in exchange.path
            and "DELETE" in methods
            and not may_delete_customers(exchange.world.assumptions)
        ):
            methods.discard("DELETE")
        return ", ".join(sorted(methods))


@lru_cache(maxsize=8)
def api_app(world: Callable[[WSGIEnvironment], World], body_bytes: int) -> ApiApp:
    """Return the app for this limit of a body. All fakes share it, because making its routes takes 2 ms.

    It has no state besides the cache of paths; `world` returns the world of a request.
    """
    return ApiApp(world, body_bytes=body_bytes)


_DELETES_CUSTOMER = "customers.delete_customer"


def may_delete_customers(assumptions: Assumptions) -> bool:
    """Return whether customers can be deleted by the API."""
    return assumptions.choice(Quirk.C21_NO_DELETE) == "204"


def _leave(exchange: Exchange, answer: Response) -> Response:
    tell_allowance(exchange, answer)
    answer.headers.add("Date", _date(int(exchange.began_at.timestamp())))
    if exchange.hit is not None:
        return failing(exchange, exchange.hit, answer)
    exchange.answered(answer)
    return answer


@lru_cache(maxsize=16)
def _date(second: int) -> str:
    """Return a time on the fake's clock in the form of the header Date."""
    return formatdate(second, usegmt=True)


def _unready(lack: BaseException) -> Response:
    """Return the response while a part of the fake cannot be loaded."""
    log.warning("a part of the fake cannot be loaded: %s", lack)
    return json_answer(error_shape(503, reason(lack)), 503)


def _own_mistake(error: Exception) -> Response:
    """Return the response after a bug of the fake. The traceback is in the log, not in the response."""
    if isinstance(error, LACKS):
        return _unready(error)
    exchange = current()
    log.error("%s failed", exchange.line, exc_info=error)
    return http_refused(500, exchange)
