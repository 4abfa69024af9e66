"""The inbox of a connection: bytes of its client in, requests out. The first byte tells TLS from HTTP."""

from __future__ import annotations

from typing import Any

from fakekounta.wire.server.channel import Channel
from fakekounta.wire.server.message import Request, RequestRefusal
from fakekounta.wire.server.request import RequestReader
from fakekounta.wire.server.service import Service
from fakekounta.wire.server.tls_entry import HANDSHAKE

NO_TLS = "This is TLS, which is off here: use http://, or turn it on with tls=True (--tls)."


class Inbox:
    """The requests of one client that were read and are not answered yet; `reader` has the one that is arriving.

    `environ` is what all of them have in common.
    """

    def __init__(self, service: Service, channel: Channel, environ: dict[str, Any]) -> None:
        self.requests: list[Request] = []
        self.is_in_tunnel: bool = False
        self._service = service
        self._channel = channel
        self._environ = environ
        self._is_new = True
        self.reader: RequestReader = self._new_reader()

    def _new_reader(self) -> RequestReader:
        return RequestReader(self._environ, self._service.limits, self._service.intake)

    def take(self, data: bytes) -> bytes:
        """Read bytes that arrived; return what TLS has to reply."""
        if self._is_new and data:
            self._is_new = False
            if data[0] == HANDSHAKE:
                self._begin_tls()
        tls = self._channel.tls
        if tls is None:
            self.requests += self.reader.feed(data)
            return b""
        self.requests += self.reader.feed(tls.received(data))
        if tls.failure is not None:
            self._service.tls.failed(tls.failure)
        return tls.reply()

    def _begin_tls(self) -> None:
        self._channel.tls = self._service.tls.begin()
        if self._channel.tls is None:
            self.reader.refused = RequestRefusal(400, NO_TLS)
        else:
            self.reader.set_scheme("https")

    @property
    def is_heard(self) -> bool:
        """Whether the head of the first request is complete, or cannot become complete."""
        return bool(self.requests) or self.reader.refused is not None or self.reader.head_environ is not None

    @property
    def first_environ(self) -> dict[str, Any] | None:
        """The environ of the first request, once its head is complete."""
        return self.requests[0].environ if self.requests else self.reader.head_environ

    def begin_tunnel(self) -> None:
        """Read what comes through a tunnel as if it came on a new connection."""
        self.reader.close()
        self.reader = self._new_reader()
        self.is_in_tunnel = self._is_new = True

    def close(self) -> None:
        """Release everything that was read, and break the reference cycle of environ and connection."""
        for request in self.requests:
            request.release()
        self.requests.clear()
        self.reader.close()
        self._environ = {}
