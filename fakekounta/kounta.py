"""`FakeKounta`: the fake as one object, with or without a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request
from werkzeug.wsgi import ClosingIterator

from fakekounta.catalogue.assumptions import CHOICES, Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.control import NAMESPACE, NAMESPACES, rehearsal
from fakekounta.control.calls import refuse_call
from fakekounta.control.guard import is_foreign, logs_in, refusal_by_api
from fakekounta.control.paths import is_control, is_control_call, split_path
from fakekounta.core import chain
from fakekounta.core.journal import Entry
from fakekounta.core.records import Record
from fakekounta.core.world import World
from fakekounta.process.unready import Unready, needing_files
from fakekounta.schemas.payloads import deliveries_before
from fakekounta.settings.hosts import KnownHosts, bare_host, is_loopback
from fakekounta.settings.settings import ServerSettings, of_worlds
from fakekounta.web.app import REFUSAL, Api
from fakekounta.web.errors import not_understood, refuse_namespace, tell_unready, wire_error
from fakekounta.wire.clients import call
from fakekounta.wire.clients.in_process import InProcess
from fakekounta.wire.delivery.over_http import HttpPost
from fakekounta.wire.delivery.posting import Parcel
from fakekounta.wire.server import HttpServer, Limits
from fakekounta.wire.server.serving import Serving
from fakekounta.worlds.namespace import Namespace, NamespaceRefused, Namespaces
from fakekounta.worlds.observers import Observers
from fakekounta.worlds.world_factory import Origin

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from typing_extensions import Self

    from fakekounta.control.app import Control
    from fakekounta.remote.kounta import RemoteKounta
    from fakekounta.wire.delivery.courier import Courier

REAL_ORIGIN = call.REAL_ORIGIN
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - recognised here, never a default


class FakeKounta(InProcess, Namespace):
    """An in-memory fake of the Kounta API.

    As a context manager it serves on `host` and `port` (0 takes a free one); without, it can be used in-process by
    `requests_session` and `httpx_client`. With a `control_token` the control surface answers nobody who does not send
    it. `allow_hosts` are further names that it answers to, such as that of its container (K07), and whose pages may use
    it (K08).
    """

    def __init__(self, **settings: Any) -> None:
        """Make a fake with these settings; docs/settings.md lists them.

        Raises:
            SettingsError: A setting is wrong; it is a ValueError, as the next.
            SeedError: A customer of the seed is wrong.
            TypeError: A name is no setting.

        """
        server = ServerSettings.of(settings)
        self._http_post = HttpPost()
        super().__init__(Origin(of_worlds(settings)), self._post, Observers())
        self.namespaces = Namespaces(lambda: self._origin, self._post, self._observers)
        """The namespaces that clients or `namespace` made, by name."""
        self._address = server.host, server.port
        own_host = () if server.host in _EVERYWHERE else (bare_host(server.host),)
        self._hosts = KnownHosts(filter(None, (*own_host, *server.allow_hosts)))
        self._is_loopback = is_loopback(bare_host(server.host))
        self._limits = Limits(body_bytes=server.body_bytes)
        self._api = Api(_world_of, body_bytes=server.body_bytes)
        self._control_token = server.control_token
        self._control: Control | None = None
        self._serving = Serving(self._made_server)

    @staticmethod
    def connect(url: str, *, namespace: str | None = None, token: str | None = None) -> RemoteKounta:
        """Return a fake on another server, with the same interface as one in this process.

        Args:
            url: The server's address, such as "http://127.0.0.1:8080".
            namespace: The name of the world to use; without one, the server's own.
            token: The server's control token.

        Raises:
            ConnectionError: No fakekounta of this version answers.
            PermissionError: The control token is wrong.
            ValueError: `url` is no URL, or `namespace` no name.
        """
        from fakekounta.remote.kounta import RemoteKounta  # noqa: PLC0415 - few starts need it

        return RemoteKounta(url, namespace=namespace, token=token)

    # --- serving -----------------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Serve; the port is known and answers when this returns. Raises OSError if it is taken."""
        self._serving.listen()
        self._courier.start()
        self.namespaces.start()
        return self

    def start_when_asked(self) -> Self:
        """Deliver, and serve as soon as something asks for `url`, `port` or `namespace_url`, or this process forks.

        A port of your choice is taken at once: others know it. Raises OSError if it is taken.
        """
        if self._address[1]:
            return self.start()
        self._serving.begin()
        self._courier.start()
        self.namespaces.start()
        return self

    def _made_server(self) -> HttpServer:
        host, port = self._address
        rehearsal.begin(self._loaded_late, self._serving.ended)
        server = HttpServer(
            self.wsgi_app,
            host=host,
            port=port,
            limits=self._limits,
            refusal=self._not_understood,
            body_limit=self._body_limit,
            is_reserved=is_control_call,
        )
        self._is_loopback = is_loopback(bare_host(server.address))
        return server

    def _loaded_late(self) -> Iterator[Callable[[], object]]:
        yield self._control_app
        yield from rehearsal.steps_of(lambda: FakeKounta(webhook_mode="collect").wsgi_app)

    def stop(self) -> None:
        """Serve and deliver no longer; the state stays, with what is due. See `webhooks.pending`."""
        if self._serving.end():
            self._courier.stop()
            self.namespaces.stop()
            self._http_post.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it serves, such as "http://127.0.0.1:54321"; the real service's origin while it serves nowhere."""
        server = self._serving.server()
        return REAL_ORIGIN if server is None else server.url

    @property
    def port(self) -> int:
        """The port it serves on. Raises RuntimeError while it serves nowhere."""
        server = self._serving.server()
        if server is None:
            raise RuntimeError("this FakeKounta is not serving: use it as a context manager, or call start()")
        return server.port

    @property
    def is_loopback(self) -> bool:
        """Whether it serves only to this machine."""
        return self._is_loopback

    @property
    def has_control_token(self) -> bool:
        """Whether the control surface asks for a token."""
        return self._control_token is not None

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve the faked API and the control surface as one WSGI app."""
        try:
            with needing_files():
                environ[NAMESPACE] = self._asked_for(environ)
            return self._answered(environ, start_response)
        except NamespaceRefused as refusal:
            refuse = refuse_call if is_control(environ["PATH_INFO"]) else refuse_namespace
            return refuse(refusal.status, str(refusal), environ, start_response)
        except Unready as lack:
            return tell_unready(str(lack), environ, start_response)

    def _answered(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        namespace: Namespace = environ[NAMESPACE]
        by_hand = is_control(environ["PATH_INFO"])
        app: WSGIApplication = self._control_app() if by_hand else self._api
        if by_hand:
            namespace.world.journal.by_hand(CHOICES)
        deliveries = max(deliveries_before(environ), chain.deliveries_before())  # W20
        with namespace.courier.holding_back() as news, chain.caused_by(deliveries):
            answer = app(environ, start_response)
        courier: Courier = environ[NAMESPACE].courier  # of another namespace, if this one was dropped meanwhile
        courier.settle()
        # Deliveries begin when the answer has gone out, and not in its way.
        return ClosingIterator(answer, namespace.courier.wake) if news else answer

    def _asked_for(self, environ: WSGIEnvironment) -> Namespace:
        """Return the namespace in the path or the header, and remove it from the path. Raise NamespaceRefused."""
        name, path = split_path(environ.get("PATH_INFO", ""))
        environ["PATH_INFO"] = path
        asked: str | None = environ.get("HTTP_X_FAKEKOUNTA_NAMESPACE")
        if name is not None:
            environ["SCRIPT_NAME"] = NAMESPACES + name
            if is_foreign(Request(environ, populate_request=False)) and not (
                logs_in(environ) and name in self.namespaces
            ):
                raise NamespaceRefused("namespace: the request comes from a foreign web page")
            asked = name
        if is_control(path):
            is_refused = asked is not None and self._control_app().refuses(environ)
        else:
            environ[REFUSAL] = refusal = refusal_by_api(environ, self._hosts, any_host=not self._is_loopback)
            is_refused = refusal is not None
        # Whoever is refused makes no namespace
        return self if is_refused or asked is None else self.namespaces.of(asked)

    def _body_limit(self, environ: WSGIEnvironment) -> int | None:
        """How many bytes a request's body may have; None if it is refused, whatever its body is."""
        if not is_control_call(environ):
            return self._limits.body_bytes
        try:
            refused = self._control_app().refuses(environ)
        except Unready:  # `wsgi_app` will say so
            return None
        # A whole state may come in by the control surface
        return None if refused else self._limits.large_body_bytes

    def _control_app(self) -> Control:
        if self._control is None:
            with needing_files():
                from fakekounta.control.app import Control  # noqa: PLC0415 - many a start does without it

            self._control = Control(self, hosts=self._hosts, token=self._control_token)
        return self._control

    def _not_understood(self, status: int, description: str) -> tuple[str, bytes]:
        """Content type and body for what is no request (T22)."""
        self._world.journal.append(not_understood(status, description))
        return wire_error(status, description)

    def _post(self, parcel: Parcel) -> int:
        """Post a delivery over HTTP."""
        return self._http_post(parcel)

    # --- worlds ------------------------------------------------------------------------------------------------

    def namespace(self, name: str) -> Namespace:
        """Return a complete world of its own on the same server, with the same handles; it is made on first use.

        Clients reach it with the header `X-Fakekounta-Namespace`, or below `namespace_url`.

        Raises:
            ValueError: The name is not 1 to 64 letters, digits, dots, dashes and underscores, or there are too many.
        """
        return self.namespaces.of(name)

    def namespace_url(self, name: str) -> str:
        """Where clients that cannot set a header reach a namespace."""
        return f"{self.url}{NAMESPACES}{name}"

    def observe(self, observer: Callable[[Entry], None]) -> None:
        """Call this with every exchange from now on, whatever is reset in between; in the thread that answers."""
        self._observers.exchanges.append(observer)

    def observe_beside(self, observer: Callable[[Sequence[Quirk], bool], None]) -> None:
        """Call this with quirks that are met outside an exchange.

        True means by a delivery; false that your own hand (`customers.add`, the seed, the control surface) did
        something that depends on these assumptions.
        """
        self._observers.beside.append(observer)

    def assume_unless_told(self, choices: Mapping[str, str]) -> None:
        """Go back to the seed, and from now on take these choices for assumptions that no setting chooses.

        Raises ValueError for an unknown id or choice.
        """
        self._origin = Origin(self._origin.given, choices)
        self.namespaces.clear()
        self.reset()

    @contextmanager
    def fresh(self, **settings: Any) -> Iterator[Self]:
        """Put a new world at the seed, without namespaces, on the same server for the length of the block.

        Settings given here count on top of those given before; lists and mappings are replaced as a whole. Raises as
        the constructor does.
        """
        with self.namespaces.set_aside(), super().fresh(**settings):
            yield self

    def openapi(self, *, control: bool = False) -> Record:
        """Return the OpenAPI document of the API under the current assumptions, or that of the control surface.

        Its server is this one, or the default address of `fakekounta serve` while this one is not serving.
        """
        from fakekounta.openapi import DEFAULT_URL  # noqa: PLC0415 - few ask for it

        server = self._serving.server()
        return self.describe(control, self.assumptions, DEFAULT_URL if server is None else server.url)

    def describe(self, control: bool, assumptions: Assumptions, root: str) -> Record:  # noqa: FBT001 - see control.fake
        """Return the same for a URL that stands before all paths."""
        from fakekounta.openapi.api import api_document  # noqa: PLC0415 - few ask for it
        from fakekounta.openapi.control import control_document  # noqa: PLC0415 - see above

        if control:
            return control_document(self._control_app(), assumptions, root=root)
        return api_document(self._api, assumptions, root=root)

    def _origins(self) -> tuple[str, ...]:
        server = self._serving.listening  # these clients need none
        return (REAL_ORIGIN,) if server is None else (server.url, REAL_ORIGIN)


def _world_of(environ: WSGIEnvironment) -> World:
    """Return the world that a request addresses. Raise NamespaceRefused."""
    namespace: Namespace = environ[NAMESPACE].current()
    environ[NAMESPACE] = namespace
    return namespace.world
