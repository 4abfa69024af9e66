"""The control surface as a WSGI app of its own: JSON in, JSON out, and nothing for a foreign web page."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import TYPE_CHECKING

from flask import Flask, Request, Response, request
from werkzeug.exceptions import HTTPException

from fakekounta.control import PREFIX, catalogue, clock, customers, dashboard, faults, requests, state, webhooks
from fakekounta.control.calls import Refused, error
from fakekounta.control.fake import Fake
from fakekounta.control.guard import is_a_visit, reason_to_refuse
from fakekounta.control.namespaces import blueprint_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

log = logging.getLogger("fakekounta.control")

_BLUEPRINTS = tuple(
    module.blueprint for module in (state, customers, clock, webhooks, requests, faults, catalogue, dashboard)
)


class Control(Flask):
    """The control surface of one fake. Every answer is JSON; a refusal has `error_description`."""

    def __init__(self, fake: Fake, *, allowed_hosts: Collection[str]) -> None:
        super().__init__("fakekounta", static_folder=None)
        self._allowed_hosts = allowed_hosts
        self.url_map.merge_slashes = False
        self.before_request(self._guard)
        for blueprint in (*_BLUEPRINTS, blueprint_of(lambda: fake.namespaces)):
            self.register_blueprint(blueprint, url_prefix=PREFIX + (blueprint.url_prefix or ""))
        self.register_error_handler(Refused, lambda refused: error(refused.status, refused.description))
        self.register_error_handler(HTTPException, _http_error)
        self.register_error_handler(Exception, _own_mistake)

    def refuses(self, environ: WSGIEnvironment) -> bool:
        """Whether whoever asks may not, wherever the call leads."""
        return reason_to_refuse(Request(environ), self._allowed_hosts) is not None

    def _guard(self) -> None:
        may_be_visited = request.endpoint in dashboard.VISITED and is_a_visit(request)
        reason = reason_to_refuse(request, self._allowed_hosts, from_anywhere=may_be_visited)
        if reason is not None:
            raise Refused(reason, 403)


def _http_error(http_error: HTTPException) -> Response:
    answer = error(http_error.code or 500, f"{http_error.name}: see the control surface in the README")
    for name, value in http_error.get_headers():
        if name == "Allow":
            answer.headers[name] = value
    return answer


def _own_mistake(mistake: Exception) -> Response:
    log.error("a control call failed", exc_info=mistake)
    return error(500, "The fake made a mistake; its log says more")
