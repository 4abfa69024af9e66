"""The Flask app of the control surface: JSON in, JSON out. It refuses foreign web pages."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Flask, Request, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from fakekounta.control import (
    PREFIX,
    cafe,
    catalogue,
    clock,
    collections,
    customers,
    dashboard,
    faults,
    requests,
    state,
    webhooks,
)
from fakekounta.control.calls import CallRefused, check_parameters, error
from fakekounta.control.changes import Past
from fakekounta.control.changes import blueprint_of as changes
from fakekounta.control.described import Call, call_of
from fakekounta.control.guard import NO_JSON, has_token, is_a_visit, reason_to_refuse
from fakekounta.control.namespaces import blueprint_of
from fakekounta.control.openapi import Describe
from fakekounta.control.openapi import blueprint_of as descriptions
from fakekounta.process.unready import LACKS, reason
from fakekounta.settings.hosts import KnownHosts
from fakekounta.web.rules import FindingRule
from fakekounta.worlds.namespaces import Namespaces

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

log: logging.Logger = logging.getLogger("fakekounta.control")

DASHBOARD = dashboard.blueprint.name
"""The name of the blueprint that serves a page and its files instead of JSON."""

_BLUEPRINTS = tuple(
    module.blueprint for module in (state, customers, cafe, clock, webhooks, requests, faults, catalogue, dashboard)
)


class Control(Flask):
    """The control surface of one fake. Every response is JSON; a refusal has `error_description`."""

    url_rule_class = FindingRule

    def __init__(
        self,
        namespaces: Namespaces,
        describe: Describe,
        past: Callable[[], Past | None],
        *,
        hosts: KnownHosts,
        token: str | None = None,
    ) -> None:
        super().__init__("fakekounta", static_folder=None)
        self._hosts = hosts
        self._token = token
        self.url_map.merge_slashes = False
        self.before_request(self._guard)
        self.teardown_request(_forget_routing)
        made = (blueprint_of(namespaces), descriptions(describe), changes(past))
        for blueprint in (*_BLUEPRINTS, *collections.blueprints(), *made):
            self.register_blueprint(blueprint, url_prefix=PREFIX + (blueprint.url_prefix or ""))
        self.register_error_handler(CallRefused, _refused)
        self.register_error_handler(HTTPException, _http_error)
        self.register_error_handler(Exception, _own_mistake)

    def refuses(self, environ: WSGIEnvironment) -> bool:
        """Return whether this caller is refused, whatever control call it makes."""
        asked = Request(environ, populate_request=False)
        knows_token = self._knows_token(asked)
        return reason_to_refuse(asked, self._hosts, knows_token=knows_token) is not None or (
            self._token is not None and not knows_token
        )

    def _knows_token(self, asked: Request) -> bool:
        return self._token is not None and has_token(asked, self._token)

    def _guard(self) -> None:
        knows_token = self._knows_token(request)
        may_be_visited = request.endpoint in dashboard.VISITED and is_a_visit(request)
        reason = reason_to_refuse(request, self._hosts, knows_token=knows_token, from_anywhere=may_be_visited)
        if reason == NO_JSON and isinstance(request.routing_exception, MethodNotAllowed):
            return  # Flask refuses it with 405
        if reason is not None:
            raise CallRefused(reason, 403)
        call = call_of(self.view_functions.get(request.endpoint or ""))
        if self._token is not None and not knows_token and _needs_token(call):
            raise CallRefused("The control token is missing or wrong: send it as Authorization: Bearer TOKEN", 401)
        if call is not None:
            check_parameters(tuple(call.query))


def _forget_routing(_: BaseException | None) -> None:
    """Drop the routing exception: it and the request refer to each other, a cycle for the garbage collector."""
    request.routing_exception = None


def _needs_token(call: Call | None) -> bool:
    """Return whether a call needs the token. The dashboard's files hold no data and need none; its page asks for it."""
    return request.blueprint != DASHBOARD if call is None else call.needs_token


def _refused(refused: CallRefused) -> Response:
    answer = error(refused.status, refused.description)
    if refused.status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="fakekounta"'
    return answer


def _http_error(http_error: HTTPException) -> Response:
    listed = f"{PREFIX}/control.openapi.json and docs/control.md list the calls"
    answer = error(http_error.code or 500, f"{http_error.name}: {listed}")
    for name, value in http_error.get_headers():
        if name == "Allow":
            answer.headers[name] = value
    return answer


def _own_mistake(mistake: Exception) -> Response:
    if isinstance(mistake, LACKS):
        log.warning("a part of the fake cannot be loaded: %s", mistake)
        return error(503, reason(mistake))
    log.error("a control call failed", exc_info=mistake)
    return error(500, "Internal error of the fake; its log has the traceback")
