"""`FakeKounta`: the fake as one object, with or without a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.control import NAMESPACES
from fakekounta.core.journal import Entry, QuirkObserver
from fakekounta.core.records import Record
from fakekounta.fake_server import FakeServer
from fakekounta.front import Front
from fakekounta.settings.settings import ServerSettings, of_worlds
from fakekounta.wire.clients import call
from fakekounta.wire.clients.in_process import InProcess
from fakekounta.wire.delivery.over_http import HttpPost
from fakekounta.wire.delivery.posting import Parcel
from fakekounta.worlds.namespace import Namespace
from fakekounta.worlds.namespaces import Namespaces
from fakekounta.worlds.observers import Observers
from fakekounta.worlds.world_factory import WorldFactory

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from typing_extensions import Self, Unpack

    from fakekounta.remote.kounta import RemoteKounta
    from fakekounta.settings.keywords import KountaSettings, WorldSettings
    from fakekounta.wire.interception.decorating import Decorating

REAL_ORIGIN = call.REAL_ORIGIN


class FakeKounta(InProcess, Namespace):
    """An in-memory fake of the Kounta API.

    As a context manager it serves on `host` and `port` (0 takes a free one); otherwise it can be used in-process by
    `requests_session` and `httpx_client`. With a `control_token`, the control surface refuses callers without it.
    `allow_hosts` are further accepted host names, such as that of its container (K07); web pages of these hosts may use
    the fake (K08).
    """

    def __init__(self, **settings: Unpack[KountaSettings]) -> None:
        """Make a fake with these settings; docs/settings.md lists them.

        Raises:
            SettingsError: A setting is invalid; it is a ValueError, as is SeedError.
            SeedError: A customer of the seed is invalid.
            TypeError: A name is not a setting.
            ImportError: trustme, which makes certificates, is missing; the message says what to install.

        """
        server = ServerSettings.of(settings)
        self._http_post = HttpPost()
        super().__init__(WorldFactory(of_worlds(settings)), self._post, Observers())
        self.namespaces: Namespaces = Namespaces(lambda: self._factory, self._post, self._observers)
        """The namespaces that clients or `namespace` created, by name."""
        self._public_url = server.public_url
        self._has_control_token = server.control_token is not None
        self._front = Front(self, self.namespaces, server)
        self._serving = FakeServer(self.wsgi_app, self._front, server, _another_app)
        self._tls = self._serving.tls

    @staticmethod
    def connect(
        url: str,
        *,
        namespace: str | None = None,
        token: str | None = None,
        ca_file: str | Path | None = None,
    ) -> RemoteKounta:
        """Return a fake on another server, with the same interface as one in this process.

        Args:
            url: The server's address, such as "http://127.0.0.1:8080".
            namespace: The name of the world to use; without one, the server's own.
            token: The server's control token.
            ca_file: The file with the certificate to trust, in PEM, if the URL is one of https. Without it, what is
                trusted is named by SSL_CERT_FILE and REQUESTS_CA_BUNDLE, or is the system's.

        Raises:
            ConnectionError: No fakekounta of this version answers.
            PermissionError: The control token is wrong.
            ValueError: `url` is not a URL, `namespace` is not a valid name, or `ca_file` has no certificate.
        """
        from fakekounta.remote.kounta import RemoteKounta  # noqa: PLC0415 - few starts need it

        return RemoteKounta(url, namespace=namespace, token=token, ca_file=ca_file)

    def __repr__(self) -> str:
        server = self._serving.listening  # `url` would start one
        place = "not serving" if server is None else server.url
        return f"<FakeKounta {place}: {len(self.customers)} customers, {self.requests.total} exchanges>"

    # --- serving -----------------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Start the server. When this returns, the port is known and accepts requests.

        Raises OSError if the port is taken.
        """
        self._serving.listen()
        self._courier.start()
        self.namespaces.start()
        return self

    def start_when_asked(self) -> Self:
        """Deliver at once, and serve once something reads `url`, `port` or `namespace_url`, or this process forks.

        A fixed port is taken at once, because clients know it. Raises OSError if it is taken.
        """
        if self._serving.has_fixed_port:
            return self.start()
        self._serving.begin()
        self._courier.start()
        self.namespaces.start()
        return self

    def stop(self) -> None:
        """Stop the server and the deliveries. The state is kept, also pending deliveries (`webhooks.pending`)."""
        if self._serving.end():
            self._courier.stop()
            self.namespaces.stop()
            self._http_post.close()
            self.world.close_receiver()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The base URL, for example "http://127.0.0.1:54321"; the real service's while there is no server."""
        server = self._serving.server()
        return REAL_ORIGIN if server is None else server.url

    @property
    def port(self) -> int:
        """The port of the server. Raises RuntimeError if there is none."""
        return self._serving.needed().port

    @property
    def tls_url(self) -> str:
        """The base URL with TLS, on the same port as `url`; equal to `url` while there is no server.

        Raises RuntimeError while TLS is off.
        """
        if self._tls.context() is None:
            raise RuntimeError("this FakeKounta speaks no TLS: make it with tls=True")
        return "https://" + self.url.partition("://")[2]

    @property
    def ca_pem(self) -> str:
        """The certificate, in PEM, that clients have to trust before they use `tls_url`; each process has one.

        Raises ImportError, which says what to install, without trustme.
        """
        return self._tls.ca_pem

    def intercept(self) -> Decorating[None]:
        """Return a context manager, in whose block connections of this process to the real service reach this fake.

        These are connections to https://api.kounta.com and https://my.kounta.com, and by http, of all clients that use
        Python's `socket` and `ssl`; docs/intercept.md lists them. It also decorates functions, coroutine functions and
        classes of tests.

        Raises, when the block is entered:
            RuntimeError: This fake does not serve, or has a certificate of yours (`tls_cert`); or another intercepts.
            ImportError: trustme is missing; the message says what to install.

        """
        from fakekounta.wire.interception.intercepting import intercepting  # noqa: PLC0415 - it imports ssl, which few starts need

        return intercepting(self, self._serving.destination)

    def speaking_tls(self) -> AbstractContextManager[str]:
        """Speak TLS on the same port for the length of the block, and yield `ca_pem`; the fake may serve already.

        Raises ImportError, which says what to install, without trustme.
        """
        return self._tls.on()

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return self._front.is_loopback

    @property
    def has_control_token(self) -> bool:
        """Whether the control surface needs a token."""
        return self._has_control_token

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve the faked API and the control surface as one WSGI app."""
        return self._front(environ, start_response)

    def _post(self, parcel: Parcel) -> int:
        """Post a delivery over HTTP."""
        return self._http_post(parcel)

    # --- worlds ------------------------------------------------------------------------------------------------

    def namespace(self, name: str) -> Namespace:
        """Return a separate world on the same server, with the same handles; it is created on first use.

        Clients reach it with the header `X-Fakekounta-Namespace`, or below `namespace_url`.

        Raises:
            ValueError: The name is not 1 to 64 letters, digits, dots, dashes and underscores, or there are too many.
        """
        return self.namespaces.of(name)

    def namespace_url(self, name: str) -> str:
        """Return the base URL of a namespace for clients that cannot set a header."""
        return f"{self.url}{NAMESPACES}{name}"

    def observe(self, observer: Callable[[Entry], None]) -> None:
        """Register an observer to call with each later exchange, also after resets, in the thread that responds."""
        self._observers.exchanges.append(observer)

    def on_delivery(self, observer: QuirkObserver) -> None:
        """Register an observer to call with the quirks that each later delivery covers."""
        self._observers.deliveries.append(observer)

    def on_direct_change(self, observer: QuirkObserver) -> None:
        """Register an observer to call with the assumptions that each later direct change depends on.

        Direct changes are those without a request to the API: `customers.add`, the seed, the control surface.
        """
        self._observers.direct_changes.append(observer)

    def tell_observers(self) -> None:
        """Do nothing: observers are called when an exchange ends."""

    def set_default_assumptions(self, choices: Mapping[str, str]) -> None:
        """Reset the world to its seed with these choices for assumptions that no setting chooses.

        Raises ValueError for an unknown id or choice.
        """
        self._factory = WorldFactory(self._factory.given, choices, self._factory.sources)
        self.namespaces.clear()
        self.reset()

    @contextmanager
    def fresh(self, **settings: Unpack[WorldSettings]) -> Iterator[Self]:
        """Put a new world at the seed, without namespaces, on the same server for the length of the block.

        These settings override the current ones; lists and mappings are replaced as a whole. Raises as the constructor
        does.
        """
        with self.namespaces.set_aside(), super().fresh(**settings):
            yield self

    def openapi(self, *, control: bool = False) -> Record:
        """Return the OpenAPI document of the API under the current assumptions, or that of the control surface.

        Its server is `public_url`, otherwise this one, or the default address of `fakekounta serve` if this one does
        not serve.
        """
        from fakekounta.openapi import DEFAULT_URL  # noqa: PLC0415 - few fakes need it

        server = self._serving.server()
        root = self._public_url or (DEFAULT_URL if server is None else server.url)
        return self.describe(control, self.assumptions, root)

    def describe(self, control: bool, assumptions: Assumptions, root: str) -> Record:  # noqa: FBT001 - see control.openapi
        """Return the OpenAPI document of the control surface, or of the API under some assumptions, below a URL."""
        return self._front.describe(control, assumptions, root)

    def _origins(self) -> tuple[str, ...]:
        server = self._serving.listening  # these clients need none
        return call.REAL_ORIGINS if server is None else (server.url, *call.REAL_ORIGINS)


def _another_app() -> WSGIApplication:
    return FakeKounta(webhook_mode="collect").wsgi_app


def intercept(**settings: Unpack[KountaSettings]) -> Decorating[FakeKounta]:
    """Return a context manager that serves a new fake with these settings, and leads connections to it.

    Its block is given the fake. It also decorates functions, coroutine functions and classes with methods `test...`,
    such as a `unittest.TestCase`: each call gets a fake of its own, as one more argument at the end. Raises as
    `FakeKounta` and `FakeKounta.intercept` do.
    """
    from fakekounta.wire.interception.decorating import Decorating  # noqa: PLC0415 - few starts need it

    @contextmanager
    def begin() -> Iterator[FakeKounta]:
        with FakeKounta(**settings) as kounta, kounta.intercept():
            yield kounta

    return Decorating(begin, passes_value=True)
