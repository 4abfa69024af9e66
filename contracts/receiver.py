"""A receiver of webhooks for the contract tests: it records requests, and sends planned responses."""

from __future__ import annotations

import json
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Event, Thread
from typing import Any

SIGNATURE = "X-Kounta-Signature"
CUT = -1
"""Instead of a status: close the connection without a response."""
HANG = -2
"""Instead of a status: send no response until the receiver is released."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One request as received: headers as written, the exact body, times of a monotonic clock."""

    method: str
    path: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    began: float
    ended: float

    def header(self, name: str) -> str:
        """Return the single value of a header."""
        (value,) = [text for key, text in self.headers if key.lower() == name.lower()]
        return value

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object."""
        return dict(json.loads(self.body))


@dataclass(slots=True, kw_only=True)
class Receiver:
    """The requests at each path, and the planned responses; without a plan it responds with 204."""

    url: str
    arrived: Condition = field(default_factory=Condition)
    released: Event = field(default_factory=Event)
    _arrivals: dict[str, list[Arrival]] = field(default_factory=lambda: defaultdict(list))
    _answers: dict[str, deque[int]] = field(default_factory=lambda: defaultdict(deque))

    def at(self, path: str) -> list[Arrival]:
        """Return the requests at a path, in the order of arrival."""
        with self.arrived:
            return list(self._arrivals[path])

    def wait_for(self, path: str, count: int, *, timeout_seconds: float) -> list[Arrival]:
        """Return the requests at a path once they are `count`. Fail the test if they do not come in time."""
        with self.arrived:
            enough = self.arrived.wait_for(lambda: len(self._arrivals[path]) >= count, timeout_seconds)
            arrivals = list(self._arrivals[path])
        assert enough, f"{len(arrivals)} of {count} deliveries came within {timeout_seconds} s"
        return arrivals

    def answer(self, path: str, *statuses: int) -> None:
        """Respond to the next requests at a path with these statuses, or with CUT or HANG."""
        with self.arrived:
            self._answers[path].extend(statuses)

    def receive(self, arrival: Callable[[], Arrival]) -> int:
        """Record a request and return the planned status."""
        with self.arrived:
            kept = arrival()
            self._arrivals[kept.path].append(kept)
            answers = self._answers[kept.path]
            answer = answers.popleft() if answers else 204
            self.arrived.notify_all()
        return answer


@contextmanager
def receiving(*, port: int = 0, url: str | None = None, work: Callable[[], None] = lambda: None) -> Iterator[Receiver]:
    """Yield a receiver on 127.0.0.1. `url` is its public URL; `work` is called for each request."""
    receiver = Receiver(url="")

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            _handle(self, receiver, work)

        do_GET = do_POST = do_PUT = handle_any  # noqa: N815 - names of the standard library

        def log_message(self, *_: Any) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        receiver.url = url or f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.released.set()
            server.shutdown()
            thread.join()


def _handle(request: BaseHTTPRequestHandler, receiver: Receiver, work: Callable[[], None]) -> None:
    began = time.monotonic()
    body = request.rfile.read(int(request.headers.get("Content-Length", "0")))
    work()
    answer = receiver.receive(
        lambda: Arrival(
            method=request.command,
            path=request.path,
            headers=request.headers.items(),
            body=body,
            began=began,
            ended=time.monotonic(),
        )
    )
    if answer == HANG:
        receiver.released.wait()
    if answer in (CUT, HANG):
        request.close_connection = True
        return
    request.send_response(answer)
    if answer // 100 == 3:
        request.send_header("Location", f"{receiver.url}{request.path}/elsewhere")
    if answer != 204:
        request.send_header("Content-Length", "0")
    request.end_headers()
