"""The receiver of the webhook benchmarks, a process of its own that does as little as possible.

As a script it prints its port and serves until its standard input ends. A POST is read, counted and answered 204; a
POST to /hang is never answered. GET /wait/N is answered when N posts have arrived since its last response, and counting
begins again.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from threading import Condition, Thread

OTHER_CORE = {1}
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"
_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class ReceiverProcess:
    """The receiver, as the process that started it uses it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}/webhooks"
        self.hanging_url = f"http://127.0.0.1:{port}/hang"
        self._connection = HTTPConnection("127.0.0.1", port)

    def wait_for(self, posts: int) -> None:
        """Return when so many posts have arrived since the last return."""
        self._connection.request("GET", f"/wait/{posts}")
        self._connection.getresponse().read()


def pin(process_id: int, core: set[int]) -> None:
    """Keep a process on one core; 0 is this process. Do nothing if there is no such core."""
    with suppress(OSError):
        os.sched_setaffinity(process_id, core)


@contextmanager
def receiving() -> Iterator[ReceiverProcess]:
    """Run a receiver in a process of its own, on the second core."""
    command = [sys.executable, __file__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            pin(process.pid, OTHER_CORE)
            assert process.stdout is not None
            yield ReceiverProcess(int(process.stdout.readline()))
        finally:
            process.kill()


class Counter:
    """A counter of posts that can be waited for."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._count = 0
        self._awaited = 0

    def add(self) -> None:
        """Count one more."""
        with self._changed:
            self._count += 1
            if self._count == self._awaited:
                self._changed.notify_all()

    def wait(self, count: int) -> None:
        """Return when so many have arrived, and begin again at zero."""
        with self._changed:
            self._awaited = count
            self._changed.wait_for(lambda: self._count >= count)
            self._count = self._awaited = 0


def serve(connection: socket.socket, counter: Counter) -> None:
    """Answer the requests of one connection in order."""
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
        except OSError:  # the client has closed the connection
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
