"""`FakeKounta`: the fake as one object, with or without a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from werkzeug.wsgi import ClosingIterator

from fakekounta.control import PREFIX
from fakekounta.core.applications import Application
from fakekounta.core.clock import Clock
from fakekounta.core.journal import Entry
from fakekounta.core.world import World
from fakekounta.delivery.courier import Courier
from fakekounta.delivery.posting import Parcel
from fakekounta.handles import CompanyHandle, CompanyHandles, Customers, Faults, Requests, Webhooks
from fakekounta.http_server import HttpServer, Limits
from fakekounta.origin import Origin
from fakekounta.settings import text, whole_number
from fakekounta.web.app import Api
from fakekounta.web.errors import not_understood, wire_error

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from httpx import Client
    from requests import Session
    from typing_extensions import Self

    from fakekounta.control.app import Control
    from fakekounta.delivery.over_http import HttpPost

REAL_ORIGIN = "https://api.kounta.com"
_LOOPBACK = "127.0.0.1"
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - recognised here, never a default


class FakeKounta:
    """An in-memory fake of the Kounta API.

    As a context manager it serves on `host` and `port` (0 takes a free one); without, it can be used in-process by
    `requests_session` and `httpx_client`. The settings are those of `fakekounta.settings.Settings`. Raises
    SettingsError and SeedError (both ValueError), and OSError if the port is taken.
    """

    def __init__(
        self, *, host: str = _LOOPBACK, port: int = 0, body_bytes: int = Limits().body_bytes, **settings: Any
    ) -> None:
        text("host", host)
        whole_number("port", port, 0, 65_535)
        whole_number("body_bytes", body_bytes, 1, 2**40)
        self._origin = Origin(settings)
        self._http_post: HttpPost | None = None
        self._observers: list[Callable[[Entry], None]] = []
        self.failed: list[Entry] = []
        """The exchanges of the last `fresh()` that was left by an exception."""
        self._courier = Courier(self._current_world, self._post)
        self._world = self._origin.world()
        self._open(self._world)
        self._address = host, port
        # A whole state may come in by the control surface
        self._limits = Limits(body_bytes=body_bytes, large_bodies_below=f"{PREFIX}/")
        self._api = Api(self._current_world, body_bytes=body_bytes)
        self._control: Control | None = None
        self._server: HttpServer | None = None
        self.companies = CompanyHandles(self._current_world, self._courier.settle)
        self.webhooks = Webhooks(self._current_world, self._courier)
        self.requests = Requests(lambda: self._world.journal)
        """What was asked and answered since the last reset."""
        self.faults = Faults(self._current_world)
        """What goes wrong on request."""

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
        return self

    def stop(self) -> None:
        """Serve and deliver no longer; the state stays, with what is due. See `webhooks.pending`."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()
            self._courier.stop()
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

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The faked API and the control surface as one WSGI app."""
        path: str = environ.get("PATH_INFO", "")
        app: WSGIApplication = self._control_app() if path.startswith(PREFIX) else self._api
        with self._courier.holding_back() as news:
            answer = app(environ, start_response)
        self._courier.settle()
        # Deliveries begin when the answer has gone out, and not in its way.
        return ClosingIterator(answer, self._courier.wake) if news else answer

    def _control_app(self) -> Control:
        if self._control is None:
            from fakekounta.control.app import Control  # noqa: PLC0415 - many a start does without it

            host = self._address[0]
            self._control = Control(self, allowed_hosts=() if host in _EVERYWHERE else (host.lower(),))
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

    # --- the world ---------------------------------------------------------------------------------------------

    @property
    def world(self) -> World:
        """The world that answers now."""
        return self._world

    def _current_world(self) -> World:
        return self._world

    def replace_world(self, world: World) -> None:
        """Answer from this world from now on, until the next reset."""
        before, self._world = self._world, world
        before.outbox.close()
        self._open(world)

    def _open(self, world: World) -> None:
        """Let the world's deliveries go out."""
        world.outbox.wake = self._courier.wake
        world.clock.moved = self._time_moved
        world.journal.appended = self._tell_observers
        world.outbox.open()
        self._courier.wake()

    def observe(self, observer: Callable[[Entry], None]) -> None:
        """Call this with every exchange from now on, whatever is reset in between; in the thread that answers."""
        self._observers.append(observer)

    def _tell_observers(self, entry: Entry) -> None:
        for observer in self._observers:
            observer(entry)

    def _time_moved(self) -> None:
        self._courier.wake()
        self._courier.settle()

    def reset(self) -> None:
        """Back to the seed: customers, tokens, webhooks, deliveries, clock, journal and counts as at the start."""
        self.replace_world(self._origin.world())

    @contextmanager
    def fresh(self, **settings: Any) -> Iterator[Self]:
        """A new world at the seed, on the same server, for as long as the block lasts.

        Settings given here count on top of those given before; lists and mappings are replaced as a whole. Raises as
        the constructor does.
        """
        before = self._origin, self._world
        if settings:
            self._origin = Origin({**self._origin.given, **settings})
        self.replace_world(self._origin.world())
        try:
            yield self
        except BaseException:
            self.failed = list(self._world.journal)
            raise
        finally:
            self._origin = before[0]
            self.replace_world(before[1])

    @property
    def company(self) -> CompanyHandle:
        """The default company."""
        return self.companies[self._world.company.id]

    @property
    def customers(self) -> Customers:
        """The customers of the default company."""
        return self.company.customers

    @property
    def application(self) -> Application:
        """The default application: client_id, client_secret, access_token, refresh_token, signature_token."""
        return self._origin.settings.default_application

    @property
    def auth(self) -> tuple[str, str]:
        """Client id and client secret of the default application, as requests and httpx take them."""
        return self.application.client_id, self.application.client_secret

    @property
    def clock(self) -> Clock:
        """The clock of the world: freeze, advance, resume."""
        return self._world.clock

    # --- clients without a socket ------------------------------------------------------------------------------

    def requests_session(self) -> Session:
        """A `requests.Session` that reaches this fake in-process. Needs the extra `requests`."""
        with _needing_extra("requests"):
            from fakekounta.transports.requests import session  # noqa: PLC0415 - imported only when asked for
        return session(self.wsgi_app, self._origins)

    def httpx_client(self) -> Client:
        """An `httpx.Client` that reaches this fake in-process, with `url` as base URL. Needs the extra `httpx`."""
        with _needing_extra("httpx"):
            from fakekounta.transports.httpx import client  # noqa: PLC0415 - imported only when asked for
        return client(self.wsgi_app, self._origins)

    def _origins(self) -> tuple[str, ...]:
        return (self.url, REAL_ORIGIN)


@contextmanager
def _needing_extra(extra: str) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise ImportError(f"this needs {error.name}: pip install 'fakekounta[{extra}]'", name=error.name) from error
