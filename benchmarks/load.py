"""A client that does almost nothing, so that the server is measured and not the client."""

from __future__ import annotations

import socket
import time


class Connection:
    """A connection that sends the same request again and again."""

    def __init__(self, port: int, data: bytes) -> None:
        self._port = port
        self.data = data
        self._socket = self._opened()
        self._head = b""
        self._buffer = b""
        self._closes = False

    def _opened(self) -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", self._port))
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened

    def send(self) -> None:
        """Send the request."""
        if self._closes:
            self._socket.close()
            self._socket = self._opened()
        self._socket.sendall(self.data)

    def receive(self) -> bytes:
        """Read the whole response. Raise AssertionError if it is not a success."""
        data = self._socket.recv(65_536)
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head = data[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        while len(data) < end + 4 + length:
            data += self._more()
        self._closes = b"connection: close" in head or head.startswith(b"http/1.0")
        assert data[9:10] == b"2", data[:200]
        return data

    def _more(self) -> bytes:
        more = self._socket.recv(65_536)
        assert more, "the server closed the connection"
        return more

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


def request(port: int, method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    """Send one request on a connection of its own, and return the response."""
    head = "".join(f"{name}: {value}\r\n" for name, value in {**headers, "Content-Length": str(len(body))}.items())
    connection = Connection(port, f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{head}\r\n".encode() + body)
    connection.send()
    answer = connection.receive()
    connection.close()
    return answer


def body_bytes(port: int, data: bytes) -> int:
    """Return the length of the response's body."""
    connection = Connection(port, data)
    connection.send()
    answer = connection.receive()
    connection.close()
    return len(answer.partition(b"\r\n\r\n")[2])


def rate(port: int, data: bytes, *, connections: int, seconds: float) -> float:
    """Return the responses a second, with one request under way on each of the connections."""
    clients = [Connection(port, data) for _ in range(connections)]
    for client in clients:
        client.send()
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        for client in clients:
            client.receive()
            client.send()
        count += connections
    took = time.perf_counter() - start
    for client in clients:
        client.receive()
        client.close()
    return count / took
