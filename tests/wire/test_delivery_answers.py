"""Tests of wrong responses of receivers: redirects, endless bodies, responses sent byte by byte."""

from __future__ import annotations

import socket
from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import Any

import pytest

from fakekounta import FakeKounta, Receiver
from fakekounta.wire.delivery.connections import ReceiverConnection
from fakekounta.wire.delivery.over_http import HttpPost
from fakekounta.wire.delivery.posting import Parcel, Undelivered
from tests.lab import CREATED, PATIENCE_SECONDS, customer, raw_receiver
from tests.net import port_of

TIMEOUT_SECONDS = 0.2
_OK = b"HTTP/1.1 200 OK\r\n"
_DRIPS = 60
_BIG = b"x" * 65_536


def sent(port: int, *, sender: HttpPost | None = None) -> int:
    parcel = Parcel(url=f"http://127.0.0.1:{port}/", headers=[], body=b"{}", timeout_seconds=TIMEOUT_SECONDS)
    return (sender or HttpPost())(parcel)


# --- redirects -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status: int, fakekounta_receiver: Receiver) -> None:
    """A redirect, even to this machine, is a failure like any other status that is not 2xx, and is not followed."""
    with Receiver() as other:
        fakekounta_receiver.answer(status, headers=[("Location", other.url)])
        kounta = FakeKounta()
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        customer(kounta)
        (delivery,) = kounta.webhooks.deliveries
        assert (delivery.outcome, delivery.attempts[0].error) == ("pending", f"the receiver answered {status}")
        assert (len(fakekounta_receiver.received), other.received) == (1, [])


# --- slow answers ----------------------------------------------------------------------------------------------


def dripping(start: bytes, drip: bytes, gone: Event) -> Callable[[socket.socket], None]:
    """Send one byte each quarter of the timeout, for fifteen timeouts, or until the client leaves."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(start)
        connection.settimeout(TIMEOUT_SECONDS / 4)
        for _ in range(_DRIPS):
            try:
                if not connection.recv(1):
                    break
            except TimeoutError:
                connection.sendall(drip)
            except OSError:
                break
        else:
            return
        gone.set()

    return behave


DRIPS: dict[str, tuple[bytes, bytes]] = {
    "nothing at all": (b"", b""),
    "a status line": (b"HTTP/1.1 200 ", b"O"),
    "a header": (_OK + b"X-Slow: ", b"x"),
    "headers": (_OK, b"X: y\r\n"),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a body of some length": (_OK + b"Content-Length: 1000\r\n\r\n", b"x"),
    "a body that ends with the connection": (_OK + b"\r\n", b"x"),
    "a body in chunks": (_OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "one chunk": (_OK + b"Transfer-Encoding: chunked\r\n\r\nffff\r\n", b"x"),
    "the size of a chunk": (_OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
}


@pytest.mark.parametrize("drip", DRIPS)
def test_a_drip_is_cut_at_the_timeout(drip: str) -> None:
    """The timeout counts for the whole response: single bytes do not extend it, and the connection is closed."""
    gone = Event()
    with raw_receiver(dripping(*DRIPS[drip], gone)) as port:
        started = monotonic()
        with pytest.raises(Undelivered):
            sent(port)
        assert monotonic() - started < PATIENCE_SECONDS / 2
        assert gone.wait(PATIENCE_SECONDS), "the connection was kept"


def test_a_receiver_that_reads_nothing() -> None:
    """If the receiver reads nothing of a body larger than all buffers, the attempt ends at the timeout."""
    done = Event()
    with raw_receiver(lambda _: _wait(done)) as port:
        started = monotonic()
        body = b"x" * 64 * 1_048_576
        with pytest.raises(Undelivered):
            HttpPost()(Parcel(url=f"http://127.0.0.1:{port}/", headers=[], body=body, timeout_seconds=TIMEOUT_SECONDS))
        done.set()
        assert monotonic() - started < PATIENCE_SECONDS / 2


def _wait(done: Event) -> None:
    done.wait(PATIENCE_SECONDS)


# --- large answers ---------------------------------------------------------------------------------------------


def flooding(start: bytes, flood: bytes, taken: list[int]) -> Callable[[socket.socket], None]:
    """Send as much as the client reads, up to far more than it should."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(start)
        taken.append(0)
        try:
            while taken[0] < 512 * 1_048_576:
                taken[0] += connection.send(flood)
        except OSError:
            return

    return behave


FLOODS: dict[str, tuple[bytes, bytes]] = {
    "a body without end": (_OK + b"\r\n", _BIG),
    "a body of some length": (_OK + b"Content-Length: 1000000000000\r\n\r\n", _BIG),
    "chunks without end": (_OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + _BIG + b"\r\n"),
    "a compressed body": (_OK + b"Content-Encoding: gzip\r\n\r\n", _BIG),
}


@pytest.mark.parametrize("flood", FLOODS)
def test_a_body_is_read_up_to_a_limit(flood: str) -> None:
    """The status counts; of an endless body only a little is read, and the connection is closed."""
    taken: list[int] = []
    with raw_receiver(flooding(*FLOODS[flood], taken)) as port:
        assert sent(port) == 200
    assert taken[0] < 64 * 1_048_576


@pytest.mark.parametrize(
    "start, flood", [(_OK + b"X-A: ", _BIG), (_OK, b"X-A: b\r\n" * 1000), (_OK, b"X-A: " + _BIG[:60_000] + b"\r\n")]
)
def test_a_head_without_end(start: bytes, flood: bytes) -> None:
    """A head without end is not a response."""
    taken: list[int] = []
    with raw_receiver(flooding(start, flood, taken)) as port, pytest.raises(Undelivered):
        sent(port)
    assert taken[0] < 64 * 1_048_576


# --- connections -----------------------------------------------------------------------------------------------


def test_a_connection_is_kept_after_a_short_body(fakekounta_receiver: Receiver) -> None:
    """The body of a response is read, so that ten posts use one connection."""
    made: list[ReceiverConnection] = []

    def counted(*where: Any) -> ReceiverConnection:
        made.append(ReceiverConnection(*where))
        return made[-1]

    sender = HttpPost(connector=counted)
    assert [sent(port_of(fakekounta_receiver), sender=sender) for _ in range(10)] == [204] * 10
    assert len(made) == 1
    sender.close()


def test_the_connection_of_an_endless_body_is_not_used_again() -> None:
    """The unread rest of a body is never read as the next response."""
    with raw_receiver(
        lambda connection: connection.sendall(_OK + b"Content-Length: 200000\r\n\r\n" + _BIG * 3)
    ) as port:
        sender = HttpPost()
        assert [sent(port, sender=sender) for _ in range(3)] == [200, 200, 200]
