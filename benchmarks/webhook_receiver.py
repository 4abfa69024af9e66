"""The receiver of the webhook benchmarks, a process of its own: as little as a receiver can do, so that it hides nothing.

Prints its port and serves until its standard input ends. POST is counted and answered 204, after nothing was done with
it but to read it; POST to /hang is never answered. GET /wait/N is answered when N posts have come since the last such
answer, and counting begins anew.
"""

from __future__ import annotations

import re
import socket
import sys
from threading import Condition, Thread

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"
_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Counter:
    """Counts what came; lets one wait for a number of it."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._count = 0
        self._awaited = 0

    def add(self) -> None:
        """One more came."""
        with self._changed:
            self._count += 1
            if self._count == self._awaited:
                self._changed.notify_all()

    def wait(self, count: int) -> None:
        """Return when so many have come, and begin anew."""
        with self._changed:
            self._awaited = count
            self._changed.wait_for(lambda: self._count >= count)
            self._count = self._awaited = 0


def serve(connection: socket.socket, counter: Counter) -> None:
    """Answer one connection's requests, one after the other."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    data = b""
    while True:
        while (end := data.find(b"\r\n\r\n")) < 0:
            piece = connection.recv(65_536)
            if not piece:
                return
            data += piece
        head = data[:end]
        length = _LENGTH.search(head)
        stop = end + 4 + (int(length[1]) if length else 0)
        while len(data) < stop:
            piece = connection.recv(65_536)
            if not piece:
                return
            data += piece
        data = data[stop:]
        if head.startswith(b"GET /wait/"):
            counter.wait(int(head[10:].split(b" ", 1)[0]))
            connection.sendall(_OK)
        elif not head.startswith(b"POST /hang"):
            connection.sendall(_NO_CONTENT)
            counter.add()


def _serve_quietly(connection: socket.socket, counter: Counter) -> None:
    with connection:
        try:
            serve(connection, counter)
        except OSError:  # the other side is gone, and so is the reason to serve it
            return


def main() -> None:
    """Serve until the standard input ends."""
    counter = Counter()
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)

    def accept() -> None:
        while True:
            connection = listener.accept()[0]
            Thread(target=_serve_quietly, args=(connection, counter), daemon=True).start()

    Thread(target=accept, daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
