"""The channel to one client: it sends bytes, encrypted once the client speaks TLS, and ends the connection politely."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

from fakekounta.process.unpatched import monotonic
from fakekounta.wire.clients.cut import Cut
from fakekounta.wire.server.response import ClientGone

if TYPE_CHECKING:
    from fakekounta.wire.server.tls import Tls

RECEIVE_BYTES = 65_536
LINGER_SECONDS = 2.0
LINGER_BYTES = 512 * 1_048_576
RESET = struct.pack("ii", 1, 0)  # do not linger: unsent bytes are dropped, and the peer gets an RST

# Absent on Windows, where a send may wait forever.
_DONT_WAIT: int = getattr(socket, "MSG_DONTWAIT", 0)


class Channel:
    """The sending side of one connection; a client that does not take a response within `seconds` has left.

    `tls` is set when the client begins TLS. `sent_at` is when the last response was sent, `sending_since` when one
    began to wait for the client. `is_timed` says whether the socket has a timeout.
    """

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self.tls: Tls | None = None
        self.sent_at: float = monotonic()
        self.sending_since: float | None = None
        self.is_timed: bool = False
        self._sock = sock
        self._seconds = seconds

    def send(self, data: bytes, *, is_encrypted: bool = False) -> None:
        """Send all of `data`. Raise ClientGone if the client does not take it."""
        if self.tls is not None and not is_encrypted:
            self._send_encrypted(self.tls, data)
            return
        self.sent_at = monotonic()
        try:
            sent = self._sock.send(data, _DONT_WAIT)
        except (BlockingIOError, TimeoutError):
            sent = 0
        except OSError as error:
            raise ClientGone from error
        if sent < len(data):
            self._send_slowly(memoryview(data)[sent:])

    def _send_encrypted(self, tls: Tls, data: bytes) -> None:
        try:
            for piece in tls.encrypted(data):
                self.send(piece, is_encrypted=True)
        except OSError as error:
            raise ClientGone from error

    def _send_slowly(self, data: memoryview) -> None:
        self.is_timed = True
        self.sending_since = self.sent_at
        try:
            self._sock.settimeout(self._seconds)
            self._sock.sendall(data)
        except OSError as error:
            raise ClientGone from error
        finally:
            self.sending_since = None

    def send_at_once(self, data: bytes) -> None:
        """Send a response without waiting for the client. Raise OSError."""
        self._sock.send(data if self.tls is None else b"".join(self.tls.encrypted(data)))

    def send_close_notify(self) -> None:
        """Tell the client by TLS that nothing follows, without waiting for it."""
        if self.tls is not None:
            with suppress(OSError):  # the client has left
                self._sock.send(self.tls.close_notify(), _DONT_WAIT)

    def cut(self, cut: Cut) -> None:
        """Send the data of a cut; closing the socket then closes or resets the connection."""
        if cut.data:
            self.send(cut.data)
        if cut.torn and self.tls is not None:
            record = b"".join(self.tls.encrypted(cut.torn))
            self.send(record[: len(record) // 2], is_encrypted=True)
        if cut.reset:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    def linger(self) -> None:
        """Let the client read its response: closing with unread bytes would reset the connection."""
        self.send_close_notify()
        self._sock.shutdown(socket.SHUT_WR)
        deadline = monotonic() + LINGER_SECONDS
        drained = 0
        while drained < LINGER_BYTES and (left := deadline - monotonic()) > 0:
            self._sock.settimeout(left)
            data = self._sock.recv(RECEIVE_BYTES)
            if not data:
                break
            drained += len(data)
