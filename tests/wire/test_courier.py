"""Tests of the courier: its modes, the order of deliveries, deliveries in parallel, and locks."""

from __future__ import annotations

import json
from collections.abc import Callable
from threading import Barrier, Thread, current_thread
from typing import Any

import pytest
import requests

from fakekounta import FakeKounta, Receiver
from fakekounta.core.webhooks import Webhook
from fakekounta.settings.kinds import MODES, Mode
from tests.caller import CUSTOMERS, Caller
from tests.lab import (
    CREATED,
    DELETED,
    HOOK,
    PATIENCE_SECONDS,
    UPDATED,
    calling,
    customer,
    outcomes,
    serving,
    until,
    until_done,
)

Cause = Callable[[FakeKounta, int], Any]


def control(kounta: FakeKounta, method: str, path: str, document: Any = None) -> None:
    with kounta.httpx_client() as client:
        headers = {"Content-Type": "application/json"}
        answer = client.request(method, f"/_fakekounta/{path}", json=document, headers=headers)
    assert answer.status_code < 300, answer.text


CAUSES: dict[str, tuple[str, Cause]] = {
    "POST": (CREATED, lambda kounta, _: Caller(kounta).create()),
    "PUT": (UPDATED, lambda kounta, known: Caller(kounta).change(known, first_name="Kim")),
    "customers.add": (CREATED, lambda kounta, _: customer(kounta)),
    "customers.change": (UPDATED, lambda kounta, known: kounta.customers.change(known, announce=True, last_name="Lee")),
    "customers.remove": (DELETED, lambda kounta, known: kounta.customers.remove(known, announce=True)),
    "control add": (
        CREATED,
        lambda kounta, _: control(kounta, "POST", "customers?announce=true", {"first_name": "Kim", "phone": "1"}),
    ),
    "control remove": (
        DELETED,
        lambda kounta, known: control(kounta, "DELETE", f"customers/{known}?announce=true"),
    ),
}


# --- modes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cause", CAUSES)
def test_immediate_delivers_before_the_call_returns(cause: str, fakekounta_receiver: Receiver) -> None:
    """In `immediate`, each way to change a customer makes the first attempt before it returns, without a server."""
    topic, change = CAUSES[cause]
    kounta = FakeKounta(webhook_mode="immediate")
    kounta.webhooks.add(topic, fakekounta_receiver.url)
    known = kounta.customers.add(first_name="Sam", phone="1").id
    change(kounta, known)
    assert len(fakekounta_receiver.received) == 1
    assert [(one.topic, one.outcome, one.tries) for one in kounta.webhooks.deliveries] == [(topic, "delivered", 1)]


@pytest.mark.parametrize("cause", CAUSES)
def test_background_tries_in_threads_of_its_own(cause: str) -> None:
    """In `background`, a thread of the courier delivers, not the one that made the change."""
    topic, change = CAUSES[cause]
    threads: list[str] = []
    app = calling(lambda *_: threads.append(current_thread().name))
    with FakeKounta(webhook_mode="background") as kounta:
        kounta.webhooks.add(topic, HOOK)
        kounta.webhooks.deliver_to(app)
        known = kounta.customers.add(first_name="Sam", phone="1").id
        change(kounta, known)
        assert [one.outcome for one in until_done(kounta)] == ["delivered"]
    assert threads == ["fakekounta-courier"]


@pytest.mark.parametrize("cause", CAUSES)
def test_collect_sends_nothing_by_itself(cause: str, fakekounta_receiver: Receiver) -> None:
    """In `collect`, only `deliver` sends; changes, time and a running server do not.

    It returns the number of attempts.
    """
    topic, change = CAUSES[cause]
    with FakeKounta(webhook_mode="collect") as kounta:
        kounta.webhooks.add(topic, fakekounta_receiver.url)
        known = kounta.customers.add(first_name="Sam", phone="1").id
        change(kounta, known)
        kounta.clock.advance(seconds=7200)
        assert [(one.topic, one.tries) for one in kounta.webhooks.pending] == [(topic, 0)]
        assert fakekounta_receiver.received == []
        assert kounta.webhooks.deliver() == 1
        assert (len(fakekounta_receiver.received), kounta.webhooks.pending) == (1, [])
        assert kounta.webhooks.deliver() == 0


def test_background_does_not_block_the_caller(fakekounta_receiver: Receiver) -> None:
    """A call returns while its delivery hangs at the receiver."""
    with FakeKounta(webhook_mode="background") as kounta:
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        fakekounta_receiver.hang()
        _create(kounta)
        fakekounta_receiver.wait_for(1, timeout=PATIENCE_SECONDS)
        assert outcomes(kounta) == ["pending"]
        fakekounta_receiver.release()
        assert [one.outcome for one in until_done(kounta)] == ["delivered"]


def test_immediate_delivers_before_a_response_over_a_socket(fakekounta_receiver: Receiver) -> None:
    """An HTTP client gets its response after the first attempt, even a failed one."""
    fakekounta_receiver.answer(500)
    with FakeKounta() as kounta:
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        _create(kounta)
        assert [(one.outcome, one.tries) for one in kounta.webhooks.deliveries] == [("pending", 1)]


def _create(kounta: FakeKounta) -> None:
    fields = {"first_name": "A", "phone": "1"}
    answer = requests.post(f"{kounta.url}{CUSTOMERS}.json", json=fields, auth=kounta.auth, timeout=PATIENCE_SECONDS)
    assert answer.status_code == 201


# --- order -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_each_webhook_gets_changes_in_order(mode: Mode) -> None:
    """Three webhooks of one customer each get forty changes one at a time, in the order of the changes."""
    heard: dict[str, list[str]] = {"/a": [], "/b": [], "/c": []}
    crowd: dict[str, int] = dict.fromkeys(heard, 0)
    crowds: list[int] = []

    def hear(path: str, body: bytes) -> None:
        crowd[path] += 1
        crowds.append(crowd[path])
        heard[path].append(json.loads(body)["first_name"])
        crowd[path] -= 1

    names = [f"name {number}" for number in range(40)]
    with serving(calling(hear)) as origin, FakeKounta(webhook_mode=mode) as kounta:
        known = kounta.customers.add(first_name="Sam", phone="1").id
        for path in heard:
            kounta.webhooks.add(UPDATED, f"{origin}{path}")
        for name in names:
            kounta.customers.change(known, announce=True, first_name=name)
        if mode == "collect":
            kounta.webhooks.deliver()
        until_done(kounta)
    assert heard == dict.fromkeys(heard, names)
    assert set(crowds) == {1}


def test_changes_of_many_threads_have_one_order(fakekounta_receiver: Receiver) -> None:
    """If threads change one customer at the same time, the last delivery shows the customer's final state."""
    with FakeKounta(webhook_mode="background") as kounta:
        kounta.webhooks.add(UPDATED, fakekounta_receiver.url)
        known = kounta.customers.add(first_name="Sam", phone="1").id

        def change(thread: int) -> None:
            for number in range(25):
                kounta.customers.change(known, announce=True, first_name=f"{thread} {number}")

        threads = [Thread(target=change, args=(thread,)) for thread in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        delivered = [kounta.webhooks.payload(one)["first_name"] for one in until_done(kounta)]
        assert [one.json()["first_name"] for one in fakekounta_receiver.received] == delivered
        assert (len(delivered), delivered[-1]) == (100, kounta.customers.get(known).first_name)


# --- in parallel -----------------------------------------------------------------------------------------------


def test_many_receivers_are_called_in_parallel() -> None:
    """Twelve receivers that respond only once all twelve were called all get their delivery."""
    together = Barrier(12)
    app = calling(lambda *_: together.wait(PATIENCE_SECONDS))
    with serving(app) as origin, FakeKounta(webhook_mode="background") as kounta:
        for number in range(12):
            kounta.webhooks.add(CREATED, f"{origin}/{number}")
        customer(kounta)
        assert [one.outcome for one in until_done(kounta)] == ["delivered"] * 12


def test_a_hanging_receiver_delays_no_other(fakekounta_receiver: Receiver) -> None:
    """While the receiver of one webhook hangs, a hundred deliveries to another arrive; its own queue up."""
    with Receiver() as hanging, FakeKounta(webhook_mode="background") as kounta:
        hanging.hang(times=100)
        slow = kounta.webhooks.add(CREATED, hanging.url)
        quick = kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        for _ in range(100):
            customer(kounta)
        fakekounta_receiver.wait_for(100, timeout=PATIENCE_SECONDS)
        until(kounta, lambda: len(_delivered_to(kounta, quick)) == 100, "all of the quick one's are delivered")
        assert (len(hanging.received), _delivered_to(kounta, slow)) == (1, [])


def test_more_receivers_hang_than_there_are_workers(fakekounta_receiver: Receiver) -> None:
    """While twenty-four receivers hang, the twenty-fifth webhook of the topic still gets its delivery soon."""
    schedule = {"timeout_seconds": 10 * PATIENCE_SECONDS}
    with Receiver() as hanging, FakeKounta(webhook_mode="background", webhook_schedule=schedule) as kounta:
        hanging.hang(times=24)
        for _ in range(24):
            kounta.webhooks.add(CREATED, hanging.url)
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        customer(kounta)
        fakekounta_receiver.wait_for(1, timeout=PATIENCE_SECONDS)
        assert len(kounta.webhooks.pending) >= 24, "the others' receivers were waited for"


def _delivered_to(kounta: FakeKounta, webhook: Webhook) -> list[int]:
    return [one.id for one in kounta.webhooks.deliveries if one.webhook is webhook and one.outcome == "delivered"]


# --- locks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_nothing_is_posted_under_a_lock(mode: Mode) -> None:
    """During a delivery its receiver can read, change, delete, subscribe, and send control calls."""
    answers: list[int] = []
    with FakeKounta(webhook_mode=mode) as kounta:
        api = f"{kounta.url}/v1/companies/5678"

        def call_back(_: str, body: bytes) -> None:
            record = f"customers/{json.loads(body)['id']}.json"
            webhook = {"topic": DELETED, "address": HOOK, "format": "json"}
            with requests.Session() as client:
                client.auth = kounta.auth
                answers.append(client.get(f"{api}/{record}").status_code)
                answers.append(client.put(f"{api}/{record}", json={"first_name": "Kim"}).status_code)
                answers.append(
                    client.post(f"{api}/customers.json", json={"first_name": "B", "mobile": "2"}).status_code
                )
                answers.append(client.post(f"{api}/webhooks.json", json=webhook).status_code)
                answers.append(client.get(f"{kounta.url}/_fakekounta/state").status_code)
                answers.append(client.get(f"{kounta.url}/_fakekounta/deliveries").status_code)

        with serving(calling(call_back)) as origin:
            kounta.webhooks.add(CREATED, f"{origin}/")
            customer(kounta)
            _deliver_in(kounta, mode)
            until(kounta, lambda: kounta.webhooks.deliveries[0].tries == 1, "the first attempt is done")
    assert answers[:6] == [200, 200, 201, 201, 200, 200]


@pytest.mark.parametrize("mode", MODES)
def test_a_receiver_that_causes_further_deliveries(mode: Mode) -> None:
    """A receiver that changes the customer five times gets deliveries of its own changes in order."""
    heard: list[str] = []
    with FakeKounta(webhook_mode=mode) as kounta:

        def change(_: str, body: bytes) -> None:
            record = json.loads(body)
            heard.append(record["last_name"])
            if len(heard) < 5:
                url = f"{kounta.url}{CUSTOMERS}/{record['id']}.json"
                fields = {"last_name": f"{len(heard)}"}
                assert requests.put(url, json=fields, auth=kounta.auth, timeout=3).status_code == 200

        with serving(calling(change)) as origin:
            for topic in (CREATED, UPDATED):
                kounta.webhooks.add(topic, f"{origin}/")
            customer(kounta)
            _deliver_in(kounta, mode)
            until(kounta, lambda: len(kounta.webhooks.deliveries) == 5, "five deliveries")
            assert [one.outcome for one in until_done(kounta)] == ["delivered"] * 5
    assert heard == ["", "1", "2", "3", "4"]


def _deliver_in(kounta: FakeKounta, mode: Mode) -> None:
    if mode == "collect":
        kounta.webhooks.deliver()


def test_wait_until_checks_every_10_ms(monkeypatch: pytest.MonkeyPatch) -> None:
    """`wait_until` checks every 10 ms, also without a delivery, and no longer than its timeout."""
    courier = FakeKounta().courier
    waits: list[float] = []
    monkeypatch.setattr(courier._settled, "wait", waits.append)
    assert courier.wait_until(lambda: len(waits) == 3, PATIENCE_SECONDS)
    assert waits == [0.01] * 3
    waits.clear()
    assert not courier.wait_until(lambda: False, 0.005)
    assert all(0.0 < one <= 0.005 for one in waits)
