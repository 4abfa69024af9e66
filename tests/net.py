"""Names and connections for tests of where deliveries may go: no packet leaves the loopback, whatever they find.

Names are resolved by a table, and every connection leads to one receiver on the loopback, wherever it was meant to
go: were the check broken, a test would see the request there, and nobody else would.
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
    """A net of names, whose every address is answered by one receiver on the loopback."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.names: dict[str, list[Sequence[str]]] = {}
        self.asked: list[str] = []
        self.called: list[tuple[str, str, int, str]] = []

    def knows(self, name: str, *answers: Sequence[str]) -> None:
        """The resolver's answers for a name, one after the other; the last one for ever."""
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
    """The net; what tries to leave the loopback all the same is stopped at the socket and seen."""
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
    """The whole message of what is blocked, which says how to allow it."""
    return (
        f"{host} is {address}, which is not this machine; "
        f"--allow-webhook-host {host} (allow_webhook_hosts=[{host!r}]) allows it"
    )
