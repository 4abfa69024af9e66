"""Responses that count as delivered, and the times of retries."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.expecting import expect_parts, expect_status
from contracts.receiver import CUT, HANG, SIGNATURE
from contracts.samples import new_last_name
from contracts.target import KountaTarget
from contracts.webhooks import CREATED, UPDATED, Listener, Listening

MINUTE = 60
MARGIN = 20  # seconds of real time that a test may take, because the clock runs
RETRIES = (1 * MINUTE, 5 * MINUTE, 30 * MINUTE, 120 * MINUTE)


@pytest.fixture(autouse=True)
def only_with_our_own_time(target: KountaTarget) -> None:
    if target.kind == "live":
        target.not_provable("it takes two hours")


def tries(listener: Listener) -> int:
    return len(listener.receiver.at(listener.path))


@pytest.mark.quirk("W12")
@pytest.mark.parametrize("status", [200, 201, 202, 204, 226, 299])
def test_any_2xx_is_delivered(target: KountaTarget, listen: Listening, status: int) -> None:
    """A delivery answered 2xx is not tried again within a whole day."""
    listener = listen.to(CREATED)
    listener.answer(status)
    target.add_customer()
    target.let_time_pass(seconds=24 * 60 * MINUTE)
    assert len(listener.wait_for()) == 1


@pytest.mark.quirk("W12")
@pytest.mark.parametrize("status", [300, 301, 302, 307, 304, 400, 401, 404, 410, 429, 500, 503, CUT])
def test_anything_else_is_tried_again(target: KountaTarget, listen: Listening, status: int) -> None:
    """After any other response there is a retry a minute later, and none after a 2xx; a redirect is not followed."""
    listener = listen.to(CREATED)
    listener.answer(status)
    target.add_customer()
    assert tries(listener) == 1
    target.let_time_pass(seconds=MINUTE)
    assert len(listener.wait_for(2)) == 2
    target.let_time_pass(seconds=24 * 60 * MINUTE)
    assert tries(listener) == 2
    assert listen.receiver.at(f"{listener.path}/elsewhere") == []


@pytest.mark.quirk("W12")
@pytest.mark.parametrize("fake_settings", [{"webhook_schedule": {"timeout_seconds": 0.3}}], ids=["little time"])
def test_a_receiver_that_takes_too_long_is_tried_again(
    target: KountaTarget, listen: Listening, fake_settings: dict[str, Any]
) -> None:
    """A timeout is a failure; the retry a minute later is answered."""
    listener = listen.to(CREATED)
    listener.answer(HANG)
    target.add_customer()
    assert tries(listener) == 1
    target.let_time_pass(seconds=MINUTE)
    assert len(listener.wait_for(2)) == 2


@pytest.mark.quirk("W12")
def test_attempts_have_their_times(target: KountaTarget, listen: Listening) -> None:
    """Attempts are made exactly 0, 1, 5, 30 and 120 minutes after the event, and no more."""
    listener = listen.to(CREATED)
    listener.answer(*[500] * 9)
    target.add_customer()
    assert tries(listener) == 1
    passed = 0
    for number, due in enumerate(RETRIES, start=2):
        target.let_time_pass(seconds=due - passed - MARGIN)
        assert tries(listener) == number - 1
        target.let_time_pass(seconds=MARGIN)
        assert len(listener.wait_for(number)) == number
        passed = due
    target.let_time_pass(seconds=7 * 24 * 60 * MINUTE)
    assert tries(listener) == 5


@pytest.mark.quirk("W12")
def test_attempts_that_are_overdue_are_all_made(target: KountaTarget, listen: Listening) -> None:
    """When two hours pass at once, the four remaining attempts are made."""
    listener = listen.to(CREATED)
    listener.answer(*[500] * 9)
    target.add_customer()
    target.let_time_pass(seconds=RETRIES[-1])
    assert len(listener.wait_for(5)) == 5


@pytest.mark.quirk("W12")
def test_every_attempt_sends_the_same_bytes(target: KountaTarget, listen: Listening) -> None:
    """Body and headers of a retry are those of the first attempt, though the customer has changed since."""
    listener = listen.to(CREATED, headers={"X-Shop": "7"})
    listener.answer(500, 500)
    customer = target.add_customer()
    target.change(customer, {"last_name": new_last_name()})
    target.let_time_pass(seconds=5 * MINUTE)

    names = (SIGNATURE, "Content-Type", "X-Shop")
    sent = {(arrival.body, *(arrival.header(name) for name in names)) for arrival in listener.wait_for(3)}
    assert len(sent) == 1


@pytest.mark.quirk("W12")
def test_no_webhook_is_disabled(target: KountaTarget, listen: Listening) -> None:
    """After five deliveries that failed finally, the next event is delivered."""
    listener = listen.to(CREATED)
    listener.answer(*[500] * 25)
    for _ in range(5):
        target.add_customer()
    target.let_time_pass(seconds=RETRIES[-1])
    assert len(listener.wait_for(25)) == 25
    customer = target.add_customer()
    assert listener.of(customer, 1)[0]["id"] == customer
    expect_parts(listen.webhooks.record(listener.id), {"topic": CREATED})


@pytest.mark.quirk("W18")
def test_a_retry_comes_when_it_is_due(target: KountaTarget, listen: Listening) -> None:
    """A later event does not wait for a retry: its first attempt comes before it."""
    listener = listen.to(UPDATED)
    listener.answer(500)
    customer = target.add_customer()
    for name in ("first", "second", "third"):
        expect_status(target.change(customer, {"last_name": name}), 200)
    assert [payload["last_name"] for payload in listener.of(customer, 3)] == ["first", "second", "third"]
    target.let_time_pass(seconds=MINUTE)
    assert [payload["last_name"] for payload in listener.of(customer, 4)][3:] == ["first"]
    assert tries(listener) == 4


@pytest.mark.quirk("W18")
def test_retries_have_the_order_of_their_events(target: KountaTarget, listen: Listening) -> None:
    """Two failed deliveries are retried in the order of their events."""
    listener = listen.to(UPDATED)
    listener.answer(500, 204, 500)
    customer = target.add_customer()
    for name in ("first", "second", "third"):
        expect_status(target.change(customer, {"last_name": name}), 200)
    target.let_time_pass(seconds=MINUTE)
    assert [payload["last_name"] for payload in listener.of(customer, 5)][3:] == ["first", "third"]
