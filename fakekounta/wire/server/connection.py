"""One client's connection: its requests, one after the other, in a thread of its own."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, TypeAlias

from fakekounta.process.unpatched import monotonic
from fakekounta.wire.clients.cut import SLEEP, Cut
from fakekounta.wire.server.channel import RECEIVE_BYTES, Channel
from fakekounta.wire.server.head import NOT_UNDERSTOOD
from fakekounta.wire.server.inbox import Inbox
from fakekounta.wire.server.message import Request, RequestRefusal
from fakekounta.wire.server.relay import relay
from fakekounta.wire.server.response import (
    ClientGone,
    ResponseWriter,
    run_application,
)
from fakekounta.wire.server.service import Service
from fakekounta.wire.server.threads import complain
from fakekounta.wire.server.tunnels import TunnelRefused
from fakekounta.wire.server.watching import ends_within

if TYPE_CHECKING:
    from fakekounta.wire.server.tls import Tls

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
FAILED = "An internal error occurred."
HEAR_BYTES = 8_192
State: TypeAlias = "tuple[float | None, float | None, float | None]"


class Connection:
    """Answers the requests of one client until it leaves, sends malformed HTTP, or is too slow.

    Three attributes tell other threads its state: `idle_since` when the client began to pause between two requests or
    to leave, `reading_since` when the request under way began to arrive, `sending_since` when a response began to wait
    for the client. The socket blocks without a timeout between requests, which is fastest; the server closes
    connections that are idle for too long. Other threads may set `is_stopping` (read no more requests), `is_last`
    (answer one request only) and `is_dismissed` (another connection has got this one's place).

    A handshake, and a record of TLS that is not complete, count as a request that begins to arrive.
    """

    def __init__(self, sock: socket.socket, address: tuple[Any, ...], service: Service) -> None:
        self.sock = sock
        self._channel = Channel(sock, service.limits.request_seconds)
        self._idle_from = self._channel.sent_at
        self.idle_since: float | None = self._idle_from
        self.reading_since: float | None = None
        self.is_sleeping: bool = False
        self.is_stopping = self.is_last = self.is_dismissed = False
        self._service = service
        self._deadline: float | None = None
        self.client_port: int = address[1]
        client = {"REMOTE_ADDR": address[0], "REMOTE_PORT": str(address[1]), SLEEP: self._sleep}
        self._inbox = Inbox(service, self._channel, {**service.environ, **client})

    @property
    def sending_since(self) -> float | None:
        """When a response began to wait for the client; None without one."""
        return self._channel.sending_since

    @property
    def state(self) -> State:
        """`idle_since`, `reading_since` and `sending_since`; all None while the application runs."""
        return self.idle_since, self.reading_since, self.sending_since

    # --- before it is served -----------------------------------------------------------------------------------

    def hear(self) -> bool:
        """Read what has arrived, without waiting; return False if the client has left."""
        try:
            data = self.sock.recv(HEAR_BYTES)
            reply = self._inbox.take(data)
            if reply:
                self.sock.send(reply)
        except (BlockingIOError, InterruptedError):
            return True
        except OSError:
            return False
        tls = self._channel.tls
        return bool(data) and (tls is None or not tls.is_over)

    @property
    def is_heard(self) -> bool:
        """Whether the head of the first request is complete, or cannot become complete."""
        return self._inbox.is_heard

    @property
    def is_reserved(self) -> bool:
        """Whether the first request is one for which connections are reserved."""
        environ = self._inbox.first_environ
        return environ is not None and self._service.reserves(environ)

    @property
    def age_seconds(self) -> float:
        """The seconds since it was accepted, for a connection that is not served yet."""
        return monotonic() - self._idle_from

    def turn_away(self) -> None:
        """Answer that there is no room, without waiting for the client, and close."""
        try:
            if self.is_heard:
                refusal = self._service.refusals.response(503, "The server is at its limit: try again later.")
                self._channel.send_at_once(refusal)
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
        self._inbox.close()

    def _serve(self) -> None:
        if self.is_heard:
            self.idle_since = None
            if not self._go_on():
                return
        while data := self._receive():
            reply = self._inbox.take(data)
            if reply:
                self._channel.send(reply, is_encrypted=True)
            if not self._go_on():
                return
        if self._inbox.reader.in_message:
            self._refuse_incomplete()
        self._channel.send_close_notify()

    def _go_on(self) -> bool:
        """Answer the requests that were read, and prepare for more bytes; return False if none can come."""
        requests, reader = self._inbox.requests, self._inbox.reader
        is_answered = bool(requests)
        while requests:  # Keep nothing of a request while waiting for the next one.
            if not self._answer(requests.pop(0)):
                self._linger()
                return False
            if not requests:
                requests += reader.more()
        if reader.refused is not None:
            return self._go_on_after(reader.refused)
        tls = self._channel.tls
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
        if self._inbox.reader.tunnel is not None:
            try:
                return self._tunnel(self._inbox.reader.tunnel)
            except TunnelRefused as refused:
                refusal = RequestRefusal(refused.status, refused.description)
        self._refuse(*refusal)
        return False

    def _tunnel(self, target: str) -> bool:
        """Open a tunnel; return False if it led to another host and has ended. Raise TunnelRefused."""
        if self._inbox.is_in_tunnel or self._channel.tls is not None:
            raise TunnelRefused(405, "There is no tunnel inside of TLS or of another tunnel.")
        early = self._inbox.reader.after_connect()
        if not self._service.tunnels.leads_here(target):
            self._carry(target, early)
            return False
        if target.endswith(":443") and not self._service.tls.is_on:
            raise TunnelRefused(405, "TLS is off here: turn it on with tls=True (--tls).")
        self._channel.send(ESTABLISHED)
        self._idle_from = self._channel.sent_at
        self._inbox.begin_tunnel()
        if early:
            self._channel.send(self._inbox.take(early), is_encrypted=True)
        return self._go_on()

    def _carry(self, target: str, early: bytes) -> None:
        """Carry bytes to and from another host until either ends. Raise TunnelRefused if the host cannot be reached."""
        with self._service.tunnels.open(target) as other:
            self._channel.send(ESTABLISHED)
            self.is_sleeping = True
            relay(self.sock, other, early, self._service.limits.tunnel_idle_seconds, lambda: self.is_stopping)

    def _end_tls(self, tls: Tls) -> None:
        """End a connection whose TLS has ended, or whose client broke the protocol."""
        if tls.failure is not None:
            self._linger()
        elif self._inbox.reader.in_message:
            self._refuse_incomplete()
        else:
            self._channel.send_close_notify()

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
        if self._inbox.reader.awaits_continue:
            self._inbox.reader.awaits_continue = False
            self._channel.send(CONTINUE)
        now = monotonic()
        if is_answered or self._deadline is None:
            self._deadline = now + self._service.limits.request_seconds
        if now >= self._deadline:
            return False
        self.sock.settimeout(self._deadline - now)
        self._channel.is_timed = True
        self.reading_since = self._deadline - self._service.limits.request_seconds
        return True

    def _await_request(self, *, is_answered: bool) -> bool:
        """Set the timeout for a first byte; return False if only line ends came in time."""
        if self._channel.is_timed:
            self.sock.settimeout(None)
            self._channel.is_timed = False
            self._deadline = None
        if is_answered:
            # Not the current time: the client may have got its response long before this thread runs again.
            self.idle_since = self._idle_from = self._channel.sent_at
            return True
        self.idle_since = self._idle_from
        return monotonic() - self._idle_from < self._service.limits.idle_seconds

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
        answer = ResponseWriter(request, self._channel.send, self._service.own_headers)
        if self.is_stopping or self.is_last or self.is_dismissed:
            answer.keep_alive = False
        try:
            run_application(self._service.app, request, answer)
        except ClientGone:
            raise
        except Cut as cut:
            self._channel.cut(cut)
            cut.__traceback__ = None  # Avoid a reference cycle between the response and the exception.
            raise ClientGone from None
        except BaseException:  # noqa: BLE001 - SystemExit, too, is only a failure of the application here
            complain("the application failed")
            if answer.head_sent:
                raise ClientGone from None
            self._channel.send(self._service.refusals.response(500, FAILED, with_body=not request.is_head))
            return False
        finally:
            request.release()
        return answer.keep_alive

    def _refuse(self, status: int, description: str) -> None:
        with_body = not self._inbox.reader.is_head
        self._channel.send(self._service.refusals.response(status, description, with_body=with_body))
        self._linger()

    def _linger(self) -> None:
        """Let the client read its response, unless it has lost its place."""
        if not self.is_dismissed:
            self.idle_since = monotonic()
            self._channel.linger()
