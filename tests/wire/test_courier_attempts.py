"""Attempts: what counts as delivered, when it is tried again, and what is kept of each try."""

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
    """A fake, its time standing still, with one delivery that failed once."""
    kounta = FakeKounta(webhook_mode=mode, **settings)
    kounta.clock.freeze(AT)
    kounta.webhooks.add(CREATED, receiver.url)
    receiver.answer(500, times=times)
    customer(kounta)
    return kounta


def minutes(delivery: Delivery) -> list[float]:
    """When the attempts were made, in minutes of the fake's time after the event."""
    return [(attempt.at - delivery.occurred_at) / timedelta(minutes=1) for attempt in delivery.attempts]


# --- retries ---------------------------------------------------------------------------------------------------


def test_a_failure_is_tried_again_when_its_time_comes(fakekounta_receiver: Receiver) -> None:
    """The default schedule: tried after exactly 0, 1, 5, 30 and 120 minutes, not a second before, then never again."""
    kounta = failing(fakekounta_receiver)
    made = [len(fakekounta_receiver.received)]
    for seconds in (59, 1, 239, 1, 1499, 1, 5399, 1, 10**7):
        kounta.clock.advance(seconds=seconds)
        made.append(len(fakekounta_receiver.received))
    (delivery,) = kounta.webhooks.deliveries
    assert made == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert minutes(delivery) == [0, 1, 5, 30, 120]
    assert delivery.outcome == "failed"


def test_two_hours_pass_in_no_time(fakekounta_receiver: Receiver) -> None:
    """One advance by two hours makes all attempts that fall into them."""
    kounta = failing(fakekounta_receiver)
    kounta.clock.advance(seconds=7200)
    assert [(one.outcome, one.tries) for one in kounta.webhooks.deliveries] == [("failed", 5)]


def test_two_failures_then_success(fakekounta_receiver: Receiver) -> None:
    """A receiver that recovers has the delivery at its third attempt, and no more after that."""
    kounta = failing(fakekounta_receiver, times=2)
    kounta.clock.advance(seconds=7200)
    (delivery,) = kounta.webhooks.deliveries
    assert (delivery.outcome, [attempt.status for attempt in delivery.attempts]) == ("delivered", [500, 500, 204])


def test_time_that_runs_can_be_advanced_too(fakekounta_receiver: Receiver) -> None:
    """On a running clock an advance makes what became due, at the fake's time and not before it."""
    kounta = failing(fakekounta_receiver)
    kounta.clock.resume()
    kounta.clock.advance(seconds=50)
    assert kounta.webhooks.deliveries[0].tries == 1
    kounta.clock.advance(seconds=10)
    (delivery,) = kounta.webhooks.deliveries
    assert delivery.tries == 2
    assert 1 <= minutes(delivery)[1] < 1.5


def test_background_follows_a_clock_that_stands(fakekounta_receiver: Receiver) -> None:
    """In the background too a frozen clock that is advanced, or set, brings about what became due."""
    with failing(fakekounta_receiver, mode="background") as kounta:
        until_tried(kounta, 1)
        kounta.clock.advance(seconds=60)
        until_tried(kounta, 2)
        kounta.clock.set("2026-11-23T18:45:00+11:00")
        assert minutes(until_tried(kounta, 3)) == [0, 1, 5]


def test_background_follows_a_clock_that_runs(fakekounta_receiver: Receiver) -> None:
    """With nobody doing anything, a retry comes when the running clock says so."""
    schedule = {"minutes": [0, 0.002, 0.004]}
    fakekounta_receiver.answer(500, times=2)
    with FakeKounta(webhook_mode="background", webhook_schedule=schedule) as kounta:
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        customer(kounta)
        (delivery,) = until_done(kounta)
    assert delivery.outcome == "delivered"
    assert [found >= least for found, least in zip(minutes(delivery), (0, 0.002, 0.004), strict=True)] == [True] * 3


def test_the_first_attempt_can_be_late(fakekounta_receiver: Receiver) -> None:
    """A schedule whose first minute is not 0 tries nothing at once, and has as many attempts as minutes."""
    kounta = failing(fakekounta_receiver, webhook_schedule={"minutes": [2, 3]})
    assert (outcomes(kounta), fakekounta_receiver.received) == (["pending"], [])
    kounta.clock.advance(seconds=120)
    kounta.clock.advance(seconds=60)
    assert minutes(kounta.webhooks.deliveries[0]) == [2, 3]
    assert outcomes(kounta) == ["failed"]


def test_a_retry_does_not_hold_up_what_comes_after(fakekounta_receiver: Receiver) -> None:
    """W18: while one delivery waits to be tried again, the webhook is told of later changes."""
    kounta = failing(fakekounta_receiver, times=1)
    customer(kounta, "Kim")
    assert outcomes(kounta) == ["pending", "delivered"]
    kounta.clock.advance(seconds=60)
    told = [request.json()["first_name"] for request in fakekounta_receiver.received]
    assert told == ["Jamie", "Kim", "Jamie"]


# --- what counts as delivered ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_delivered(fakekounta_receiver: Receiver, status: int) -> None:
    """W12: every status from 200 to 299."""
    fakekounta_receiver.answer(status)
    assert _first(fakekounta_receiver.url).status == status


@pytest.mark.parametrize("status", [300, 301, 304, 400, 401, 404, 410, 429, 500, 503])
def test_any_other_status_is_a_failure(fakekounta_receiver: Receiver, status: int) -> None:
    """Whatever is no 2xx is tried again; the attempt says what was answered."""
    fakekounta_receiver.answer(status)
    attempt = _first(fakekounta_receiver.url, "pending")
    assert (attempt.status, attempt.error) == (status, f"the receiver answered {status}")


def test_no_answer_in_time(fakekounta_receiver: Receiver) -> None:
    """A receiver that takes longer than the timeout has failed; the attempt took about as long as that."""
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
    """No answer at all is a failure that says so."""
    fakekounta_receiver.close_connection()
    attempt = _first(fakekounta_receiver.url, "pending")
    assert (attempt.status, "closed the connection" in str(attempt.error)) == (None, True)


def test_a_closed_port_is_a_failure() -> None:
    """A port where nobody listens is a failure that says so."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    attempt = _first(f"http://127.0.0.1:{port}/", "pending")
    assert (attempt.status, "refused" in str(attempt.error)) == (None, True)


@pytest.mark.parametrize("answer", [b"", b"\r\n\r\n", b"SSH-2.0-x\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/9 200 OK\r\n"])
def test_a_response_that_is_not_http_is_a_failure(answer: bytes) -> None:
    """An answer that is no HTTP is a failure like others, and the courier lives on."""
    with raw_receiver(lambda connection: connection.sendall(answer)) as port:
        attempt = _first(f"http://127.0.0.1:{port}/", "pending", webhook_schedule={"timeout_seconds": 2})
    assert attempt.status is None
    assert attempt.error


def _first(url: str, outcome: str = "delivered", **settings: Any) -> Attempt:
    """The first attempt of a delivery, which must have this outcome."""
    kounta = FakeKounta(**settings)
    kounta.webhooks.add(CREATED, url)
    customer(kounta)
    (delivery,) = kounta.webhooks.deliveries
    assert (delivery.outcome, len(delivery.attempts)) == (outcome, 1)
    assert (delivery.attempts[0].error is None) == (outcome == "delivered")
    return delivery.attempts[0]


# --- what is kept ----------------------------------------------------------------------------------------------


def test_an_attempt_is_what_was_really_sent(fakekounta_receiver: Receiver) -> None:
    """Body and headers that are kept are those that came, byte for byte, the subscription's own among them."""
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


def test_every_attempt_is_kept_with_the_same_bytes(fakekounta_receiver: Receiver) -> None:
    """A retry sends the bytes of the first attempt again, whatever became of the customer; attempts are numbered."""
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


def test_the_payload_of_an_update_is_that_of_its_moment(fakekounta_receiver: Receiver) -> None:
    """W10: each delivery holds the customer as it was right after its own change, however late it is sent."""
    kounta = FakeKounta(webhook_mode="collect")
    kounta.webhooks.add(UPDATED, fakekounta_receiver.url)
    known = customer(kounta)
    for name in ("One", "Two"):
        kounta.customers.change(known, announce=True, first_name=name)
    kounta.webhooks.deliver()
    assert [request.json()["first_name"] for request in fakekounta_receiver.received] == ["One", "Two"]


def test_moments_and_durations(fakekounta_receiver: Receiver) -> None:
    """`at` is the fake's time, an aware datetime; the duration is real time."""
    kounta = failing(fakekounta_receiver)
    attempt = kounta.webhooks.deliveries[0].attempts[0]
    assert attempt.at == datetime.fromisoformat(AT)
    assert 0 < attempt.duration_seconds < PATIENCE_SECONDS


def test_an_own_mistake_of_the_library_is_an_attempt_too(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever a post raises becomes an attempt with the error's text; the courier lives on, the log has the rest."""

    def fail(_: object) -> int:
        raise ZeroDivisionError("by zero")

    kounta = FakeKounta()
    kounta._courier._post = fail
    kounta.webhooks.add(CREATED, HOOK)
    customer(kounta)
    assert kounta.webhooks.deliveries[0].attempts[0].error == "ZeroDivisionError: by zero"
    assert outcomes(kounta) == ["pending"]
    assert "delivery 1 failed" in caplog.text
