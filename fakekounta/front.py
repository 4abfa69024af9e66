"""`Front`: the WSGI application of a fake.

It finds the namespace of a request, refuses foreign callers, and calls the API or the control surface. Paths under
`/_fakekounta/` lead to the control surface, all others to the faked API.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request
from werkzeug.wsgi import ClosingIterator

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.control import NAMESPACE, NAMESPACES, PREFIX
from fakekounta.control.calls import refuse_call
from fakekounta.control.guard import is_foreign, logs_in, opens_root, refusal_by_api
from fakekounta.control.paths import is_control, is_control_call, split_path
from fakekounta.core import chain
from fakekounta.core.records import Record
from fakekounta.core.world import World
from fakekounta.process.unready import LACKS, Unready
from fakekounta.schemas.payloads import deliveries_before
from fakekounta.settings.hosts import KnownHosts, bare_host, is_loopback, origin_host
from fakekounta.settings.settings import ServerSettings
from fakekounta.web.answers import empty_answer
from fakekounta.web.app import REFUSAL, api_app
from fakekounta.web.errors import not_understood, refuse_namespace, tell_unready, wire_error
from fakekounta.wire.origin import KnownOrigin
from fakekounta.wire.server import Limits
from fakekounta.worlds.namespace import Namespace
from fakekounta.worlds.namespaces import NamespaceRefused, Namespaces

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from fakekounta.control.app import Control
    from fakekounta.control.changes import Past
    from fakekounta.wire.delivery.courier import Courier

_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - recognised here, never a default


class Front:
    """The faked API and the control surface as one WSGI application."""

    def __init__(self, own: Namespace, namespaces: Namespaces, settings: ServerSettings) -> None:
        self._own = own
        self._namespaces = namespaces
        own_host = () if settings.host in _EVERYWHERE else (bare_host(settings.host),)
        public_host = () if settings.public_url is None else (origin_host(settings.public_url),)
        names = (*own_host, *settings.allow_hosts, *settings.tls_names, *public_host)
        self._hosts = KnownHosts(filter(None, names))
        self._known_origin = KnownOrigin(settings.public_url, trust_proxy=settings.trust_proxy)
        self.is_loopback: bool = is_loopback(bare_host(settings.host))
        """Whether only this machine can reach the server."""
        self.limits: Limits = Limits(body_bytes=settings.body_bytes)
        self._api = api_app(_world_of, settings.body_bytes)
        self._token = settings.control_token
        self._control: Control | None = None
        self.past: Past | None = None
        """The earlier states, for the control surface; None if changes are not kept."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Respond to a request, as a WSGI app."""
        self._known_origin.note(environ)
        try:
            try:
                environ[NAMESPACE] = self._asked_for(environ)
            except LACKS as lack:
                raise Unready(lack) from lack
            return self._answered(environ, start_response)
        except NamespaceRefused as refusal:
            refuse = refuse_call if is_control(environ["PATH_INFO"]) else refuse_namespace
            return refuse(refusal.status, str(refusal), environ, start_response)
        except Unready as lack:
            return tell_unready(str(lack), environ, start_response)

    def _answered(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get(REFUSAL) is None and opens_root(environ):
            return _to_dashboard(environ, start_response)
        courier: Courier = environ[NAMESPACE].courier
        app: WSGIApplication = self.control() if is_control(environ["PATH_INFO"]) else self._api
        deliveries = max(deliveries_before(environ), chain.deliveries_before())  # W20
        with courier.defer_wakeups() as deferred, chain.caused_by(deliveries):
            answer = app(environ, start_response)
        now: Courier = environ[NAMESPACE].courier  # the new namespace of that name, if this one was deleted meanwhile
        now.deliver_if_immediate()
        # Deliveries begin after the response was sent, so that they do not delay it.
        return ClosingIterator(answer, courier.wake) if deferred else answer

    def _asked_for(self, environ: WSGIEnvironment) -> Namespace:
        """Return the namespace in the path or the header, and remove it from the path. Raise NamespaceRefused."""
        name, path = split_path(environ.get("PATH_INFO", ""))
        environ["PATH_INFO"] = path
        asked: str | None = environ.get("HTTP_X_FAKEKOUNTA_NAMESPACE")
        if name is not None:
            environ["SCRIPT_NAME"] = NAMESPACES + name
            if is_foreign(Request(environ, populate_request=False)) and not (
                logs_in(environ) and name in self._namespaces
            ):
                raise NamespaceRefused("namespace: the request comes from a foreign web page")
            asked = name
        if is_control(path):
            is_refused = asked is not None and self.control().refuses(environ)
        else:
            environ[REFUSAL] = refusal = refusal_by_api(environ, self._hosts, any_host=not self.is_loopback)
            is_refused = refusal is not None
        # A refused request creates no namespace
        return self._own if is_refused or asked is None else self._namespaces.of(asked)

    def body_limit(self, environ: WSGIEnvironment) -> int | None:
        """Return the largest number of bytes of a request's body; None if the request is refused in any case."""
        if not is_control_call(environ):
            return self.limits.body_bytes
        self._known_origin.note(environ)
        try:
            refused = self.control().refuses(environ)
        except Unready:  # `wsgi_app` refuses it with the reason
            return None
        # PUT state can send a whole state
        return None if refused else self.limits.large_body_bytes

    def cut_handshake(self) -> str | None:
        """Return where a fault cuts a TLS handshake that begins: "before", "in" or "after" it; None if nowhere."""
        world = self._own.world
        return world.faults.handshake(world.clock.now())

    def not_understood(self, status: int, description: str) -> tuple[str, bytes]:
        """Return content type and body of the response to bytes that are not a request (T22)."""
        self._own.world.journal.append(not_understood(status, description))
        return wire_error(status, description)

    def control(self) -> Control:
        """Return the control surface. It is imported on its first use, because many fakes do not need it."""
        if self._control is None:
            try:
                from fakekounta.control.app import Control  # noqa: PLC0415 - see above
            except LACKS as lack:
                raise Unready(lack) from lack

            self._control = Control(
                self._namespaces, self.describe, lambda: self.past, hosts=self._hosts, token=self._token
            )
        return self._control

    def describe(self, control: bool, assumptions: Assumptions, root: str) -> Record:  # noqa: FBT001 - see control.openapi
        """Return the OpenAPI document of the control surface, or of the API under some assumptions, below a URL."""
        from fakekounta.openapi.api import api_document  # noqa: PLC0415 - few fakes need it
        from fakekounta.openapi.control import control_document  # noqa: PLC0415 - see above

        if control:
            return control_document(self.control(), assumptions, root=root)
        return api_document(self._api, assumptions, root=root)


def _to_dashboard(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Send a browser to the dashboard of the namespace (K10)."""
    place = f"{environ.get('SCRIPT_NAME', '')}{PREFIX}/"
    return empty_answer(302, [("Location", place), ("Cache-Control", "no-store")])(environ, start_response)


def _world_of(environ: WSGIEnvironment) -> World:
    """Return the world that a request addresses. Raise NamespaceRefused."""
    namespace: Namespace = environ[NAMESPACE].current()
    environ[NAMESPACE] = namespace
    return namespace.world
