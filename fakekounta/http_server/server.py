"""The server itself: it listens, starts a thread for each client, and stops them all."""

from __future__ import annotations

import logging
import os
import selectors
import socket
import threading
from time import monotonic
from typing import TYPE_CHECKING, Any

from fakekounta.http_server.connection import Connection, Service
from fakekounta.http_server.limits import Limits
from fakekounta.http_server.registry import Registry
from fakekounta.http_server.response import OwnHeaders, Refusal, RefusalWriter
from fakekounta.transports.cut import SLEEP, Cut

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from typing_extensions import Self

LOG = logging.getLogger("fakekounta.http")

BACKLOG = 1024
# How soon a server that cannot take a client tries again.
RETRY_SECONDS = 0.02
GRACE_SECONDS = 0.3
# A connection idle for less time may have its next request under way: no newcomer takes its place.
DISPENSABLE_SECONDS = 0.1
DEFAULT_LIMITS = Limits()


class HttpServer:
    """An HTTP/1.1 server for one WSGI application, with one thread for each connection.

    It listens once it is constructed, so `port` and `url` are known then; it answers between
    `start` and `stop`. `refusal` makes the content type and the body of every error that the
    server itself answers, from the status and a description.
    """

    def __init__(
        self,
        app: WSGIApplication,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        limits: Limits = DEFAULT_LIMITS,
        refusal: Refusal,
    ) -> None:
        self._limits = limits
        self._listener = _listen(host, port)
        self.host = host
        self.address: str = self._listener.getsockname()[0]
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://{_url_host(host)}:{self.port}"
        self._stop_lock = threading.RLock()
        self._stopping = threading.Event()
        self._acceptor: threading.Thread | None = None
        self._complained = False
        self._waker, self._woken = socket.socketpair()
        self._registry = Registry()
        own_headers = OwnHeaders()
        self._service = Service(
            app=app,
            limits=limits,
            environ={**_base_environ(host, self.port), SLEEP: self._sleep},
            own_headers=own_headers,
            refusals=RefusalWriter(refusal, own_headers),
        )

    def start(self) -> None:
        """Begin to answer, in daemon threads. A server can be started once only."""
        with self._stop_lock:
            if self._acceptor is not None or self._stopping.is_set():
                raise RuntimeError("the server has been started or stopped before")
            self._acceptor = threading.Thread(target=self._accept_loop, name="fakekounta-accept", daemon=True)
            self._acceptor.start()

    def stop(self) -> None:
        """Stop listening, let requests that are being answered finish, and end all threads.

        An application that takes longer than the grace is left behind, without its client.
        """
        with self._stop_lock:
            if self._stopping.is_set():
                return
            self._stopping.set()
            self._waker.send(b"x")
            if self._acceptor is not None:
                self._acceptor.join()
            self._listener.close()
            self._registry.close_all(GRACE_SECONDS)
            self._waker.close()
            self._woken.close()

    def _sleep(self, seconds: float) -> None:
        """For an application that wants to be late. Raises Cut when the server stops."""
        if self._stopping.wait(seconds):
            raise Cut

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def _accept_loop(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._woken, selectors.EVENT_READ)
            selector.register(self._listener, selectors.EVENT_READ)
            while not self._stopping.is_set():
                try:
                    self._accept_once(selector)
                except Exception:
                    LOG.exception("accepting a connection failed")
                    self._stopping.wait(RETRY_SECONDS)

    def _accept_once(self, selector: selectors.BaseSelector) -> None:
        ready = selector.select(self._tick_seconds())
        self._registry.release_idle(monotonic() - self._limits.idle_seconds)
        if any(key.fileobj is self._listener for key, _ in ready) and not self._accept():
            # The client waits in the backlog until another one has gone.
            self._registry.release_longest_idle(monotonic() - DISPENSABLE_SECONDS)
            self._stopping.wait(RETRY_SECONDS)

    def _tick_seconds(self) -> float | None:
        """How long to sleep: for as long as it takes, if there is no connection to look after."""
        if not self._registry.count():
            return None
        return min(max(self._limits.idle_seconds / 10, 0.01), 1.0)

    def _accept(self) -> bool:
        """Take one client; false if there is no room for it, or no descriptor or thread."""
        if self._registry.count() >= self._limits.connections:
            return False
        try:
            sock, address = self._listener.accept()
        except (BlockingIOError, ConnectionError, InterruptedError):
            return True  # The client left before it was accepted.
        except OSError as error:
            self._complain(error)
            return False
        try:
            sock.setblocking(True)
            self._registry.run(Connection(sock, address, self._service))
        except (OSError, RuntimeError) as error:
            sock.close()
            self._complain(error)
            return False
        self._complained = False
        return True

    def _complain(self, error: Exception) -> None:
        """Log the first of a row of failures, of which there may be fifty a second."""
        if not self._complained:
            LOG.warning("cannot take a connection: %s", error)
        self._complained = True


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket at the first address that `host` has."""
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # Elsewhere the option lets two servers share a port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener


def _url_host(host: str) -> str:
    """The host as a client can use it: a name for this machine in place of 'every address'."""
    if host in ("", "0.0.0.0"):  # noqa: S104 - it is recognised here, not chosen
        return "127.0.0.1"
    if host == "::":
        return "[::1]"
    return f"[{host}]" if ":" in host else host


def _base_environ(host: str, port: int) -> dict[str, Any]:
    """What the environ of every request has in common."""
    return {
        "SCRIPT_NAME": "",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
