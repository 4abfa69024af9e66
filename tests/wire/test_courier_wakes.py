"""What wakes the courier of a serving fake: every change, and nothing in a mode that is not its own."""

from __future__ import annotations

import socket
import struct
from functools import partial

import pytest
import requests

from fakekounta import FakeKounta, Receiver
from tests.caller import CUSTOMERS
from tests.lab import CREATED, PATIENCE_SECONDS, Rest, customer, outcomes, until
from tests.sockets import AUTHORIZATION, JSON_TYPE, request_bytes


@pytest.mark.parametrize("in_process", [True, False])
def test_a_change_wakes_an_idle_courier(
    in_process: bool, fakekounta_receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call to a fake whose courier rests is delivered with no more ado, from this process and from others."""
    with FakeKounta(webhook_mode="background") as kounta, requests.Session() as session:
        rest = Rest(kounta, monkeypatch)
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        client = kounta.requests_session() if in_process else session
        for number in range(1, 4):
            rest.wait()
            fields = {"first_name": "A", "phone": "1"}
            client.post(f"{kounta.url}{CUSTOMERS}.json", json=fields, auth=kounta.auth, timeout=PATIENCE_SECONDS)
            fakekounta_receiver.wait_for(number, timeout=PATIENCE_SECONDS)


@pytest.mark.parametrize("mode", ["collect", "immediate"])
def test_threads_deliver_only_in_background_mode(
    mode: str, fakekounta_receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In any mode but `background` the threads of a serving fake let lie what is due, however often they are woken."""
    with FakeKounta(webhook_mode="collect") as kounta:
        rest = Rest(kounta, monkeypatch)
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        customer(kounta)
        kounta.world.webhook_mode = mode
        rest.wait()
        assert (outcomes(kounta), fakekounta_receiver.received) == (["pending"], [])


def test_a_client_that_leaves_early_still_causes_deliveries(fakekounta_receiver: Receiver) -> None:
    """Whoever hangs up before its answer has come has made its change all the same, and webhooks are told of it."""
    body = b'{"first_name": "A", "phone": "1"}'
    with FakeKounta(webhook_mode="background") as kounta:
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        for number in range(1, 6):
            with socket.create_connection(("127.0.0.1", kounta.port)) as client:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                headers = [AUTHORIZATION, JSON_TYPE]
                client.sendall(request_bytes("POST", f"{CUSTOMERS}.json", headers=headers, body=body))
                until(kounta, partial(_has_customers, kounta, number), "the change was made")
        fakekounta_receiver.wait_for(5, timeout=PATIENCE_SECONDS)


def _has_customers(kounta: FakeKounta, count: int) -> bool:
    return len(kounta.customers) == count
