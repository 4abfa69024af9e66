"""Tests of what wakes the courier of a serving fake: every change in `background`, and nothing in other modes."""

from __future__ import annotations

import socket
import struct
from functools import partial
from threading import Condition, Thread

import pytest
import requests

from fakekounta import FakeKounta, Receiver
from tests.caller import CUSTOMERS
from tests.lab import CREATED, HOOK, PATIENCE_SECONDS, Rest, calling, customer, outcomes, until
from tests.sockets import AUTHORIZATION, JSON_TYPE, request_bytes


@pytest.mark.parametrize("in_process", [True, False])
def test_a_change_wakes_an_idle_courier(
    in_process: bool, fakekounta_receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change by an in-process client or by HTTP is delivered by an idle courier at once."""
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
    """In other modes the threads of a serving fake deliver nothing, however often they are woken."""
    with FakeKounta(webhook_mode="collect") as kounta:
        rest = Rest(kounta, monkeypatch)
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        customer(kounta)
        kounta.world.webhook_mode = mode
        rest.wait()
        assert (outcomes(kounta), fakekounta_receiver.received) == (["pending"], [])


def test_a_client_that_leaves_early_still_causes_deliveries(fakekounta_receiver: Receiver) -> None:
    """A client that disconnects before its response has made its change, and webhooks get it."""
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


def test_wakeups_can_be_deferred(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the block `wake` appends to the list; after it, and in other threads, it wakes a worker."""
    nudges: list[str] = []
    courier = FakeKounta().courier
    monkeypatch.setattr(courier, "_crew", _Crew(nudges))
    with courier.defer_wakeups() as deferred:
        courier.wake()
        assert (deferred, nudges) == ([True], [])
        other = Thread(target=courier.wake)
        other.start()
        other.join()
        assert (deferred, nudges) == ([True], ["nudge"])
    courier.wake()
    assert (deferred, nudges) == ([True], ["nudge"] * 2)


def test_a_world_without_deliveries_wakes_no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new world wakes no worker; one with deliveries that takes its place again does."""
    nudges: list[str] = []
    kounta = FakeKounta(webhook_mode="background")
    kounta.webhooks.add("customers/created", "http://127.0.0.1:9/")
    customer(kounta)
    monkeypatch.setattr(kounta.courier, "_crew", _Crew(nudges))
    with kounta.fresh():
        assert nudges == []
    assert nudges == ["nudge"]


class _Crew:
    """A replacement for a crew that records the nudges."""

    def __init__(self, nudges: list[str]) -> None:
        self._nudges = nudges

    def nudge(self) -> None:
        self._nudges.append("nudge")


def test_each_attempt_wakes_waiting_callers() -> None:
    """Callers that wait for an attempt are notified of each."""
    notified: list[str] = []

    class NotifiedCondition(Condition):
        def notify_all(self) -> None:
            notified.append("all")
            super().notify_all()

    kounta = FakeKounta()
    kounta.courier._settled = NotifiedCondition()
    kounta.webhooks.deliver_to(calling(lambda *_: None))
    kounta.webhooks.add(CREATED, HOOK)
    for expected in (["all"], ["all"] * 2):
        customer(kounta)
        assert notified == expected
