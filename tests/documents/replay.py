"""A server that sends recorded responses again; the header X-Replay says which."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

_OF_THE_CONNECTION = ("content-length", "connection", "transfer-encoding", "date")


@contextmanager
def replaying(exchanges: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Run the server, and give its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            exchange = exchanges[int(self.headers["X-Replay"])]
            body = base64.b64decode(exchange["answered"]["body"])
            self.send_response(exchange["status"])
            for name, value in plain(exchange["answered"]["headers"]):
                self.send_header(name, value)
            if exchange["status"] != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - names of the library

        def log_message(self, *_: Any) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def plain(headers: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Return the headers without those of a connection."""
    return [(name, value) for name, value in headers if name.lower() not in _OF_THE_CONNECTION]
