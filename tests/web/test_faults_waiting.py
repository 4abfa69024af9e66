"""Faults that take time: really, on the fake's clock, or for a client that would not wait."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Thread
from threading import enumerate as enumerate_threads
from time import monotonic, sleep
from typing import Any

import httpx
import pytest
import requests
from urllib3 import Timeout

from fakekounta import FakeKounta
from fakekounta.wire.clients import cut
from tests.caller import CUSTOMERS, exactly
from tests.sockets import AUTHORIZATION, PATIENCE_SECONDS, request_bytes

LIST = f"{CUSTOMERS}.json"
NEW = {"first_name": "Kim", "phone": "2"}
LONG = 600
NOW = "2026-11-23T18:40:00+11:00"


@pytest.fixture
def kounta() -> Iterator[FakeKounta]:
    with FakeKounta() as fake:
        yield fake


def eventually(condition: Callable[[], bool]) -> None:
    """Wait for what other threads bring about."""
    deadline = monotonic() + PATIENCE_SECONDS
    while not condition():
        assert monotonic() < deadline, "it does not come about"
        sleep(0.002)


def asleep(kounta: FakeKounta, **fault: Any) -> socket.socket:
    """A connection whose answer waits for very long."""
    rule = kounta.faults.add(times=1, **fault)
    sock = socket.create_connection(("127.0.0.1", kounta.port), timeout=PATIENCE_SECONDS)
    sock.sendall(request_bytes("GET", LIST, headers=[AUTHORIZATION]))
    eventually(lambda: rule.fired == 1 and kounta.requests.total > 0)
    return sock


def test_an_answer_comes_late(kounta: FakeKounta) -> None:
    """By so many seconds, which the journal counts in."""
    kounta.faults.slow(0.2, "GET", times=1)
    start = monotonic()
    assert httpx.get(kounta.url + LIST, auth=kounta.auth).status_code == 200
    assert monotonic() - start >= 0.2
    (entry,) = kounta.requests
    assert (entry.status, entry.fault) == (200, "#1 0.2 s late")
    assert 0.2 <= entry.duration_seconds < PATIENCE_SECONDS


def test_who_waits_holds_nobody_up(kounta: FakeKounta) -> None:
    """Others are answered, change, reset and stop while one answer sleeps."""
    with asleep(kounta, latency_seconds=LONG), httpx.Client(auth=kounta.auth, verify=False) as client:
        start = monotonic()
        assert client.post(kounta.url + LIST, json=NEW).status_code == 201
        assert client.get(kounta.url + LIST).status_code == 200
        kounta.faults.clear()
        assert [one.first_name for one in kounta.customers] == ["Kim"]
        kounta.reset()
        assert monotonic() - start < LONG / 2


@pytest.mark.parametrize(
    "fault",
    [
        {"latency_seconds": LONG},
        {"latency_seconds": LONG, "status": 503},
        {"latency_seconds": LONG, "connection": "reset"},
        {"connection": "drip", "drip_seconds": LONG},
    ],
)
def test_a_stop_waits_for_nobody_who_sleeps(kounta: FakeKounta, fault: dict[str, Any]) -> None:
    """The connection ends without the rest of its answer, and no thread is left behind."""
    before = set(enumerate_threads())
    with asleep(kounta, **fault) as sock:
        begun = sock.recv(65_536) if "connection" in fault and "drip_seconds" in fault else b""
        start = monotonic()
        kounta.stop()
        assert monotonic() - start < 2
        assert not begun or begun.endswith(b"[")
        assert sock.recv(65_536) == b""
        eventually(lambda: not any(thread.is_alive() for thread in {*enumerate_threads()} - before))


def test_webhooks_do_not_wait_for_an_answer_that_does(kounta: FakeKounta, fakekounta_receiver: Any) -> None:
    """They are sent while it sleeps, in the background too."""
    with kounta.fresh(webhook_mode="background") as fresh:
        fresh.webhooks.add("customers/created", fakekounta_receiver.url)
        fresh.faults.slow(LONG)
        with pytest.raises(requests.ReadTimeout):
            requests.post(kounta.url + LIST, json=NEW, auth=kounta.auth, timeout=0.2)
        fresh.webhooks.wait_for("customers/created", timeout=PATIENCE_SECONDS)


def test_webhooks_of_a_lost_answer_are_delivered_once(kounta: FakeKounta, fakekounta_receiver: Any) -> None:
    """In each mode: the change was made, and whoever listens hears of it."""
    for mode in ("immediate", "background", "collect"):
        with kounta.fresh(webhook_mode=mode, rate_limit={"basic": 2}) as fresh:
            fresh.webhooks.add("customers/created", fakekounta_receiver.url)
            fresh.faults.lose_answer("POST", "/customers")
            with pytest.raises(requests.ConnectionError):
                requests.post(kounta.url + LIST, json=NEW, auth=kounta.auth)
            if mode == "collect":
                fresh.webhooks.deliver()
            fresh.webhooks.wait_for("customers/created")
            fresh.webhooks.assert_delivered("customers/created", where={"first_name": "Kim"})
            assert [one.outcome for one in fresh.webhooks.deliveries] == ["delivered"]
            statuses = [requests.get(kounta.url + LIST, auth=kounta.auth).status_code for _ in range(2)]
            assert statuses == [200, 429]  # R01: what was done counts, though its answer was lost
    assert len(fakekounta_receiver.received) == 3


def test_a_delay_on_the_clock_moves_it_and_nobody_waits(kounta: FakeKounta) -> None:
    """Frozen or running; what is due by then is due."""
    kounta.clock.freeze(NOW)
    kounta.faults.slow(LONG, clock=True)
    before = kounta.clock.now()
    start = monotonic()
    assert httpx.get(kounta.url + LIST, auth=kounta.auth, timeout=PATIENCE_SECONDS).status_code == 200
    assert monotonic() - start < LONG / 2
    assert kounta.clock.now() - before == timedelta(seconds=LONG)
    assert kounta.requests[0].fault == "#1 600 s late on the clock"
    assert kounta.requests[0].duration_seconds < LONG / 2


def test_the_clock_does_not_pass_the_end_of_the_calendar(kounta: FakeKounta, caplog: pytest.LogCaptureFixture) -> None:
    """There it stands still, and the answer comes all the same."""
    kounta.clock.freeze("9998-12-30T00:00:00Z")
    kounta.faults.slow(31_536_000, clock=True)
    assert httpx.get(kounta.url + LIST, auth=kounta.auth).status_code == 200
    assert caplog.records == []


@pytest.fixture
def no_sleep(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What would have been slept in-process."""
    slept: list[float] = []
    monkeypatch.setattr(cut, "sleep", slept.append)
    return slept


@pytest.mark.parametrize("clock", [False, True])
@pytest.mark.parametrize("timeout", [1, (60, 1), Timeout(connect=60, read=1)], ids=["one", "two", "urllib3"])
def test_requests_in_process_does_not_wait_in_vain(
    kounta: FakeKounta, no_sleep: list[float], timeout: Any, *, clock: bool
) -> None:
    """A client that would give up is told so at once; the change is made, and the clock has moved for so long."""
    kounta.clock.freeze(NOW)
    before = kounta.clock.now()
    kounta.faults.slow(5, clock=clock)
    with (
        kounta.requests_session() as session,
        pytest.raises(requests.ReadTimeout, match=exactly("Read timed out. (read timeout=1)")),
    ):
        session.post(kounta.url + LIST, json=NEW, auth=kounta.auth, timeout=timeout)
    assert no_sleep == []
    assert kounta.clock.now() - before == timedelta(seconds=1 if clock else 0)
    assert [one.first_name for one in kounta.customers] == ["Kim"]


@pytest.mark.parametrize("clock", [False, True])
def test_httpx_in_process_does_not_wait_in_vain(kounta: FakeKounta, no_sleep: list[float], *, clock: bool) -> None:
    """The same; httpx waits for five seconds unless told otherwise."""
    kounta.faults.slow(5.5, clock=clock)
    with kounta.httpx_client() as client:
        with pytest.raises(httpx.ReadTimeout, match=exactly("timed out")):
            client.post(LIST, json=NEW, auth=kounta.auth)
        assert no_sleep == []
        assert client.get(LIST, auth=kounta.auth, timeout=6).status_code == 200
        assert client.get(LIST, auth=kounta.auth, timeout=None).status_code == 200
    assert no_sleep == ([] if clock else [5.5, 5.5])


@pytest.mark.parametrize(
    "timeout", [None, (1, None), 6, Timeout(connect=1, read=6)], ids=["none", "two", "one", "urllib3"]
)
def test_requests_in_process_waits_as_long_as_it_is_told(
    kounta: FakeKounta, no_sleep: list[float], timeout: Any
) -> None:
    """In each of the forms that requests takes a timeout in."""
    kounta.faults.slow(5)
    with kounta.requests_session() as session:
        assert session.get(kounta.url + LIST, auth=kounta.auth, timeout=timeout).status_code == 200
    assert no_sleep == [5]


def test_delays_together_are_too_much(kounta: FakeKounta, no_sleep: list[float]) -> None:
    """Two of three seconds each are more than five."""
    kounta.faults.slow(3)
    kounta.faults.slow(3, clock=True)
    with kounta.httpx_client() as client, pytest.raises(httpx.ReadTimeout):
        client.get(LIST, auth=kounta.auth)
    assert no_sleep == []


def test_a_wsgi_caller_of_others_waits(kounta: FakeKounta, no_sleep: list[float]) -> None:
    """There is nobody to ask for a timeout."""
    from werkzeug.test import Client  # noqa: PLC0415 - for one test

    kounta.faults.slow(7)
    assert Client(kounta.wsgi_app).get(LIST, auth=kounta.auth).status_code == 200
    assert no_sleep == [7]


def test_faults_at_once_are_counted_right(kounta: FakeKounta) -> None:
    """Of many connections, exactly as many fail as the rule says."""
    rule = kounta.faults.add(status=503, times=20)
    statuses: list[int] = []

    def work() -> None:
        with requests.Session() as session:
            statuses.extend(session.get(kounta.url + LIST, auth=kounta.auth).status_code for _ in range(10))

    threads = [Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (statuses.count(503), statuses.count(200)) == (20, 40)
    assert (rule.matched, rule.fired) == (60, 20)
