"""Tests of attempts: which responses count as delivered, when retries are made, and what each attempt records."""

from __future__ import annotations

import socket
from datetime import datetime, timedelta
from typing import Any

import pytest

from fakekounta import FakeKounta, Receiver
from fakekounta.core.deliveries import Attempt, Delivery
from fakekounta.settings.kinds import Mode
from tests.lab import (
    CREATED,
    HOOK,
    PATIENCE_SECONDS,
    UPDATED,
    customer,
    outcomes,
    raw_receiver,
    until_done,
    until_tried,
)

AT = "2026-11-23T18:40:00+11:00"


def failing(receiver: Receiver, *, mode: Mode = "immediate", times: int = 99, **settings: Any) -> FakeKounta:
    """A fake with a frozen clock and one delivery that has failed once."""
    kounta = FakeKounta(webhook_mode=mode, **settings)
    kounta.clock.freeze(AT)
    kounta.webhooks.add(CREATED, receiver.url)
    receiver.answer(500, times=times)
    customer(kounta)
    return kounta


def minutes(delivery: Delivery) -> list[float]:
    """Return when the attempts were made, in minutes of the fake's time after the event."""
    return [(attempt.at - delivery.occurred_at) / timedelta(minutes=1) for attempt in delivery.attempts]


# --- retries ---------------------------------------------------------------------------------------------------


def test_retries_follow_the_schedule(fakekounta_receiver: Receiver) -> None:
    """By default attempts are made exactly 0, 1, 5, 30 and 120 minutes after the event, and no more."""
    kounta = failing(fakekounta_receiver)
    made = [len(fakekounta_receiver.received)]
    for seconds in (59, 1, 239, 1, 1499, 1, 5399, 1, 10**7):
        kounta.clock.advance(seconds=seconds)
        made.append(len(fakekounta_receiver.received))
    (delivery,) = kounta.webhooks.deliveries
    assert made == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert minutes(delivery) == [0, 1, 5, 30, 120]
    assert delivery.outcome == "failed"


def test_one_advance_makes_all_attempts(fakekounta_receiver: Receiver) -> None:
    """One advance of the clock by two hours makes all attempts that become due."""
    kounta = failing(fakekounta_receiver)
    kounta.clock.advance(seconds=7200)
    assert [(one.outcome, one.tries) for one in kounta.webhooks.deliveries] == [("failed", 5)]


def test_two_failures_then_success(fakekounta_receiver: Receiver) -> None:
    """A receiver that recovers gets the delivery by the third attempt, and no fourth is made."""
    kounta = failing(fakekounta_receiver, times=2)
    kounta.clock.advance(seconds=7200)
    (delivery,) = kounta.webhooks.deliveries
    assert (delivery.outcome, [attempt.status for attempt in delivery.attempts]) == ("delivered", [500, 500, 204])


def test_a_running_clock_can_be_advanced(fakekounta_receiver: Receiver) -> None:
    """An advance of a running clock makes the attempts that became due, and none earlier."""
    kounta = failing(fakekounta_receiver)
    kounta.clock.resume()
    kounta.clock.advance(seconds=50)
    assert kounta.webhooks.deliveries[0].tries == 1
    kounta.clock.advance(seconds=10)
    (delivery,) = kounta.webhooks.deliveries
    assert delivery.tries == 2
    assert 1 <= minutes(delivery)[1] < 1.5


def test_background_follows_a_frozen_clock(fakekounta_receiver: Receiver) -> None:
    """In `background`, advancing or setting a frozen clock makes the attempts that became due."""
    with failing(fakekounta_receiver, mode="background") as kounta:
        until_tried(kounta, 1)
        kounta.clock.advance(seconds=60)
        until_tried(kounta, 2)
        kounta.clock.set("2026-11-23T18:45:00+11:00")
        assert minutes(until_tried(kounta, 3)) == [0, 1, 5]


def test_background_follows_a_running_clock(fakekounta_receiver: Receiver) -> None:
    """In `background`, a retry is made when the running clock reaches its time, without a call."""
    schedule = {"minutes": [0, 0.002, 0.004]}
    fakekounta_receiver.answer(500, times=2)
    with FakeKounta(webhook_mode="background", webhook_schedule=schedule) as kounta:
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        customer(kounta)
        (delivery,) = until_done(kounta)
    assert delivery.outcome == "delivered"
    assert [found >= least for found, least in zip(minutes(delivery), (0, 0.002, 0.004), strict=True)] == [True] * 3


def test_the_first_attempt_can_be_late(fakekounta_receiver: Receiver) -> None:
    """A schedule that does not begin with 0 makes no attempt at once, and one attempt for each of its minutes."""
    kounta = failing(fakekounta_receiver, webhook_schedule={"minutes": [2, 3]})
    assert (outcomes(kounta), fakekounta_receiver.received) == (["pending"], [])
    kounta.clock.advance(seconds=120)
    kounta.clock.advance(seconds=60)
    assert minutes(kounta.webhooks.deliveries[0]) == [2, 3]
    assert outcomes(kounta) == ["failed"]


def test_a_waiting_retry_does_not_delay_later_deliveries(fakekounta_receiver: Receiver) -> None:
    """W18: while one delivery waits for its retry, later ones of the webhook are made."""
    kounta = failing(fakekounta_receiver, times=1)
    customer(kounta, "Kim")
    assert outcomes(kounta) == ["pending", "delivered"]
    kounta.clock.advance(seconds=60)
    received = [request.json()["first_name"] for request in fakekounta_receiver.received]
    assert received == ["Jamie", "Kim", "Jamie"]


# --- what counts as delivered ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_delivered(fakekounta_receiver: Receiver, status: int) -> None:
    """W12: every status from 200 to 299 counts as delivered."""
    fakekounta_receiver.answer(status)
    assert _first(fakekounta_receiver.url).status == status


@pytest.mark.parametrize("status", [300, 301, 304, 400, 401, 404, 410, 429, 500, 503])
def test_any_other_status_is_a_failure(fakekounta_receiver: Receiver, status: int) -> None:
    """A status that is not 2xx is retried, and the attempt records it."""
    fakekounta_receiver.answer(status)
    attempt = _first(fakekounta_receiver.url, "pending")
    assert (attempt.status, attempt.error) == (status, f"the receiver answered {status}")


def test_no_answer_in_time(fakekounta_receiver: Receiver) -> None:
    """A receiver that takes longer than the timeout has failed, and the attempt's duration is about the timeout."""
    fakekounta_receiver.hang()
    attempt = _first(fakekounta_receiver.url, "pending", webhook_schedule={"timeout_seconds": 0.2})
    assert attempt.status is None
    assert "timed out" in str(attempt.error)
    assert 0.15 < attempt.duration_seconds < 3


def test_an_answer_just_in_time(fakekounta_receiver: Receiver) -> None:
    """The default timeout is 5 seconds (W12), and it is a setting."""
    assert FakeKounta().world.outbox.schedule.timeout_seconds == 5.0
    attempt = _first(fakekounta_receiver.url, webhook_schedule={"timeout_seconds": 3})
    assert attempt.duration_seconds < 3


def test_a_connection_that_is_closed(fakekounta_receiver: Receiver) -> None:
    """A connection closed without a response is a failure, and the error says so."""
    fakekounta_receiver.close_connection()
    attempt = _first(fakekounta_receiver.url, "pending")
    assert (attempt.status, "closed the connection" in str(attempt.error)) == (None, True)


def test_a_closed_port_is_a_failure() -> None:
    """A refused connection is a failure, and the error says so."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    attempt = _first(f"http://127.0.0.1:{port}/", "pending")
    assert (attempt.status, "refused" in str(attempt.error)) == (None, True)


@pytest.mark.parametrize("answer", [b"", b"\r\n\r\n", b"SSH-2.0-x\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/9 200 OK\r\n"])
def test_a_response_that_is_not_http_is_a_failure(answer: bytes) -> None:
    """A response that is not HTTP is a failure like others, and the courier goes on."""
    with raw_receiver(lambda connection: connection.sendall(answer)) as port:
        attempt = _first(f"http://127.0.0.1:{port}/", "pending", webhook_schedule={"timeout_seconds": 2})
    assert attempt.status is None
    assert attempt.error


def _first(url: str, outcome: str = "delivered", **settings: Any) -> Attempt:
    """Return the first attempt of a delivery, and check its outcome."""
    kounta = FakeKounta(**settings)
    kounta.webhooks.add(CREATED, url)
    customer(kounta)
    (delivery,) = kounta.webhooks.deliveries
    assert (delivery.outcome, len(delivery.attempts)) == (outcome, 1)
    assert (delivery.attempts[0].error is None) == (outcome == "delivered")
    return delivery.attempts[0]


# --- what is recorded ------------------------------------------------------------------------------------------


def test_an_attempt_records_the_bytes_sent(fakekounta_receiver: Receiver) -> None:
    """The recorded body and headers equal the received ones byte for byte, including the subscription's own headers."""
    kounta = FakeKounta()
    own = {"Authorization": "Bearer abc", "X-Own": "a, b"}
    kounta.webhooks.add(CREATED, f"{fakekounta_receiver.url}?a=b", headers=own)
    customer(kounta, "Zoë \U0001f600")
    (request,) = fakekounta_receiver.received
    attempt = kounta.webhooks.deliveries[0].attempts[0]
    assert (request.method, request.body, request.is_signed) == ("POST", attempt.body, True)
    assert {name.lower(): value for name, value in attempt.headers}.items() <= request.headers.items()
    assert own.items() <= dict(attempt.headers).items()
    assert "Zoë \U0001f600".encode() in attempt.body


def test_every_attempt_has_the_same_bytes(fakekounta_receiver: Receiver) -> None:
    """A retry sends the bytes of the first attempt, even if the customer changed; attempts are numbered."""
    kounta = failing(fakekounta_receiver, times=2)
    known = kounta.customers.all()[0].id
    kounta.customers.change(known, first_name="Changed")
    kounta.clock.advance(seconds=60)
    kounta.customers.remove(known)
    kounta.clock.advance(seconds=240)
    attempts = kounta.webhooks.deliveries[0].attempts
    assert [(one.number, one.status) for one in attempts] == [(1, 500), (2, 500), (3, 204)]
    assert len({(one.body, one.headers) for one in attempts}) == 1
    assert [request.body for request in fakekounta_receiver.received] == [one.body for one in attempts]
    assert attempts[0].json()["first_name"] == "Jamie"
    assert attempts[0].json()["created_at"] == AT


def test_a_payload_shows_the_customer_right_after_the_change(fakekounta_receiver: Receiver) -> None:
    """W10: each delivery has the customer as it was right after its own change, however late it is sent."""
    kounta = FakeKounta(webhook_mode="collect")
    kounta.webhooks.add(UPDATED, fakekounta_receiver.url)
    known = customer(kounta)
    for name in ("One", "Two"):
        kounta.customers.change(known, announce=True, first_name=name)
    kounta.webhooks.deliver()
    assert [request.json()["first_name"] for request in fakekounta_receiver.received] == ["One", "Two"]


def test_moments_and_durations(fakekounta_receiver: Receiver) -> None:
    """`at` is the fake's time as an aware datetime; the duration is real time."""
    kounta = failing(fakekounta_receiver)
    attempt = kounta.webhooks.deliveries[0].attempts[0]
    assert attempt.at == datetime.fromisoformat(AT)
    assert 0 < attempt.duration_seconds < PATIENCE_SECONDS


def test_an_error_of_our_own_is_recorded_as_an_attempt(caplog: pytest.LogCaptureFixture) -> None:
    """If posting raises any exception, an attempt has its text, the log has the traceback, and the courier goes on."""

    def fail(_: object) -> int:
        raise ZeroDivisionError("by zero")

    kounta = FakeKounta()
    kounta._courier._post = fail
    kounta.webhooks.add(CREATED, HOOK)
    customer(kounta)
    assert kounta.webhooks.deliveries[0].attempts[0].error == "ZeroDivisionError: by zero"
    assert outcomes(kounta) == ["pending"]
    assert "delivery 1 failed" in caplog.text
