"""Tests of faults that delay a response: by sleeping, on the fake's clock, or as a timeout of an in-process client."""

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
from tests.fault_doors import DOORS, httpx_through, socket_through, url_through
from tests.sockets import AUTHORIZATION, PATIENCE_SECONDS, request_bytes

LIST = f"{CUSTOMERS}.json"
NEW = {"first_name": "Kim", "phone": "2"}
LONG = 600
NOW = "2026-11-23T18:40:00+11:00"


@pytest.fixture
def kounta() -> Iterator[FakeKounta]:
    with FakeKounta(tls=True) as fake:
        yield fake


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest) -> str:
    """Each of the ways to the fake over a socket."""
    return str(request.param)


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until this condition holds, which other threads bring about."""
    deadline = monotonic() + PATIENCE_SECONDS
    while not condition():
        assert monotonic() < deadline, "it does not come about"
        sleep(0.002)


def asleep(kounta: FakeKounta, door: str, **fault: Any) -> socket.socket:
    """Return a connection whose response waits for a very long time."""
    rule = kounta.faults.add(times=1, **fault)
    sock = socket_through(door, kounta)
    sock.sendall(request_bytes("GET", LIST, headers=[AUTHORIZATION]))
    eventually(lambda: rule.fired == 1 and kounta.requests.total > 0)
    return sock


def test_a_response_is_delayed(kounta: FakeKounta, door: str) -> None:
    """The response arrives after the seconds of the delay, and the journal's duration includes them."""
    kounta.faults.slow(0.2, "GET", times=1)
    start = monotonic()
    with httpx_through(door, kounta) as client:
        assert client.get(url_through(door, kounta) + LIST, auth=kounta.auth).status_code == 200
    assert monotonic() - start >= 0.2
    (entry,) = kounta.requests
    assert (entry.status, entry.fault) == (200, "#1 0.2 s late")
    assert 0.2 <= entry.duration_seconds < PATIENCE_SECONDS


def test_a_delayed_response_blocks_no_other(kounta: FakeKounta, door: str) -> None:
    """While one response sleeps, other requests, changes, a reset and a stop go on."""
    with asleep(kounta, door, latency_seconds=LONG), httpx.Client(auth=kounta.auth, verify=False) as client:
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
def test_a_stop_does_not_wait_for_a_delayed_response(kounta: FakeKounta, door: str, fault: dict[str, Any]) -> None:
    """A stop ends the connection without the rest of the response and leaves no thread behind."""
    before = set(enumerate_threads())
    with asleep(kounta, door, **fault) as sock:
        begun = sock.recv(65_536) if "connection" in fault and "drip_seconds" in fault else b""
        start = monotonic()
        kounta.stop()
        assert monotonic() - start < 2
        assert not begun or begun.endswith(b"[")
        assert sock.recv(65_536) == b""
        eventually(lambda: not any(thread.is_alive() for thread in {*enumerate_threads()} - before))


def test_webhooks_do_not_wait_for_a_delayed_response(kounta: FakeKounta, fakekounta_receiver: Any) -> None:
    """Webhooks of the change are sent while its response sleeps, in the background, too."""
    with kounta.fresh(webhook_mode="background") as fresh:
        fresh.webhooks.add("customers/created", fakekounta_receiver.url)
        fresh.faults.slow(LONG)
        with pytest.raises(requests.ReadTimeout):
            requests.post(kounta.url + LIST, json=NEW, auth=kounta.auth, timeout=0.2)
        fresh.webhooks.wait_for("customers/created", timeout=PATIENCE_SECONDS)


def test_webhooks_of_a_lost_answer_are_delivered_once(kounta: FakeKounta, fakekounta_receiver: Any) -> None:
    """In each webhook mode, the change of a lost response is delivered once."""
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
            assert statuses == [200, 429]  # R01: the change counts, though its response was lost
    assert len(fakekounta_receiver.received) == 3


def test_a_delay_on_the_clock_moves_the_clock(kounta: FakeKounta) -> None:
    """The delay moves a frozen or running clock without a sleep, and what becomes due meanwhile happens."""
    kounta.clock.freeze(NOW)
    kounta.faults.slow(LONG, clock=True)
    before = kounta.clock.now()
    start = monotonic()
    assert httpx.get(kounta.url + LIST, auth=kounta.auth, timeout=PATIENCE_SECONDS).status_code == 200
    assert monotonic() - start < LONG / 2
    assert kounta.clock.now() - before == timedelta(seconds=LONG)
    assert kounta.requests[0].fault == "#1 600 s late on the clock"
    assert kounta.requests[0].duration_seconds < LONG / 2


def test_a_delay_stops_at_the_end_of_the_calendar(kounta: FakeKounta, caplog: pytest.LogCaptureFixture) -> None:
    """The clock stops at the last possible date, and the response arrives."""
    kounta.clock.freeze("9998-12-30T00:00:00Z")
    kounta.faults.slow(31_536_000, clock=True)
    assert httpx.get(kounta.url + LIST, auth=kounta.auth).status_code == 200
    assert caplog.records == []


@pytest.fixture
def no_sleep(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Record the seconds that an in-process client would sleep, in place of sleeping."""
    slept: list[float] = []
    monkeypatch.setattr(cut, "sleep", slept.append)
    return slept


@pytest.mark.parametrize("clock", [False, True])
@pytest.mark.parametrize("timeout", [1, (60, 1), Timeout(connect=60, read=1)], ids=["one", "two", "urllib3"])
def test_requests_in_process_raises_its_timeout_at_once(
    kounta: FakeKounta, no_sleep: list[float], timeout: Any, *, clock: bool
) -> None:
    """A delay over the timeout makes requests raise at once; the change is made, and the clock moves by the timeout."""
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
def test_httpx_in_process_raises_its_timeout_at_once(kounta: FakeKounta, no_sleep: list[float], *, clock: bool) -> None:
    """httpx raises at once, too; its default timeout is five seconds."""
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
def test_requests_in_process_obeys_each_form_of_timeout(
    kounta: FakeKounta, no_sleep: list[float], timeout: Any
) -> None:
    """A timeout is obeyed in each form that requests accepts."""
    kounta.faults.slow(5)
    with kounta.requests_session() as session:
        assert session.get(kounta.url + LIST, auth=kounta.auth, timeout=timeout).status_code == 200
    assert no_sleep == [5]


def test_delays_of_several_rules_add_up(kounta: FakeKounta, no_sleep: list[float]) -> None:
    """Two delays of three seconds exceed a timeout of five."""
    kounta.faults.slow(3)
    kounta.faults.slow(3, clock=True)
    with kounta.httpx_client() as client, pytest.raises(httpx.ReadTimeout):
        client.get(LIST, auth=kounta.auth)
    assert no_sleep == []


def test_a_foreign_wsgi_client_waits(kounta: FakeKounta, no_sleep: list[float]) -> None:
    """A WSGI client that the fake does not know has no known timeout, so its response is delayed."""
    from werkzeug.test import Client  # noqa: PLC0415 - for one test

    kounta.faults.slow(7)
    assert Client(kounta.wsgi_app).get(LIST, auth=kounta.auth).status_code == 200
    assert no_sleep == [7]


def test_faults_on_parallel_connections_are_counted(kounta: FakeKounta) -> None:
    """Of many parallel requests, exactly as many fail as the rule says."""
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
