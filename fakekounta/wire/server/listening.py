"""The listening socket of a server, and how its address is written."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from typing import Any

from fakekounta.process.unpatched import Socket, getaddrinfo, new_socket
from fakekounta.wire.server.limits import Limits

BACKLOG = 1024
# Descriptors left to the rest of the process.
OTHER_DESCRIPTORS = 64


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket at the first address that `host` has."""
    found = getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    listener = new_socket(family, kind, protocol)
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


class SharedListener:
    """A listening socket that this process and those which are forked from it accept from, each by a copy."""

    def __init__(self, host: str, port: int) -> None:
        """Listen. Raise OSError if the port is taken."""
        listener = listen(host, port)
        self.address: str = listener.getsockname()[0]
        self.port: int = listener.getsockname()[1]
        self.url: str = f"http://{url_host(host)}:{self.port}"
        self._descriptor = listener.detach()  # a socket of its own would be closed in the child

    def copy(self) -> socket.socket:
        """Return a copy of the socket for this process."""
        return Socket(fileno=os.dup(self._descriptor))

    def close(self) -> None:
        """Listen no longer in this process."""
        os.close(self._descriptor)


def url_host(host: str) -> str:
    """Return the host as a client can use it: a name of this machine in place of "all addresses"."""
    if host in ("", "0.0.0.0"):  # noqa: S104 - recognised here, not chosen
        return "127.0.0.1"
    if host == "::":
        return "[::1]"
    return f"[{host}]" if ":" in host else host


def base_environ(host: str, port: int) -> dict[str, Any]:
    """Return the keys that the environs of all requests have in common."""
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


def affordable(limits: Limits, descriptors: int | None) -> Limits:
    """Return the limits with no more connections than there are file descriptors (None: unlimited)."""
    if descriptors is None:
        return limits
    left = max(descriptors - OTHER_DESCRIPTORS, 8)
    connections = min(limits.connections, left * 3 // 4)
    reserved = min(limits.reserved_connections, max(left // 16, 1))
    waiting = min(limits.waiting_connections, max(left - connections - reserved, 1))
    return replace(limits, connections=connections, reserved_connections=reserved, waiting_connections=waiting)


def most_descriptors() -> int | None:
    """Return how many file descriptors this process may have, or None if it is not known."""
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return None
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return None if most == resource.RLIM_INFINITY else most
