"""The server: it listens, starts a thread for each client, and stops them all."""

from __future__ import annotations

import logging
import selectors
import socket
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import TYPE_CHECKING

from fakekounta.process.forks import reset_in_children
from fakekounta.process.unpatched import LATE, accepted, monotonic, new_selector, patched_too_late, sleep
from fakekounta.wire.server.bodies import BodyLimit
from fakekounta.wire.server.connection import Connection
from fakekounta.wire.server.limits import Limits
from fakekounta.wire.server.listening import (
    SharedListener,
    affordable,
    base_environ,
    listen,
    most_descriptors,
    url_host,
)
from fakekounta.wire.server.lobby import Lobby
from fakekounta.wire.server.registry import Registry
from fakekounta.wire.server.response import DescribeRefusal
from fakekounta.wire.server.service import Service
from fakekounta.wire.server.share import ALL, Share
from fakekounta.wire.server.threads import Thread, complain
from fakekounta.wire.server.tls_entry import CutHandshake, GetContext, TlsEntry
from fakekounta.wire.server.tunnels import Tunnels
from fakekounta.wire.server.waker import Waker

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment
    from typing_extensions import Self

LOG = logging.getLogger("fakekounta.http")

# How soon a server that could not accept a client tries again.
RETRY_SECONDS = 0.02
GRACE_SECONDS = 0.3
# How many new connections are accepted before the waiting ones are read.
AT_ONCE = 64
DEFAULT_LIMITS = Limits()
ACCEPTOR_SECONDS = 1.0
# How long a process leaves a new connection to others that have fewer.
YIELD_SECONDS = 0.001


def _never(_: WSGIEnvironment) -> bool:
    return False


def _none() -> None:
    return None


class HttpServer:
    """An HTTP/1.1 server for one WSGI application, with one thread for each connection.

    The constructor listens, so `port` and `url` are known then; it answers between `start` and `stop`. `refusal`
    returns the content type and the body of the server's own errors, for a status and a description. Two functions get
    the environ of a request as soon as its head is read: `body_limit` returns how many bytes its body may have (None:
    answer without the body), and `is_reserved` whether it is answered even if all connections are in use.

    The port speaks TLS, too, as long as `tls` returns a context: the first byte of a connection tells. `cut_handshake`
    says where a handshake fails on purpose. `tunnels`
    decides where CONNECT may lead; without it, nowhere.

    With a `listener` it shares the port with other processes. While `share` says that another one has fewer
    connections, that one gets the next.
    """

    def __init__(
        self,
        app: WSGIApplication,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        limits: Limits = DEFAULT_LIMITS,
        refusal: DescribeRefusal,
        body_limit: BodyLimit | None = None,
        is_reserved: Callable[[WSGIEnvironment], bool] = _never,
        tls: GetContext = _none,
        cut_handshake: CutHandshake = _none,
        tunnels: Tunnels | None = None,
        listener: SharedListener | None = None,
        share: Share = ALL,
    ) -> None:
        self._limits = affordable(limits, most_descriptors())
        self._is_shared = listener is not None
        self._share = share
        self._listener = listen(host, port) if listener is None else listener.copy()
        self.host = host
        self.address: str = self._listener.getsockname()[0]
        self.port: int = self._listener.getsockname()[1]
        self.url: str = f"http://{url_host(host)}:{self.port}"
        self._stop_lock = threading.RLock()
        self._stopping = threading.Event()
        self._acceptor: threading.Thread | None = None
        self._complained = False
        self._released_at = 0.0
        self._waker = Waker()
        self._selector = new_selector()
        self._registry = Registry(self._limits.connections, self._freed)
        self._reserve = Registry(self._limits.reserved_connections, self._freed)
        self._lobby = Lobby(self._selector, self._limits.waiting_connections, limits.request_seconds)
        self._service = Service.of(
            refusal,
            body_limit,
            limits,
            app=app,
            is_reserved=is_reserved,
            environ=base_environ(host, self.port),
            tls=TlsEntry(tls, cut_handshake),
            tunnels=tunnels or Tunnels(),
        )
        reset_in_children(self)

    def start(self) -> None:
        """Start to answer, in daemon threads. A server can be started once only."""
        with self._stop_lock:
            if self._acceptor is not None or self._stopping.is_set():
                raise RuntimeError("the server has been started or stopped before")
            self._acceptor = Thread(self._accept_loop, "fakekounta-accept")
            self._acceptor.start()

    def stop(self) -> None:
        """Stop listening, let requests under way finish, and end all threads.

        A thread whose application takes longer than the grace period is abandoned, and its connection closed.
        """
        with self._stop_lock:
            if self._stopping.is_set():
                return
            self._stopping.set()
            self._waker.wake()
            if self._acceptor is not None:
                self._acceptor.join(ACCEPTOR_SECONDS)
            self._share.leave()
            if not self._is_shared:
                with suppress(OSError):  # some systems can shut down connections only
                    self._listener.shutdown(socket.SHUT_RDWR)  # a forked process may have a copy
            self._listener.close()
            self._lobby.close()
            self._registry.close(GRACE_SECONDS)
            self._reserve.close(GRACE_SECONDS)
            self._selector.close()
            self._waker.close()

    @property
    def reachable(self) -> tuple[str, int]:
        """Host and port to connect to from this machine."""
        return url_host(self.host).strip("[]"), self.port

    def hang_up(self, client_ports: Collection[int]) -> None:
        """End the connections from these ports; let requests under way finish."""
        for registry in (self._registry, self._reserve):
            registry.close(GRACE_SECONDS, client_ports)

    def reset_after_fork(self) -> None:
        """Count as stopped in a forked child. The sockets close themselves there."""
        self._stop_lock, self._stopping = threading.RLock(), threading.Event()
        self._stopping.set()
        self._selector.close()

    @property
    def is_stopped(self) -> bool:
        """Whether it was stopped, or belongs to the parent of this process."""
        return self._stopping.is_set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def _freed(self) -> None:
        """Wake the loop if a connection waits for the room that was just freed."""
        self._share.note(self._registry.count())
        if len(self._lobby):
            self._waker.wake()

    # --- in the acceptor's thread ------------------------------------------------------------------------------

    def _accept_loop(self) -> None:
        """Accept clients until the stop, whatever is raised."""
        is_ready = False
        while not self._stopping.is_set():
            try:
                if not is_ready:
                    self._waker.watch(self._selector)
                    self._selector.register(self._listener, selectors.EVENT_READ, self._accept_some)
                    is_ready = True
                self._turn()
            except BaseException:  # noqa: BLE001 - without this thread no client is ever answered again
                complain("accepting a connection failed")
                sleep(RETRY_SECONDS)

    def _turn(self) -> None:
        for key, _ in self._selector.select(self._tick_seconds()):
            key.data()
        self._release_idle()
        if len(self._lobby):
            self._lobby.turn_old_away()
            self._seat_waiting()

    def _tick_seconds(self) -> float | None:
        """Return how long to wait, or None to wait for the next client if there is no connection to watch."""
        if len(self._lobby):
            return RETRY_SECONDS
        if not self._registry.count() and not self._reserve.count():
            return None
        return min(max(self._limits.idle_seconds / 10, 0.01), 1.0)

    def _release_idle(self) -> None:
        now = monotonic()
        if now >= self._released_at + (self._tick_seconds() or 0.0):
            self._released_at = now
            for registry in (self._registry, self._reserve):
                registry.release_idle(now - self._limits.idle_seconds)

    def _accept_some(self) -> None:
        for _ in range(AT_ONCE):
            if not self._share.is_least():
                sleep(YIELD_SECONDS)
            is_one = self._accept()
            self._share.note(self._registry.count())
            if not is_one:
                break

    def _accept(self) -> bool:
        """Accept one client; return False if there is none, or no descriptor or thread for it."""
        try:
            sock, address = accepted(self._listener)
        except BlockingIOError:
            return False
        except (ConnectionError, InterruptedError):
            return True  # The client left before it was accepted.
        except (OSError, MemoryError) as error:
            self._lobby.turn_one_away()
            self._lack(error)
            return False
        if patched_too_late():
            sock.close()
            self._complain(RuntimeError(LATE))
            return True
        try:
            return self._welcome(Connection(sock, address, self._service))
        except MemoryError as error:
            sock.close()
            self._lack(error)
            return False
        except BaseException:
            sock.close()
            raise

    def _welcome(self, connection: Connection) -> bool:
        """Serve a new connection, or let it wait; return False if there is no thread for it."""
        if self._registry.has_room():
            return self._seat(connection, self._registry)
        self._wait(connection)
        return True

    def _seat_waiting(self) -> None:
        """Serve waiting connections, as far as there is room."""
        for connection in self._lobby.reserved():
            connection.is_last = connection.is_last or not self._registry.has_room()
            registry = self._reserve if connection.is_last else self._registry
            if not registry.has_room() or not self._seat(connection, registry):
                break
        for connection in self._lobby.others():
            if not self._registry.has_room() or not self._seat(connection, self._registry):
                break

    def _seat(self, connection: Connection, registry: Registry) -> bool:
        """Serve a connection; if there is no thread for it, let it wait and return False."""
        self._lobby.leave(connection)
        try:
            registry.run(connection)
        except (RuntimeError, MemoryError) as error:
            self._wait(connection)
            self._lack(error)
            return False
        self._complained = False
        return True

    def _wait(self, connection: Connection) -> None:
        try:
            self._lobby.enter(connection)
        except BaseException:
            connection.close()
            raise

    def _lack(self, error: BaseException) -> None:
        """Make room after an error for lack of descriptors, threads or memory, and wait a little."""
        self._complain(error)
        self._registry.make_room()
        sleep(RETRY_SECONDS)

    def _complain(self, error: BaseException) -> None:
        """Log the first of a row of failures; there may be fifty a second."""
        if not self._complained:
            LOG.warning("cannot take a connection: %s", error)
        self._complained = True
