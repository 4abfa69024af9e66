"""The TLS layer of one connection, without a socket.

The bytes of the client go in, and the bytes to send come out, so that sockets stay as they are without TLS: other
threads shut them down and watch them while this one reads, forked children close their copies, and nobody waits inside
of the `ssl` module. `ssl.SSLSocket` allows none of that: its `shutdown` forgets the encryption, and its `send` takes no
MSG_DONTWAIT.

This module is imported when a client first speaks TLS.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import suppress

READ_BYTES = 65_536
HEAD_BYTES = 5
"""The length of a record's head, which ends with the length of the rest."""
PIECE_BYTES = 262_144
"""The most bytes that are encrypted at a time."""


class _Records:
    """Tells whether a stream of records has arrived up to the end of one."""

    def __init__(self) -> None:
        self._head = b""
        self._left = 0  # bytes of the record that are to come

    @property
    def is_partial(self) -> bool:
        return self._left > 0 or bool(self._head)

    def arrived(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            if not self._left:
                end = at + HEAD_BYTES - len(self._head)
                self._head += data[at:end]
                at = end
                if len(self._head) == HEAD_BYTES:
                    self._left = int.from_bytes(self._head[3:], "big")
                    self._head = b""
            else:
                passed = min(self._left, len(data) - at)
                self._left -= passed
                at += passed


class Tls:
    """The server's side of TLS on one connection.

    `is_ready` says whether the handshake is done, `is_over` that nothing more can be read; `failure` is why, if it was
    an error. The connection fails on purpose "before", "in" or "after" the handshake, if `cut` says so.
    """

    def __init__(self, context: ssl.SSLContext, cut: str | None = None) -> None:
        self._cut = cut
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._records = _Records()
        self.is_ready: bool = False
        self.is_over: bool = False
        self.failure: str | None = None

    @property
    def is_partial(self) -> bool:
        """Whether a handshake or a record has begun to arrive, and is not complete."""
        return not self.is_ready or self._records.is_partial

    def received(self, data: bytes) -> bytes:
        """Take bytes from the client, and return the data that they complete, decrypted.

        It raises no error: `failure` says why the connection cannot go on.
        """
        if self._cut is not None:
            return self._received_until_cut(data)
        said: list[bytes] = []
        self._records.arrived(data)
        self._incoming.write(data)
        try:
            if not self.is_ready:
                self._object.do_handshake()
                self.is_ready = True
            while part := self._object.read(READ_BYTES):
                said.append(part)
            self.is_over = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.is_over = True
        except OSError as error:
            self.is_over = True
            self.failure = getattr(error, "reason", None) or type(error).__name__
        return b"".join(said)

    def _received_until_cut(self, data: bytes) -> bytes:
        """Continue the handshake up to the point of the cut, before which the client has sent no data."""
        self._incoming.write(data)
        is_there = self._cut == "before"
        if not is_there:
            with suppress(ssl.SSLWantReadError):
                self._object.do_handshake()
                is_there = True
        if is_there or (self._cut == "in" and self._outgoing.pending):
            self.is_over, self.failure = True, f"cut {self._cut} the handshake, by a fault"
        return b""

    def reply(self) -> bytes:
        """Return the bytes that the protocol itself has to send now: parts of the handshake, or an alert."""
        data = self._outgoing.read()
        return data[: len(data) // 2] if self._cut == "in" else data

    def encrypted(self, data: bytes) -> Iterator[bytes]:
        """Yield a response encrypted, in pieces. Raise OSError if none can be sent."""
        left = memoryview(data)
        while left:
            left = left[self._object.write(left[:PIECE_BYTES]) :]
            yield self._outgoing.read()

    def close_notify(self) -> bytes:
        """Return the alert that ends the connection; no bytes before the handshake is done."""
        if self.is_ready and self.failure is None:
            with suppress(OSError):  # the client's own alert has not arrived, and is not waited for
                self._object.unwrap()
        return self._outgoing.read()
