"""A Redis server of a test's own, and a way to it that can be cut."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from redis import Redis
from redis.exceptions import RedisError

from tests.wire.test_http_server import eventually

MISSING = "tests/replicas needs redis-server or valkey-server, and nginx: apt-get install redis-server nginx-light"
_AT_ONCE = 65_536


def server_program() -> str | None:
    """Return the path of the server, or None if there is none."""
    return shutil.which("redis-server") or shutil.which("valkey-server")


def nginx_program() -> str | None:
    """Return the path of nginx, or None if there is none."""
    return shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


def free_port() -> int:
    """Return a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class Server:
    """A server that keeps its data in a folder, so that it can be restarted."""

    def __init__(self, folder: Path, *options: str, address: str = "127.0.0.1") -> None:
        self._folder = folder
        self._options = ("--bind", address, *options)
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        """The URL of its database 0."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, with the data it had, and return once it answers."""
        options = ["--port", str(self.port), "--dir", str(self._folder), "--save", "", "--appendonly", "yes"]
        command = [str(server_program()), *options, "--appendfsync", "always", *self._options]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        eventually(self._answers)

    def _answers(self) -> bool:
        with suppress(RedisError), Redis(port=self.port) as client:
            return bool(client.ping())
        return False

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self) -> None:
        """Stop it as a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def flush(self) -> None:
        """Delete all keys."""
        with Redis(port=self.port) as client:
            client.flushall()


class Way:
    """A port that leads to a server, until it is cut."""

    def __init__(self, port: int) -> None:
        self._far = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        self.is_cut = Event()
        self.loses_answer_to = b""
        self.lost = 0
        Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The URL of the database at its other end."""
        return f"redis://127.0.0.1:{self.port}/0"

    def cut(self) -> None:
        """End all connections, and refuse new ones until `mend`."""
        self.is_cut.set()
        self._end_all()

    def mend(self) -> None:
        """Let connections through again."""
        self.is_cut.clear()

    def close(self) -> None:
        """Close the port."""
        self._listener.close()
        self._end_all()

    def _end_all(self) -> None:
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._sockets = []

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if self.is_cut.is_set():
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._far))
                self._sockets += [near, far]
                Thread(target=self._pass, args=(near, far), daemon=True).start()
                Thread(target=self._pass_back, args=(far, near), daemon=True).start()

    def _pass(self, near: socket.socket, far: socket.socket) -> None:
        """Pass commands on. Before one whose answer is to be lost, stop passing answers."""
        with suppress(OSError):
            while data := near.recv(_AT_ONCE):
                if self.loses_answer_to and self.loses_answer_to in data:
                    self.loses_answer_to = b""
                    near.shutdown(socket.SHUT_WR)
                    self.lost += 1
                far.sendall(data)

    @staticmethod
    def _pass_back(far: socket.socket, near: socket.socket) -> None:
        with suppress(OSError):
            while data := far.recv(_AT_ONCE):
                near.sendall(data)


@contextmanager
def way_to(server: Server) -> Iterator[Way]:
    """Yield a way to a server, and close it."""
    way = Way(server.port)
    try:
        yield way
    finally:
        way.close()
