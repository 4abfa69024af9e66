"""Tests that deliveries use sockets and a client which no tool replaces: none is recorded or refused."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_socket
import vcr

from fakekounta import FakeKounta, Receiver
from tests.lab import CREATED, customer, outcomes

IN_A_CASSETTE = """
import sys
import vcr
from fakekounta import FakeKounta, Receiver

def outcomes_of_one(kounta, receiver):
    kounta.webhooks.add("customers/created", receiver.url)
    kounta.customers.add(first_name="A", phone="1", announce=True)
    return [one.outcome for one in kounta.webhooks.deliveries]

with Receiver() as receiver:
    with vcr.use_cassette(sys.argv[1], record_mode=sys.argv[2]) as cassette:
        kounta = FakeKounta()
        first = outcomes_of_one(kounta, receiver)
        recorded = len(cassette)
    second = outcomes_of_one(kounta, receiver)
    print(first, second, len(receiver.received), recorded)
"""


@pytest.mark.parametrize(
    "mode", ["once", *(pytest.param(one, marks=pytest.mark.whole_verification) for one in ("all", "none"))]
)
def test_a_cassette_around_the_first_delivery(mode: str, tmp_path: Path) -> None:
    """In a process of its own, a cassette neither records nor replays the first delivery and later ones."""
    cassette = tmp_path / "cassette.yaml"
    if mode == "none":
        cassette.write_text("interactions: []\nversion: 1\n", encoding="utf-8")
    command = [sys.executable, "-c", IN_A_CASSETTE, str(cassette), mode]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "['delivered'] ['delivered', 'delivered', 'delivered'] 3 0"


def test_a_cassette_in_this_process(tmp_path: Path, fakekounta_receiver: Receiver) -> None:
    """A cassette does not replace what deliveries use, also after earlier deliveries."""
    kounta = FakeKounta()
    kounta.webhooks.add(CREATED, fakekounta_receiver.url)
    customer(kounta)
    with vcr.use_cassette(str(tmp_path / "cassette.yaml")) as cassette:
        customer(kounta)
        assert len(cassette) == 0
    customer(kounta)
    assert (outcomes(kounta), len(fakekounta_receiver.received)) == (["delivered"] * 3, 3)


@pytest.fixture
def no_sockets() -> Iterator[None]:
    """Forbid sockets as `--disable-socket` of pytest-socket does."""
    pytest_socket.disable_socket()
    try:
        yield
    finally:
        pytest_socket.enable_socket()


def test_sockets_that_are_forbidden(fakekounta_receiver: Receiver, no_sockets: None) -> None:
    """With pytest-socket the fake delivers, and the sockets of the code under test are refused."""
    kounta = FakeKounta()
    kounta.webhooks.add(CREATED, fakekounta_receiver.url)
    customer(kounta)
    assert outcomes(kounta) == ["delivered"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some versions warn as well
        with pytest.raises(pytest_socket.SocketBlockedError):
            socket.socket()


def test_hosts_that_are_allowed(fakekounta_receiver: Receiver) -> None:
    """A list of allowed hosts in pytest-socket, which replaces `socket.socket.connect`, does not affect deliveries."""
    pytest_socket.socket_allow_hosts(["192.0.2.1"])
    try:
        kounta = FakeKounta()
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        customer(kounta)
        assert outcomes(kounta) == ["delivered"]
    finally:
        pytest_socket._remove_restrictions()


def test_classes_that_are_replaced(fakekounta_receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mocks of the standard library's clients, resolver and sockets do not affect deliveries."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a mock was asked")

    for module, name in (
        (socket, "socket"),
        (socket, "create_connection"),
        (socket, "getaddrinfo"),
        (http.client, "HTTPConnection"),
    ):
        monkeypatch.setattr(module, name, refuse)
    kounta = FakeKounta()
    kounta.webhooks.add(CREATED, fakekounta_receiver.url.replace("127.0.0.1", "localhost"))
    customer(kounta)
    assert outcomes(kounta) == ["delivered"]


def test_time_that_stands_still(fakekounta_receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A timeout ends an attempt although the test's clock stands still."""
    monkeypatch.setattr(time, "monotonic", lambda: 0.0)
    fakekounta_receiver.hang()
    kounta = FakeKounta(webhook_schedule={"timeout_seconds": 0.2})
    kounta.webhooks.add(CREATED, fakekounta_receiver.url)
    customer(kounta)
    assert kounta.webhooks.deliveries[0].attempts[0].error == "timed out: no answer within 0.2 s"
    assert not kounta.courier.wait_until(lambda: False, 0.05)


def test_a_delivery_loads_no_client_library() -> None:
    """A delivery imports neither urllib3 nor requests."""
    code = (
        "import json, sys\nfrom fakekounta import FakeKounta, Receiver\n"
        "with Receiver() as receiver:\n"
        "    kounta = FakeKounta()\n"
        "    kounta.webhooks.add('customers/created', receiver.url)\n"
        "    kounta.customers.add(first_name='A', phone='1', announce=True)\n"
        "    print(json.dumps([kounta.webhooks.deliveries[0].outcome, sorted(sys.modules)]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    outcome, modules = json.loads(done.stdout)
    assert outcome == "delivered"
    assert not {"urllib3", "requests", "httpx"} & set(modules)
