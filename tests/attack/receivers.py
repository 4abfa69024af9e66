"""A receiver of webhooks that counts requests, and responds as planned."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Hits:
    """Path and body of each request."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}/hook"
        self.status = 204
        self.found: list[tuple[str, bytes]] = []
        self._changed = threading.Condition()

    def add(self, path: str, body: bytes) -> None:
        """Count a request."""
        with self._changed:
            self.found.append((path, body))
            self._changed.notify_all()

    def wait_for(self, count: int, *, seconds: float) -> int:
        """Return how many have arrived; wait until there are `count`, up to a timeout."""
        with self._changed:
            self._changed.wait_for(lambda: len(self.found) >= count, seconds)
            return len(self.found)


@contextmanager
def receiving() -> Iterator[Hits]:
    """Listen on a free port of 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            hits.add(self.path, body)
            self.send_response(hits.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hits = Hits(server.server_port)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield hits
    finally:
        server.shutdown()
        server.server_close()
