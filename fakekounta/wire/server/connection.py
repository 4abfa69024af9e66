"""One client's connection: its requests, one after the other, in a thread of its own."""

from __future__ import annotations

import socket
import struct
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from fakekounta.process.unpatched import monotonic
from fakekounta.wire.clients.cut import SLEEP, Cut
from fakekounta.wire.server.message import Request, RequestRefusal
from fakekounta.wire.server.relay import relay
from fakekounta.wire.server.request import NOT_UNDERSTOOD, RequestReader
from fakekounta.wire.server.response import (
    ClientGone,
    ResponseWriter,
    run_application,
)
from fakekounta.wire.server.service import Service
from fakekounta.wire.server.threads import complain
from fakekounta.wire.server.tls_entry import HANDSHAKE
from fakekounta.wire.server.tunnels import TunnelRefused
from fakekounta.wire.server.watching import ends_within

if TYPE_CHECKING:
    from fakekounta.wire.server.tls import Tls

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
RECEIVE_BYTES = 65_536
HEAR_BYTES = 8_192
LINGER_SECONDS = 2.0
RESET = struct.pack("ii", 1, 0)  # do not linger: unsent bytes are dropped, and the peer gets an RST
LINGER_BYTES = 512 * 1_048_576

NO_TLS = "This is TLS, which is off here: use http://, or turn it on with tls=True (--tls)."

State: TypeAlias = "tuple[float | None, float | None, float | None]"
ANSWERING: State = (None, None, None)

# Absent on Windows, where a send may wait forever.
_DONT_WAIT: int = getattr(socket, "MSG_DONTWAIT", 0)


class Connection:
    """Answers the requests of one client until it leaves, sends malformed HTTP, or is too slow.

    Three attributes tell other threads its state: `idle_since` when the client began to pause between two requests or
    to leave, `reading_since` when the request under way began to arrive, `sending_since` when a response began to wait
    for the client. The socket blocks without a timeout between requests, which is fastest; the server closes
    connections that are idle for too long. Other threads may set `is_stopping` (read no more requests), `is_last`
    (answer one request only) and `is_dismissed` (another connection has got this one's place).

    The first byte tells TLS from HTTP. A handshake, and a record of TLS that is not complete, count as a request that
    begins to arrive.
    """

    def __init__(self, sock: socket.socket, address: tuple[Any, ...], service: Service) -> None:
        self.sock = sock
        self._idle_from = self._sent_at = monotonic()
        self.idle_since: float | None = self._idle_from
        self.reading_since: float | None = None
        self.sending_since: float | None = None
        self.is_sleeping: bool = False
        self.is_stopping = self.is_last = self.is_dismissed = False
        self._service = service
        self._limits = service.limits
        self._app = service.app
        self._own_headers = service.own_headers
        self._is_timed = False
        self._deadline: float | None = None
        self._heard: list[Request] = []
        self._is_new = True
        self._tls: Tls | None = None
        self.client_port: int = address[1]
        self._address = address
        self._is_tunnel = False
        self._reader = self._new_reader()

    def _new_reader(self) -> RequestReader:
        client = {"REMOTE_ADDR": self._address[0], "REMOTE_PORT": str(self._address[1]), SLEEP: self._sleep}
        return RequestReader({**self._service.environ, **client}, self._limits, self._service.intake)

    @property
    def state(self) -> State:
        """`idle_since`, `reading_since` and `sending_since`; all None while the application runs."""
        return self.idle_since, self.reading_since, self.sending_since

    # --- before it is served -----------------------------------------------------------------------------------

    def hear(self) -> bool:
        """Read what has arrived, without waiting; return False if the client has left."""
        try:
            data = self.sock.recv(HEAR_BYTES)
            reply = self._take(data)
            if reply:
                self.sock.send(reply)
        except (BlockingIOError, InterruptedError):
            return True
        except OSError:
            return False
        return bool(data) and (self._tls is None or not self._tls.is_over)

    @property
    def is_heard(self) -> bool:
        """Whether the head of the first request is complete, or cannot become complete."""
        return bool(self._heard) or self._reader.refused is not None or self._reader.head_environ is not None

    @property
    def is_reserved(self) -> bool:
        """Whether the first request is one for which connections are reserved."""
        environ = self._heard[0].environ if self._heard else self._reader.head_environ
        try:
            return environ is not None and self._service.is_reserved(environ)
        except Exception:  # noqa: BLE001 - logged; the request then waits like any other
            complain("the application did not say whether a request is reserved")
            return False

    @property
    def age_seconds(self) -> float:
        """The seconds since it was accepted, for a connection that is not served yet."""
        return monotonic() - self._idle_from

    def turn_away(self) -> None:
        """Answer that there is no room, without waiting for the client, and close."""
        try:
            if self.is_heard:
                refusal = self._service.refusals.response(503, "The server is at its limit: try again later.")
                self.sock.send(refusal if self._tls is None else b"".join(self._tls.encrypted(refusal)))
        except OSError:
            pass  # The client has left already.
        finally:
            self.close()

    # --- serving -----------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Serve the client. An exception ends this connection and nothing else."""
        try:
            self.sock.setblocking(True)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._serve()
        except (ClientGone, OSError):
            pass  # The client has left.
        except BaseException:  # noqa: BLE001 - logged; the thread would end silently
            complain("a connection failed")

    def close(self) -> None:
        """Close the socket, and release everything that was read."""
        self.sock.close()
        for request in self._heard:
            request.release()
        self._heard.clear()
        self._reader.close()

    def _serve(self) -> None:
        if self.is_heard:
            self.idle_since = None
            if not self._go_on():
                return
        while data := self._receive():
            reply = self._take(data)
            if reply:
                self._send(reply, is_encrypted=True)
            if not self._go_on():
                return
        if self._reader.in_message:
            self._refuse_incomplete()
        self._send_close_notify()

    def _take(self, data: bytes) -> bytes:
        """Read bytes that arrived; return what TLS has to reply."""
        if self._is_new and data:
            self._is_new = False
            if data[0] == HANDSHAKE:
                self._begin_tls()
        tls = self._tls
        if tls is None:
            self._heard += self._reader.feed(data)
            return b""
        self._heard += self._reader.feed(tls.received(data))
        if tls.failure is not None:
            self._service.tls.failed(tls.failure)
        return tls.reply()

    def _begin_tls(self) -> None:
        self._tls = self._service.tls.begin()
        if self._tls is None:
            self._reader.refused = RequestRefusal(400, NO_TLS)
        else:
            self._reader.set_scheme("https")

    def _go_on(self) -> bool:
        """Answer the requests that were read, and prepare for more bytes; return False if none can come."""
        requests = self._heard
        is_answered = bool(requests)
        reader = self._reader
        while requests:  # Keep nothing of a request while waiting for the next one.
            if not self._answer(requests.pop(0)):
                self._linger()
                return False
            if not requests:
                requests += reader.more()
        if reader.refused is not None:
            return self._go_on_after(reader.refused)
        tls = self._tls
        if tls is not None and tls.is_over:
            self._end_tls(tls)
            return False
        if not reader.in_message and (tls is None or not tls.is_partial):
            return self._await_request(is_answered=is_answered)
        if self._await_rest(is_answered=is_answered):
            return True
        self._refuse_incomplete()
        return False

    def _go_on_after(self, refusal: RequestRefusal) -> bool:
        """Refuse what cannot be read, or open the tunnel that was asked for; return False if no bytes can come."""
        status, description = refusal
        if self._reader.tunnel is not None:
            try:
                return self._tunnel(self._reader.tunnel)
            except TunnelRefused as refused:
                status, description = refused.status, refused.description
        self._refuse(status, description)
        return False

    def _tunnel(self, target: str) -> bool:
        """Open a tunnel; return False if it led to another host and has ended. Raise TunnelRefused."""
        if self._is_tunnel or self._tls is not None:
            raise TunnelRefused(405, "There is no tunnel inside of TLS or of another tunnel.")
        early = self._reader.after_connect()
        if not self._service.tunnels.leads_here(target):
            self._carry(target, early)
            return False
        if target.endswith(":443") and not self._service.tls.is_on:
            raise TunnelRefused(405, "TLS is off here: turn it on with tls=True (--tls).")
        self._send(ESTABLISHED)
        self._idle_from = self._sent_at
        self._reader.close()
        self._reader = self._new_reader()
        self._is_tunnel = self._is_new = True
        if early:
            self._send(self._take(early), is_encrypted=True)
        return self._go_on()

    def _carry(self, target: str, early: bytes) -> None:
        """Carry bytes to and from another host until either ends. Raise TunnelRefused if the host cannot be reached."""
        with ExitStack() as stack:
            other = self._service.tunnels.open(target, stack)
            self._send(ESTABLISHED)
            self.is_sleeping = True
            relay(self.sock, other, early, self._limits.tunnel_idle_seconds, lambda: self.is_stopping)

    def _end_tls(self, tls: Tls) -> None:
        """End a connection whose TLS has ended, or whose client broke the protocol."""
        if tls.failure is not None:
            self._linger()
        elif self._reader.in_message:
            self._refuse_incomplete()
        else:
            self._send_close_notify()

    def _receive(self) -> bytes:
        """Return the next bytes; none if the client has ended or its connection was shut down."""
        try:
            return self.sock.recv(RECEIVE_BYTES)
        except TimeoutError:
            return b""
        finally:
            self.idle_since = self.reading_since = None

    def _await_rest(self, *, is_answered: bool) -> bool:
        """Set the timeout for the rest of a request; return False if it has passed."""
        if self._reader.awaits_continue:
            self._reader.awaits_continue = False
            self._send(CONTINUE)
        now = monotonic()
        if is_answered or self._deadline is None:
            self._deadline = now + self._limits.request_seconds
        if now >= self._deadline:
            return False
        self.sock.settimeout(self._deadline - now)
        self._is_timed = True
        self.reading_since = self._deadline - self._limits.request_seconds
        return True

    def _await_request(self, *, is_answered: bool) -> bool:
        """Set the timeout for a first byte; return False if only line ends came in time."""
        if self._is_timed:
            self.sock.settimeout(None)
            self._is_timed = False
            self._deadline = None
        if is_answered:
            # Not the current time: the client may have got its response long before this thread runs again.
            self.idle_since = self._idle_from = self._sent_at
            return True
        self.idle_since = self._idle_from
        return monotonic() - self._idle_from < self._limits.idle_seconds

    def _refuse_incomplete(self) -> None:
        if self.is_stopping:
            return
        if self.is_dismissed or (self._deadline is not None and monotonic() >= self._deadline):
            self._refuse(408, "The request took too long to arrive.")
        else:
            self._refuse(400, NOT_UNDERSTOOD)

    def _sleep(self, seconds: float) -> None:
        """Wait for an application that delays its response. Raise Cut when the client leaves or the server stops."""
        self.is_sleeping = True
        try:
            if self.is_stopping or ends_within(self.sock, seconds):
                raise Cut
        finally:
            self.is_sleeping = False

    def _answer(self, request: Request) -> bool:
        """Answer one request; return False if the connection cannot be used any more."""
        answer = ResponseWriter(request, self._send, self._own_headers)
        if self.is_stopping or self.is_last or self.is_dismissed:
            answer.keep_alive = False
        try:
            run_application(self._app, request, answer)
        except ClientGone:
            raise
        except Cut as cut:
            self._cut(cut)
            cut.__traceback__ = None  # Avoid a reference cycle between the response and the exception.
            raise ClientGone from None
        except BaseException:  # noqa: BLE001 - SystemExit, too, is only a failure of the application here
            complain("the application failed")
            if answer.head_sent:
                raise ClientGone from None
            self._send_refusal(500, "An internal error occurred.", with_body=not request.is_head)
            return False
        finally:
            request.release()
        return answer.keep_alive

    def _cut(self, cut: Cut) -> None:
        """Send the data of a cut; closing the socket then closes or resets the connection."""
        if cut.data:
            self._send(cut.data)
        if cut.torn and self._tls is not None:
            record = b"".join(self._tls.encrypted(cut.torn))
            self._send(record[: len(record) // 2], is_encrypted=True)
        if cut.reset:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    def _refuse(self, status: int, description: str) -> None:
        self._send_refusal(status, description, with_body=not self._reader.is_head)
        self._linger()

    def _send_refusal(self, status: int, description: str, *, with_body: bool) -> None:
        self._send(self._service.refusals.response(status, description, with_body=with_body))

    def _send(self, data: bytes, *, is_encrypted: bool = False) -> None:
        """Send all of `data`. Raise ClientGone if the client does not take it."""
        if self._tls is not None and not is_encrypted:
            self._send_encrypted(self._tls, data)
            return
        self._sent_at = monotonic()
        try:
            sent = self.sock.send(data, _DONT_WAIT)
        except (BlockingIOError, TimeoutError):
            sent = 0
        except OSError as error:
            raise ClientGone from error
        if sent < len(data):
            self._send_slowly(memoryview(data)[sent:])

    def _send_encrypted(self, tls: Tls, data: bytes) -> None:
        try:
            for piece in tls.encrypted(data):
                self._send(piece, is_encrypted=True)
        except OSError as error:
            raise ClientGone from error

    def _send_close_notify(self) -> None:
        """Tell the client by TLS that nothing follows, without waiting for it."""
        if self._tls is not None:
            with suppress(OSError):  # the client has left
                self.sock.send(self._tls.close_notify(), _DONT_WAIT)

    def _send_slowly(self, data: memoryview) -> None:
        self._is_timed = True
        self.sending_since = self._sent_at
        try:
            self.sock.settimeout(self._limits.request_seconds)
            self.sock.sendall(data)
        except OSError as error:
            raise ClientGone from error
        finally:
            self.sending_since = None

    def _linger(self) -> None:
        """Let the client read its response: closing with unread bytes would reset the connection."""
        if self.is_dismissed:
            return
        self._send_close_notify()
        self.sock.shutdown(socket.SHUT_WR)
        self.idle_since = monotonic()
        deadline = self.idle_since + LINGER_SECONDS
        drained = 0
        while drained < LINGER_BYTES and (left := deadline - monotonic()) > 0:
            self.sock.settimeout(left)
            data = self.sock.recv(RECEIVE_BYTES)
            if not data:
                break
            drained += len(data)
