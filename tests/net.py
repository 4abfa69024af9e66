"""Names and connections for tests of the targets of deliveries; no packet leaves the loopback.

Names are resolved by a table, and every connection leads to one receiver on the loopback, whatever its address. If the
check of addresses fails, a test sees the request there, and no other machine gets it.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from fakekounta import Receiver
from fakekounta.process.unpatched import Socket
from fakekounta.wire.delivery.connections import ReceiverConnection
from fakekounta.wire.delivery.over_http import HttpPost
from fakekounta.wire.delivery.posting import Parcel

ELSEWHERE = "93.184.216.34"
ELSEWHERE_V6 = "2001:db8::1"


class Net:
    """A network of names in which one receiver answers at every address."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.names: dict[str, list[Sequence[str]]] = {}
        self.asked: list[str] = []
        self.called: list[tuple[str, str, int, str]] = []

    def knows(self, name: str, *answers: Sequence[str]) -> None:
        """Set the resolver's answers for a name, in order; the last one is repeated."""
        self.names[name] = list(answers)

    def resolve(self, host: str, _: int) -> Sequence[str]:
        self.asked.append(host)
        answers = self.names.get(host)
        if answers is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def connect(self, scheme: str, ip: str, port: int, host: str) -> ReceiverConnection:
        self.called.append((scheme, ip, port, host))
        return ReceiverConnection("http", "127.0.0.1", port_of(self.receiver), host)

    @property
    def nothing_was_called(self) -> bool:
        return self.called == [] and self.receiver.received == []


@contextmanager
def guarded_net(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Iterator[Net]:
    """Yield the network; a connection that would leave the loopback is refused and recorded."""
    strays: list[Any] = []
    connect = Socket.connect

    def guarded(self: Socket, address: Any) -> None:
        if address[0] not in {"127.0.0.1", "::1"}:
            strays.append(address)
            raise OSError("not out of a test")
        connect(self, address)

    monkeypatch.setattr(Socket, "connect", guarded)
    yield Net(receiver)
    assert strays == []


def port_of(receiver: Receiver) -> int:
    return int(receiver.url.rpartition(":")[2].partition("/")[0])


def post(net: Net, url: str, *allowed: str, sender: HttpPost | None = None) -> int:
    parcel = Parcel(url=url, headers=[], body=b"{}", timeout_seconds=5.0, allowed_hosts=allowed)
    return (sender or HttpPost(resolver=net.resolve, connector=net.connect))(parcel)


def way_to_allow(host: str, address: str) -> str:
    """Return the whole message of a blocked delivery, which says how to allow it."""
    named = host if host == address else f"{host} is {address}, which"
    return f"{named} is not this machine; --allow-webhook-host {host} (allow_webhook_hosts=[{host!r}]) allows it"
