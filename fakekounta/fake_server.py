"""The HTTP server of a fake, made from the settings: its address, TLS and tunnels, and when it begins to listen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from errno import EADDRINUSE
from typing import TYPE_CHECKING, TypeVar

from fakekounta.control import rehearsal
from fakekounta.control.paths import is_control_call
from fakekounta.front import Front
from fakekounta.settings.hosts import REAL_HOSTS, bare_host, is_loopback
from fakekounta.settings.settings import ServerSettings
from fakekounta.wire.certificates.switch import TlsSwitch
from fakekounta.wire.server import HttpServer
from fakekounta.wire.server.listening import SharedListener
from fakekounta.wire.server.serving import Serving
from fakekounta.wire.server.share import ALL, Share
from fakekounta.wire.server.tunnels import Tunnels

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from fakekounta.wire.interception.intercepting import Destination

_Bound = TypeVar("_Bound")


class FakeServer(Serving):
    """The server of `app`; `front` has its limits, its own refusals and the faults of handshakes.

    Requests to `another_app` are rehearsed while the server begins to listen, so that the first ones do not wait.
    """

    def __init__(
        self,
        app: WSGIApplication,
        front: Front,
        settings: ServerSettings,
        another_app: Callable[[], WSGIApplication],
    ) -> None:
        self._app = app
        self._front = front
        self._address = settings.host, settings.port
        self._another_app = another_app
        self.tls: TlsSwitch = TlsSwitch(
            settings.tls_names, settings.ca_file, folder=settings.tls_dir, given=settings.tls_files
        )
        if settings.tls:
            self.tls.turn_on()
        own_names = frozenset((*REAL_HOSTS, *settings.tls_names))
        self._tunnels = Tunnels(own_names, pass_through=settings.proxy_pass_through)
        self._listener: SharedListener | None = None
        self.share: Share = ALL
        super().__init__(self._made)

    @property
    def has_fixed_port(self) -> bool:
        """Whether clients know the port before the server listens."""
        return self._address[1] != 0

    def bind(self) -> SharedListener:
        """Take the port for this process and its later children, which serve on it. Raise OSError."""
        if self._listener is None:
            self.tls.write_ca()
            self._listener = self._bound(SharedListener)
            self._front.is_loopback = is_loopback(bare_host(self._listener.address))
        return self._listener

    def _made(self) -> HttpServer:
        if self._listener is None:
            self.tls.write_ca()
        rehearsal.begin(self._loaded_late, self.ended)
        server = self._bound(self._http_server)
        self._front.is_loopback = is_loopback(bare_host(server.address))
        return server

    def _loaded_late(self) -> Iterator[Callable[[], object]]:
        yield self._front.control
        yield from rehearsal.steps_of(self._another_app)

    def _bound(self, make: Callable[[str, int], _Bound]) -> _Bound:
        host, port = self._address
        try:
            return make(host, port)
        except OSError as error:
            if error.errno != EADDRINUSE:
                raise
            remedy = "stop the program that has it, or take a free one by port=0"
            raise OSError(error.errno, f"{error.strerror}: port {port} of {host}; {remedy}") from None

    def _http_server(self, host: str, port: int) -> HttpServer:
        return HttpServer(
            self._app,
            host=host,
            port=port,
            limits=self._front.limits,
            refusal=self._front.not_understood,
            body_limit=self._front.body_limit,
            is_reserved=is_control_call,
            tls=self.tls.context,
            cut_handshake=self._front.cut_handshake,
            tunnels=self._tunnels,
            listener=self._listener,
            share=self.share,
        )

    def needed(self) -> HttpServer:
        """Return the server, started now if needed. Raise RuntimeError outside of `begin` and `end`."""
        server = self.server()
        if server is None:
            raise RuntimeError("this FakeKounta is not serving: use it as a context manager, or call start()")
        return server

    @contextmanager
    def destination(self) -> Iterator[Destination]:
        """Speak TLS for the length of the block, and yield where connections to the real names are led."""
        from fakekounta.wire.interception.intercepting import Destination  # noqa: PLC0415 - it imports ssl, which few starts need

        with self.tls.on() as ca_pem:
            yield Destination(lambda: self.needed().reachable, ca_pem, self._hang_up)

    def _hang_up(self, client_ports: Collection[int]) -> None:
        server = self.listening  # the server may have been stopped
        if server is not None:
            server.hang_up(client_ports)
