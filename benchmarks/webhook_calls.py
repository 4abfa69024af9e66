"""Benchmarks of what a webhook adds to the API call that causes its delivery.

One client changes a customer by PUT over one kept-alive socket. The fake is `fakekounta serve`, a process of its own,
in its default mode, `background`. Each call changes the customer, so that with a webhook each causes one delivery. The
time of a call is that from before its first byte is sent until the last byte of its response has arrived. Blocks of
calls with and without the webhook alternate on the same server. Between blocks the webhook is created and deleted by
the API, and all deliveries have arrived.

Paced calls show whether a delivery delays the call that caused it. In calls back to back the deliveries also use the
one interpreter, so that the time of a call includes the cost of a delivery.
"""

from __future__ import annotations

import json
import time
from itertools import count
from socket import IPPROTO_TCP, TCP_NODELAY, create_connection
from statistics import median
from typing import Any

from lines import in_turn
from servers import AUTH, free_port, running, serve_command
from webhook_receiver import receiving

TOPIC = "customers/updated"
CUSTOMER: dict[str, Any] = {"id": 1, "first_name": "Jamie", "email": "jamie@example.com", "tags": ["regular"]}
PACE_SECONDS = 0.004


class Caller:
    """A client that does almost nothing: it sends prepared bytes and reads a response, on one socket."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket = create_connection(("127.0.0.1", port))
        self._socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)

    def seconds(self, method: str, path: str, body: object = None) -> float:
        """Send the request, and return the time until the whole response has arrived."""
        content = b"" if body is None else json.dumps(body).encode()
        request = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nAuthorization: {AUTH}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        ).encode() + content
        start = time.perf_counter()
        self._socket.sendall(request)
        answer = self._socket.recv(65_536)
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._more()
        length = int(answer[:end].lower().partition(b"\r\ncontent-length:")[2].split(b"\r\n", 1)[0] or 0)
        while len(answer) < end + 4 + length:
            answer += self._more()
        took = time.perf_counter() - start
        assert answer.startswith(b"HTTP/1.1 2"), answer
        return took

    def _more(self) -> bytes:
        more = self._socket.recv(65_536)
        assert more, "the server closed the connection"
        return more


def calls(rounds: int, size: int, *, paced: bool) -> list[tuple[float, float]]:
    """Return the microseconds of a call with a webhook and without.

    If paced, some milliseconds pass between two calls, in which the delivery is made, and a block counts with its
    median. Else the next call begins at once, and a block counts with its mean.
    """
    names, webhook_ids = count(), count(1)
    with receiving() as receiver, running(serve_command(port := free_port()), port):
        caller = Caller(port)
        caller.seconds("POST", "/_fakekounta/customers", CUSTOMER)

        def block() -> float:
            took = []
            for _ in range(size):
                fields = {"last_name": str(next(names))}
                took.append(caller.seconds("PUT", "/v1/companies/5678/customers/1.json", fields))
                if paced:
                    time.sleep(PACE_SECONDS)
            return 1e6 * (median(took) if paced else sum(took) / size)

        def block_with_webhook() -> float:
            caller.seconds("POST", "/v1/companies/5678/webhooks.json", {"topic": TOPIC, "address": receiver.url})
            result = block()
            receiver.wait_for(size)
            caller.seconds("DELETE", f"/v1/companies/5678/webhooks/{next(webhook_ids)}.json")
            return result

        return in_turn(rounds, block_with_webhook, block)
