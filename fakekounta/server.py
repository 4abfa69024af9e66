"""`FakeKounta`: the fake as one object, with or without a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request
from werkzeug.wsgi import ClosingIterator

from fakekounta.assumptions import CHOICES, Assumptions
from fakekounta.control import NAMESPACE, NAMESPACES, PREFIX
from fakekounta.control.guard import is_foreign
from fakekounta.core.journal import Entry
from fakekounta.core.records import Record
from fakekounta.core.world import World
from fakekounta.delivery.posting import Parcel
from fakekounta.http_server import HttpServer, Limits
from fakekounta.namespace import Namespace, NamespaceRefused, Namespaces
from fakekounta.observers import Observers
from fakekounta.origin import Origin
from fakekounta.quirks import Quirk
from fakekounta.settings.readers import text, token, whole_number
from fakekounta.transports import call
from fakekounta.transports.call import needing_extra
from fakekounta.web.app import Api
from fakekounta.web.errors import not_understood, refuse_namespace, wire_error

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from httpx import Client
    from requests import Session
    from typing_extensions import Self

    from fakekounta.control.app import Control
    from fakekounta.delivery.courier import Courier
    from fakekounta.delivery.over_http import HttpPost
    from fakekounta.remote.kounta import RemoteKounta

REAL_ORIGIN = call.REAL_ORIGIN
_LOOPBACK = "127.0.0.1"
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - recognised here, never a default


class FakeKounta(Namespace):
    """An in-memory fake of the Kounta API.

    As a context manager it serves on `host` and `port` (0 takes a free one); without, it can be used in-process by
    `requests_session` and `httpx_client`. With a `control_token` the control surface answers nobody who does not send
    it. The settings are those of `fakekounta.settings.Settings`. Raises SettingsError and SeedError (both ValueError),
    and OSError if the port is taken.
    """

    def __init__(
        self,
        *,
        host: str = _LOOPBACK,
        port: int = 0,
        body_bytes: int = Limits().body_bytes,
        control_token: str | None = None,
        **settings: Any,
    ) -> None:
        text("host", host)
        whole_number("port", port, 0, 65_535)
        whole_number("body_bytes", body_bytes, 1, 2**40)
        self._http_post: HttpPost | None = None
        super().__init__(Origin(settings), self._post, Observers())
        self.namespaces = Namespaces(lambda: self._origin, self._post, self._observers)
        """The namespaces that clients or `namespace` made, by name."""
        self._address = host, port
        # A whole state may come in by the control surface
        self._limits = Limits(body_bytes=body_bytes, large_bodies_below=f"{PREFIX}/")
        self._api = Api(_world_of, body_bytes=body_bytes)
        self._control_token = None if control_token is None else token("control_token", control_token)
        self._control: Control | None = None
        self._server: HttpServer | None = None

    @staticmethod
    def connect(url: str, *, namespace: str | None = None, token: str | None = None) -> RemoteKounta:
        """A fake that serves elsewhere, such as "http://127.0.0.1:8080", with the same names as one in this process.

        `namespace` is whose world is meant, the server's own without one; `token` is the server's control token.
        Raises ConnectionError if no fakekounta of this version answers, PermissionError if the token is wrong, and
        ValueError for what is no URL or no name.
        """
        from fakekounta.remote.kounta import RemoteKounta  # noqa: PLC0415 - a start is not to wait for urllib3

        return RemoteKounta(url, namespace=namespace, token=token)

    # --- serving -----------------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Serve; the port is known and answers when this returns. Raises OSError if it is taken."""
        if self._server is None:
            host, port = self._address
            self._server = HttpServer(
                self.wsgi_app, host=host, port=port, limits=self._limits, refusal=self._not_understood
            )
            self._server.start()
            self._courier.start()
            self.namespaces.start()
        return self

    def stop(self) -> None:
        """Serve and deliver no longer; the state stays, with what is due. See `webhooks.pending`."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()
            self._courier.stop()
            self.namespaces.stop()
            if self._http_post is not None:
                self._http_post.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it serves, such as "http://127.0.0.1:54321"; the real service's origin while it serves nowhere."""
        return REAL_ORIGIN if self._server is None else self._server.url

    @property
    def port(self) -> int:
        """The port it serves on. Raises RuntimeError while it serves nowhere."""
        if self._server is None:
            raise RuntimeError("this FakeKounta is not serving: use it as a context manager, or call start()")
        return self._server.port

    @property
    def is_loopback(self) -> bool:
        """Whether it serves only to this machine."""
        host = self._address[0]
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    @property
    def has_control_token(self) -> bool:
        """Whether the control surface asks for a token."""
        return self._control_token is not None

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The faked API and the control surface as one WSGI app."""
        try:
            environ[NAMESPACE] = self._asked_for(environ)
            return self._answered(environ, start_response)
        except NamespaceRefused as refusal:
            return refuse_namespace(str(refusal), environ, start_response)

    def _answered(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        namespace: Namespace = environ[NAMESPACE]
        app: WSGIApplication = self._api
        if environ["PATH_INFO"].startswith(PREFIX):
            namespace.world.journal.by_hand(CHOICES)
            app = self._control_app()
        with namespace.courier.holding_back() as news:
            answer = app(environ, start_response)
        courier: Courier = environ[NAMESPACE].courier  # of another namespace, if this one was dropped meanwhile
        courier.settle()
        # Deliveries begin when the answer has gone out, and not in its way.
        return ClosingIterator(answer, namespace.courier.wake) if news else answer

    def _asked_for(self, environ: WSGIEnvironment) -> Namespace:
        """The namespace that the path or the header names; the path is cut short by it. Raises NamespaceRefused."""
        path: str = environ.setdefault("PATH_INFO", "")
        asked: str | None = environ.get("HTTP_X_FAKEKOUNTA_NAMESPACE")
        if path.startswith(NAMESPACES):
            name, _, rest = path.removeprefix(NAMESPACES).partition("/")
            environ["SCRIPT_NAME"], environ["PATH_INFO"] = NAMESPACES + name, f"/{rest}"
            if is_foreign(Request(environ)):
                raise NamespaceRefused("namespace: the request comes from a foreign web page")
            asked = name
        if asked is None or (environ["PATH_INFO"].startswith(PREFIX) and self._control_app().refuses(environ)):
            return self  # a control call that is refused makes no namespace
        return self.namespaces.of(asked)

    def _control_app(self) -> Control:
        if self._control is None:
            from fakekounta.control.app import Control  # noqa: PLC0415 - many a start does without it

            host = self._address[0]
            hosts = () if host in _EVERYWHERE else (host.lower(),)
            self._control = Control(self, allowed_hosts=hosts, token=self._control_token)
        return self._control

    def _not_understood(self, status: int, description: str) -> tuple[str, bytes]:
        """Content type and body for what is no request (T22)."""
        self._world.journal.append(not_understood(status, description))
        return wire_error(status, description)

    def _post(self, parcel: Parcel) -> int:
        """Post a delivery over HTTP."""
        if self._http_post is None:
            from fakekounta.delivery.over_http import HttpPost  # noqa: PLC0415 - a start is not to wait for urllib3

            self._http_post = HttpPost()
        return self._http_post(parcel)

    # --- worlds ------------------------------------------------------------------------------------------------

    def namespace(self, name: str) -> Namespace:
        """A complete world of its own on the same server, with handles of the same names; it is made on first use.

        Clients reach it with the header `X-Fakekounta-Namespace`, or below `namespace_url`. Raises ValueError for what
        is no name (1 to 64 letters, digits, dots, dashes, underscores) and for one too many.
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
        """A new world at the seed and no namespaces, on the same server, for as long as the block lasts.

        Settings given here count on top of those given before; lists and mappings are replaced as a whole. Raises as
        the constructor does.
        """
        with self.namespaces.set_aside(), super().fresh(**settings):
            yield self

    def openapi(self, *, control: bool = False) -> Record:
        """The OpenAPI document of the API, as it answers under the assumptions of now, or of the control surface."""
        return self.describe(control, self.assumptions, "")

    def describe(self, control: bool, assumptions: Assumptions, root: str) -> Record:  # noqa: FBT001 - see control.fake
        """The same for a path that stands before all others."""
        from fakekounta.openapi.api import api_document  # noqa: PLC0415 - few ask for it
        from fakekounta.openapi.control import control_document  # noqa: PLC0415 - see above

        if control:
            return control_document(self._control_app(), root=root)
        return api_document(self._api, assumptions, root=root)

    # --- clients without a socket ------------------------------------------------------------------------------

    def requests_session(self) -> Session:
        """A `requests.Session` that reaches this fake in-process. Needs the extra `requests`."""
        with needing_extra("requests"):
            from fakekounta.transports.requests import session  # noqa: PLC0415 - imported only when asked for
        return session(self.wsgi_app, self._origins)

    def httpx_client(self) -> Client:
        """An `httpx.Client` that reaches this fake in-process, with `url` as base URL. Needs the extra `httpx`."""
        with needing_extra("httpx"):
            from fakekounta.transports.httpx import client  # noqa: PLC0415 - imported only when asked for
        return client(self.wsgi_app, self._origins)

    def _origins(self) -> tuple[str, ...]:
        return (self.url, REAL_ORIGIN)


def _world_of(environ: WSGIEnvironment) -> World:
    """The world that a request is for. Raises NamespaceRefused."""
    namespace: Namespace = environ[NAMESPACE].current()
    environ[NAMESPACE] = namespace
    return namespace.world
