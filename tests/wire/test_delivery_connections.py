"""Tests of the connections of deliveries: addresses, reuse, closing, and TLS."""

from __future__ import annotations

import gc
import socket
import ssl
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Any

import pytest
import trustme

from fakekounta import FakeKounta, Receiver
from fakekounta.wire.delivery import connections, over_http
from fakekounta.wire.delivery.connections import Deadline, ReceiverConnection
from fakekounta.wire.delivery.flights import Flight
from fakekounta.wire.delivery.over_http import HttpPost
from fakekounta.wire.delivery.posting import Blocked, Parcel, Undelivered
from tests.lab import CREATED, PATIENCE_SECONDS, customer, outcomes
from tests.net import ELSEWHERE

OK = b"HTTP/1.1 204 OK\r\n\r\n"
Reaction = Callable[[socket.socket, int], bool]
"""Answers the nth request of a connection; false if that was the last."""


class Server:
    """A receiver on the loopback that counts its connections and the requests on each."""

    def __init__(self, listener: socket.socket, answer: Reaction) -> None:
        self.port: int = listener.getsockname()[1]
        self.requests: list[list[bytes]] = []
        self.ended = [Event() for _ in range(100)]
        self._listener, self._answer = listener, answer

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                connection = self._listener.accept()[0]
                self.requests.append([])
                Thread(target=self._serve, args=(connection, len(self.requests) - 1), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        with connection, suppress(OSError):
            while request := self._request(connection):
                self.requests[number].append(request)
                if not self._answer(connection, len(self.requests[number])):
                    break
        self.ended[number].set()

    def _request(self, connection: socket.socket) -> bytes:
        data = b""
        while not data.endswith(b"{}"):
            more = connection.recv(65_536)
            if not more:
                return b""
            data += more
        return data


@contextmanager
def accepting(found: Server) -> Iterator[None]:
    """Accept connections in a thread until the block ends."""
    acceptor = Thread(target=found.accept, daemon=True)
    acceptor.start()
    try:
        yield
    finally:
        with suppress(OSError):
            found._listener.shutdown(socket.SHUT_RDWR)
        acceptor.join(PATIENCE_SECONDS)


@contextmanager
def server(answer: Reaction, host: str = "127.0.0.1", port: int = 0) -> Iterator[Server]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as listener:
        found = Server(listener, answer)
        with accepting(found):
            yield found


def parcel(port: int, host: str = "127.0.0.1", *, scheme: str = "http", seconds: float = PATIENCE_SECONDS) -> Parcel:
    return Parcel(url=f"{scheme}://{host}:{port}/", headers=[], body=b"{}", timeout_seconds=seconds)


def always(connection: socket.socket, _: int) -> bool:
    connection.sendall(OK)
    return True


def saying(answer: bytes, *, goes_on: bool = True) -> Reaction:
    def say(connection: socket.socket, _: int) -> bool:
        connection.sendall(answer)
        return goes_on

    return say


# --- which address ---------------------------------------------------------------------------------------------


def names(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    return lambda *_: addresses


@pytest.mark.parametrize("addresses", [("::1", "127.0.0.1"), ("127.0.0.3", "127.0.0.2", "127.0.0.1")])
def test_every_address_of_a_name_is_tried(addresses: tuple[str, ...]) -> None:
    """`localhost` may resolve to `::1` first; a receiver on 127.0.0.1 still gets the delivery."""
    with server(always) as found:
        post = HttpPost(resolver=names(*addresses))
        assert [post(parcel(found.port, "localhost")) for _ in range(3)] == [204] * 3
        assert [len(requests) for requests in found.requests] == [3]


def test_they_are_tried_in_order() -> None:
    """The first address that accepts gets the delivery, and no other."""
    with server(always) as second, server(always, "127.0.0.2", second.port) as first:
        HttpPost(resolver=names("127.0.0.2", "127.0.0.1"))(parcel(first.port, "localhost"))
        assert (len(first.requests), second.requests) == (1, [])


def test_an_address_elsewhere_is_not_tried() -> None:
    """One address that is not this machine blocks the name, however many others are."""
    with server(always) as found:
        with pytest.raises(Blocked):
            HttpPost(resolver=names("127.0.0.1", ELSEWHERE))(parcel(found.port, "localhost"))
        assert found.requests == []


def test_the_last_address_gives_the_error() -> None:
    """The error is that of the last address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Undelivered, match="refused"):
        HttpPost(resolver=names("127.0.0.2", "127.0.0.1"))(parcel(port, "localhost"))


def test_an_address_that_does_not_answer_leaves_time_for_the_next() -> None:
    """Each address has a share of the remaining time, so the first cannot use it all."""
    shares: list[float] = []

    class Deaf(ReceiverConnection):
        def __init__(self, scheme: str, ip: str, port: int, host: str) -> None:
            super().__init__(scheme, ip, port, host)
            self.ip = ip

        def open(self, flight: Flight, deadline: Deadline) -> None:
            shares.append(deadline.left())
            if self.ip == "127.0.0.2":
                raise TimeoutError("timed out")
            super().open(flight, deadline)

    with server(always) as found:
        post = HttpPost(resolver=names("127.0.0.2", "127.0.0.1"), connector=Deaf)
        assert post(parcel(found.port, "localhost")) == 204
    assert shares[0] <= PATIENCE_SECONDS / 2 < shares[1]


@pytest.mark.parametrize("host", ["0.0.0.0", "localhost"])
def test_in_the_whole_fake(host: str, fakekounta_receiver: Receiver) -> None:
    """Webhooks to `localhost` and to the address that a framework prints are delivered."""
    kounta = FakeKounta()
    kounta._http_post = HttpPost(resolver=names("::1", "127.0.0.1"))
    kounta.webhooks.add(CREATED, fakekounta_receiver.url.replace("127.0.0.1", host))
    customer(kounta)
    assert outcomes(kounta) == ["delivered"]


# --- when a connection is used again ---------------------------------------------------------------------------


def closing_late(connection: socket.socket, _: int) -> bool:
    """Answer, and close the connection once the next request has arrived on it."""
    connection.sendall(OK)
    connection.recv(65_536)
    return False


def test_a_receiver_that_closes_late_loses_nothing() -> None:
    """Each of forty posts arrives: one on a kept connection that was closed is sent again on a new one."""
    with server(closing_late) as found:
        post = HttpPost()
        assert [post(parcel(found.port)) for _ in range(40)] == [204] * 40
        assert [len(requests) for requests in found.requests] == [1] * 40


def test_a_receiver_that_resets_late() -> None:
    """Each post arrives as well if the kept connection is reset."""

    def reset(connection: socket.socket, number: int) -> bool:
        if number > 1:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            return False
        return always(connection, number)

    with server(reset) as found:
        post = HttpPost()
        assert [post(parcel(found.port)) for _ in range(6)] == [204] * 6
        assert [len(requests) for requests in found.requests] == [2] * 5 + [1]


def test_a_new_connection_is_not_tried_twice() -> None:
    """If a receiver closes a new connection without a response, the attempt has failed and is not sent again."""
    with server(lambda *_: False) as found:
        with pytest.raises(Undelivered, match="closed the connection without an answer"):
            HttpPost()(parcel(found.port))
        assert [len(requests) for requests in found.requests] == [1]


def test_it_is_sent_again_once_only() -> None:
    """If the kept connection and then the new one are closed, the attempt has failed."""
    with server(lambda connection, number: len(found.requests) == 1 and number == 1 and always(connection, 1)) as found:
        post = HttpPost()
        assert post(parcel(found.port)) == 204
        with pytest.raises(Undelivered, match="closed the connection without an answer"):
            post(parcel(found.port))
        assert [len(requests) for requests in found.requests] == [2, 1]


@pytest.mark.parametrize("begun", [b"H", b"HTTP/1.1 204 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{"])
def test_nothing_is_sent_again_after_a_byte_of_an_answer(begun: bytes) -> None:
    """Once a byte of the response has arrived, the request is not sent again."""

    def answer(connection: socket.socket, number: int) -> bool:
        if number == 1:
            return always(connection, number)
        connection.sendall(begun)
        return False

    with server(answer) as found:
        post = HttpPost()
        post(parcel(found.port))
        with pytest.raises(Undelivered, match="closed the connection in the middle of its answer"):
            post(parcel(found.port))
        assert [len(requests) for requests in found.requests] == [2]


def test_nothing_is_sent_again_after_a_timeout() -> None:
    """After a timeout the request is not sent again, since the receiver may have it."""
    done = Event()

    def answer(connection: socket.socket, number: int) -> bool:
        return always(connection, number) if number == 1 else done.wait(PATIENCE_SECONDS)

    with server(answer) as found:
        post = HttpPost()
        post(parcel(found.port))
        with pytest.raises(Undelivered, match=r"timed out: no answer within 0\.2 s"):
            post(parcel(found.port, seconds=0.2))
        assert [len(requests) for requests in found.requests] == [2]
        done.set()


def test_a_connection_that_was_closed_meanwhile_is_not_used() -> None:
    """A kept connection that the receiver has already closed gets no request."""
    with server(saying(OK, goes_on=False)) as found:
        post = HttpPost()
        assert post(parcel(found.port)) == 204
        assert found.ended[0].wait(PATIENCE_SECONDS)
        assert post(parcel(found.port)) == 204
        assert [len(requests) for requests in found.requests] == [1, 1]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        OK + b"HTTP/1.1 500 Another's\r\nContent-Length: 0\r\n\r\n",
        OK + b"rest",
    ],
)
def test_a_connection_that_cannot_be_used_again(answer: bytes) -> None:
    """If the receiver asks to close, or sends more than the response, the next post makes a new connection."""
    with server(saying(answer)) as found:
        post = HttpPost()
        assert [post(parcel(found.port)) // 100 for _ in range(2)] == [2, 2]
        assert [len(requests) for requests in found.requests] == [1, 1]
        assert found.ended[0].wait(PATIENCE_SECONDS), "the first connection was kept"


def test_a_port_taken_over_by_another_receiver() -> None:
    """A connection kept for one address is not used for another address with the same port."""
    with server(always) as found, server(always, "127.0.0.2", found.port) as other:
        post = HttpPost()
        for host in ("127.0.0.1", "127.0.0.2", "127.0.0.1"):
            assert post(parcel(found.port, host)) == 204
        assert [len(requests) for requests in found.requests] == [2]
        assert [len(requests) for requests in other.requests] == [1]


# --- when it is over -------------------------------------------------------------------------------------------


def test_close_ends_idle_connections() -> None:
    """`close` ends each kept connection; a later post makes a new one."""
    with server(always) as found:
        post = HttpPost()
        post(parcel(found.port))
        assert not found.ended[0].is_set()
        ((kept,),) = post._idle._kept.values()
        post.close()
        assert kept._socket.fileno() == -1
        assert found.ended[0].wait(PATIENCE_SECONDS)
        assert post(parcel(found.port)) == 204
        assert len(found.requests) == 2
        post.close()


def test_close_ends_a_connection_with_a_copy_in_a_child() -> None:
    """The receiver sees the end although a child process holds a copy of the socket."""
    with server(always) as found:
        connection = ReceiverConnection("http", "127.0.0.1", found.port, "127.0.0.1")
        connection.open(Flight(), Deadline(PATIENCE_SECONDS))
        with connection._socket.dup():
            connection.close()
            assert found.ended[0].wait(PATIENCE_SECONDS)


def test_a_connection_with_unexpected_bytes_is_closed() -> None:
    """The connection is closed, not only dropped from the pool: the receiver sees its end."""
    with server(always) as found:
        post = HttpPost()
        post(parcel(found.port))
        ((kept,),) = post._idle._kept.values()
        kept.is_quiet = lambda: False  # type: ignore[method-assign] # as if bytes had come
        assert post(parcel(found.port)) == 204
        assert found.ended[0].wait(PATIENCE_SECONDS)
        assert kept._socket.fileno() == -1
        post.close()


@pytest.mark.parametrize("ip, family", [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)])
def test_the_family_of_a_socket_is_that_of_its_address(
    ip: str, family: socket.AddressFamily, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The family of a socket is that of its address, also on a machine without IPv6."""
    made: list[tuple[object, ...]] = []
    monkeypatch.setattr(connections, "new_socket", lambda *kind: made.append(kind))
    ReceiverConnection("http", ip, 80, "localhost")
    assert made == [(family, socket.SOCK_STREAM)]


@pytest.mark.parametrize(
    "what, is_quiet", [("nothing", True), ("bytes", False), ("an end", False), ("an error", False)]
)
def test_a_connection_is_quiet_as_long_as_nothing_has_come(what: str, is_quiet: bool) -> None:
    """`is_quiet` is false after bytes, the end or an error; bytes stay to be read."""
    ours, theirs = socket.socketpair()
    connection = ReceiverConnection("http", "127.0.0.1", 1, "127.0.0.1")
    connection._socket.close()
    connection._socket = ours
    with ours, theirs:
        if what == "bytes":
            theirs.sendall(b"x")
        elif what == "an end":
            theirs.close()
        elif what == "an error":
            ours.close()
            connection._socket = _ResetSocket()  # type: ignore[assignment] # only what is_quiet calls
        assert connection.is_quiet() is is_quiet
        if what == "bytes":
            assert ours.recv(9) == b"x"


class _ResetSocket:
    """A replacement for the socket of a connection that the receiver has reset."""

    def settimeout(self, _: float) -> None:
        pass

    def recv(self, *_: int) -> bytes:
        raise ConnectionResetError


def test_a_forked_child_closes_its_copies_and_has_a_free_lock() -> None:
    """A forked child closes its copies without `shutdown`, which would end the connections of its parent."""
    idle = over_http.IdleConnections()
    ours, theirs = socket.socketpair()
    connection = ReceiverConnection("http", "127.0.0.1", 1, "127.0.0.1")
    connection._socket.close()
    connection._socket = ours
    connection.is_open = True
    with theirs, ours.dup() as of_the_parent:
        idle.give(("http", "127.0.0.1", 1, "127.0.0.1"), connection)
        idle._lock.acquire()  # as another thread of the parent may hold it
        idle.reset_after_fork()
        assert not idle._lock.locked()
        assert ours.fileno() == -1
        assert (idle._kept, idle._count) == ({}, 0)
        of_the_parent.sendall(b"x")
        assert theirs.recv(1) == b"x"


def test_no_address_at_all() -> None:
    """If there is no address, the error differs from that of a receiver that does not accept."""
    with pytest.raises(Undelivered) as raised:
        HttpPost()._connected([], Flight(), Deadline(PATIENCE_SECONDS))
    assert str(raised.value) == "there is no address to call"


def test_each_address_has_its_share_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of two addresses has half of the time, the last all that is left."""
    parts: list[int] = []
    share = Deadline.share

    def noted(deadline: Deadline, count: int) -> Deadline:
        parts.append(count)
        return share(deadline, count)

    monkeypatch.setattr(Deadline, "share", noted)
    with server(always) as found:
        post = HttpPost(resolver=names("127.0.0.3", "127.0.0.2", "127.0.0.1"))
        assert post(parcel(found.port, "shop.lan")) == 204
        post.close()
    assert parts == [3, 2, 1]


def test_stop_closes_kept_connections() -> None:
    """After `stop` no connection to a receiver is open."""
    with server(always) as found:
        kounta = FakeKounta(webhook_mode="immediate").start()
        post = kounta._http_post
        post(parcel(found.port))
        kounta.stop()
        assert found.ended[0].wait(PATIENCE_SECONDS)


def test_idle_connections_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """With too many kept connections, one of the oldest is closed."""
    monkeypatch.setattr(over_http, "_MOST_IDLE", 3)
    with server(always) as found:
        post = HttpPost()
        for number in range(1, 8):
            assert post(parcel(found.port, f"127.0.0.{number}" if number == 1 else "127.0.0.1")) == 204
        hosts = [f"h{number}.lan" for number in range(6)]
        post = HttpPost(resolver=names("127.0.0.1"))
        for host in hosts:
            assert post(parcel(found.port, host)) == 204
        for number in (1, 2, 3):
            assert found.ended[number].wait(PATIENCE_SECONDS)
        assert [found.ended[number].is_set() for number in (4, 5, 6)] == [False] * 3
        post.close()


def test_a_forgotten_connection_is_closed_without_a_warning() -> None:
    """A fake that is used in-process and never stopped causes no ResourceWarning."""
    with server(always) as found, warnings.catch_warnings():
        warnings.simplefilter("error")
        post = HttpPost()
        post(parcel(found.port))
        ((kept,),) = post._idle._kept.values()
        del post
        gc.collect()
        assert kept._socket.fileno() == -1
        assert found.ended[0].wait(PATIENCE_SECONDS)


def test_a_passed_deadline_is_a_timeout() -> None:
    """A deadline that has passed is a timeout before any waiting."""
    with pytest.raises(TimeoutError):
        Deadline(0).left()
    assert 0 < Deadline(10).share(2).left() <= 5


@pytest.mark.parametrize(
    "answer, error",
    [
        (b"SSH-2.0-OpenSSH\r\n", "is no HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "is no HTTP"),
        (
            b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 10_000,
            "the head of the receiver's answer is longer than 65536 bytes",
        ),
    ],
)
def test_malformed_responses(answer: bytes, error: str) -> None:
    """A malformed response is a failure, and the error says so."""
    with (
        server(saying(answer, goes_on=False)) as found,
        pytest.raises(Undelivered, match=error),
    ):
        HttpPost()(parcel(found.port))


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
    ],
)
def test_answers_of_all_forms_are_read_to_their_end(answer: bytes) -> None:
    """After interim responses, chunks, lengths or bare line feeds the connection can be used again."""
    with server(saying(answer)) as found:
        post = HttpPost()
        assert [post(parcel(found.port)) // 100 for _ in range(3)] == [2, 2, 2]
        assert [len(requests) for requests in found.requests] == [3]


def test_an_answer_that_ends_with_the_connection() -> None:
    """A body without a length is complete when the receiver closes."""
    with server(saying(b"HTTP/1.1 200 OK\r\n\r\nfine", goes_on=False)) as found:
        assert HttpPost()(parcel(found.port)) == 200


def test_an_answer_before_the_request_was_read() -> None:
    """The response of a receiver that refuses a large body and closes at once is read."""

    def refuse(listener: socket.socket) -> None:
        with listener.accept()[0] as connection:
            connection.recv(1)
            connection.sendall(b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(1_048_576):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=refuse, args=(listener,))
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        large = Parcel(url=url, headers=[], body=b"x" * 30_000_000, timeout_seconds=PATIENCE_SECONDS)
        assert HttpPost()(large) == 413
        thread.join(PATIENCE_SECONDS)


# --- TLS -------------------------------------------------------------------------------------------------------


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> trustme.CA:
    """A certificate authority that this machine trusts during the test."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return authority


@contextmanager
def tls_server(authority: trustme.CA, name: str) -> Iterator[Server]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)

    class TlsServer(Server):
        def _serve(self, connection: socket.socket, number: int) -> None:
            try:
                super()._serve(context.wrap_socket(connection, server_side=True), number)
            except OSError:
                self.ended[number].set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = TlsServer(listener, always)
        with accepting(found):
            yield found


def test_tls_with_a_trusted_certificate(authority: trustme.CA) -> None:
    """The certificate is checked for the URL's host, whatever address was connected to; the connection is kept."""
    with tls_server(authority, "shop.lan") as found:
        post = HttpPost(resolver=names("127.0.0.1"))
        assert [post(parcel(found.port, "shop.lan", scheme="https")) for _ in range(5)] == [204] * 5
        assert [len(requests) for requests in found.requests] == [5]
        post.close()
        assert found.ended[0].wait(PATIENCE_SECONDS)


def test_tls_with_the_certificate_of_another_host(authority: trustme.CA) -> None:
    """A certificate for another name is refused before anything is sent."""
    with tls_server(authority, "other.lan") as found:
        with pytest.raises(Undelivered, match="CERTIFICATE_VERIFY_FAILED"):
            HttpPost(resolver=names("127.0.0.1"))(parcel(found.port, "shop.lan", scheme="https"))
        assert found.ended[0].wait(PATIENCE_SECONDS)
        assert found.requests == [[]]


def test_tls_with_an_untrusted_certificate(authority: trustme.CA) -> None:
    """A certificate of an unknown authority is refused."""
    with (
        tls_server(trustme.CA(), "shop.lan") as found,
        pytest.raises(Undelivered, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        HttpPost(resolver=names("127.0.0.1"))(parcel(found.port, "shop.lan", scheme="https"))


def test_tls_with_a_large_body(authority: trustme.CA) -> None:
    """A body of many TLS records arrives whole."""
    with tls_server(authority, "shop.lan") as found:
        post = HttpPost(resolver=names("127.0.0.1"))
        url = f"https://shop.lan:{found.port}/"
        body = b"x" * 3_000_000 + b"{}"
        assert post(Parcel(url=url, headers=[], body=body, timeout_seconds=PATIENCE_SECONDS)) == 204
        assert found.requests[0][0].endswith(body)
        post.close()


def test_no_tls_at_all() -> None:
    """A receiver that speaks plain HTTP at an https address has failed."""
    with server(saying(OK, goes_on=False)) as found, pytest.raises(Undelivered):
        HttpPost()(parcel(found.port, scheme="https", seconds=0.3))
