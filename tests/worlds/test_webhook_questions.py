"""Tests of `wait_for` and `assert_delivered` of `kounta.webhooks`, and of their failure messages."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest

from fakekounta import FakeKounta, Receiver
from tests.caller import FIRST_ID, exactly
from tests.lab import CREATED, HOOK, PATIENCE_SECONDS, UPDATED, calling, customer


@pytest.fixture
def kounta() -> FakeKounta:
    """A fake in the mode `collect`, with one webhook."""
    kounta = FakeKounta(webhook_mode="collect")
    kounta.webhooks.add(CREATED, HOOK)
    return kounta


# --- wait_for --------------------------------------------------------------------------------------------------


def test_wait_for_waits_for_the_arrival(fakekounta_receiver: Receiver) -> None:
    """`wait_for` returns as soon as a delivery arrives after the call."""
    with FakeKounta(webhook_mode="background") as kounta:
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        fakekounta_receiver.hang()
        known = customer(kounta)
        found: list[Any] = []
        thread = Thread(target=lambda: found.append(kounta.webhooks.wait_for(CREATED, timeout=PATIENCE_SECONDS)))
        thread.start()
        fakekounta_receiver.wait_for(1, timeout=PATIENCE_SECONDS)
        assert found == []
        fakekounta_receiver.release()
        thread.join(PATIENCE_SECONDS)
        assert [(one.customer.id, one.outcome) for one in found] == [(known, "delivered")]


def test_wait_for_finds_what_has_arrived_already(kounta: FakeKounta) -> None:
    """`wait_for` returns the first delivery of the topic that matches `where`, a mapping or a function."""
    for name in ("Jamie", "Kim", "Kim"):
        customer(kounta, name)
    kounta.webhooks.deliver_to(calling(lambda *_: None))
    assert kounta.webhooks.wait_for(CREATED).id == 1
    assert kounta.webhooks.wait_for(CREATED, where={"first_name": "Kim", "phone": "02 1234"}).id == 2
    assert kounta.webhooks.wait_for(CREATED, where=lambda payload: payload["id"] > FIRST_ID + 1).id == 3


def test_wait_for_gives_up(kounta: FakeKounta) -> None:
    """After the timeout `wait_for` raises AssertionError with the time and the nearest deliveries."""
    customer(kounta)
    text = (
        f"no {CREATED} was delivered within 0.05 s; the nearest of 1 deliveries:\n"
        f"  #1 {CREATED} to {HOOK}: it is pending, not tried yet"
    )
    with pytest.raises(AssertionError, match=exactly(text)):
        kounta.webhooks.wait_for(CREATED, timeout=0.05)


# --- assert_delivered ------------------------------------------------------------------------------------------


def message(kounta: FakeKounta, topic: str = CREATED, **looked_for: Any) -> str:
    """Return the message of assert_delivered."""
    with pytest.raises(AssertionError) as caught:
        kounta.webhooks.assert_delivered(topic, **looked_for)
    return str(caught.value)


def test_what_was_delivered_is_returned(kounta: FakeKounta) -> None:
    """All deliveries that match `where` are returned in order; `times` asks for an exact number, also for none."""
    for name in ("Jamie", "Kim", "Kim"):
        customer(kounta, name)
    kounta.webhooks.deliver_to(calling(lambda *_: None))
    assert [one.id for one in kounta.webhooks.assert_delivered(CREATED)] == [1, 2, 3]
    assert [one.id for one in kounta.webhooks.assert_delivered(CREATED, where={"first_name": "Kim"}, times=2)] == [2, 3]
    assert kounta.webhooks.assert_delivered(UPDATED, times=0) == []
    assert kounta.webhooks.assert_delivered(CREATED, where=lambda _: False, times=0) == []


def test_nothing_was_delivered_at_all(kounta: FakeKounta) -> None:
    """Without deliveries the message says so, and whether there is a webhook."""
    advice = "(customers.add, change and remove make deliveries with announce=True only)"
    assert message(kounta) == f"no {CREATED} was delivered; there were no deliveries at all {advice}"
    kounta.customers.add(first_name="Jamie", phone="1")
    assert message(kounta).endswith(advice)
    kounta.reset()
    text = f"no {CREATED} was delivered; there were no deliveries at all, and there is no webhook {advice}"
    assert message(kounta) == text


def test_the_nearest_come_first_with_how_they_differ(kounta: FakeKounta) -> None:
    """Each line lists the differences: topic, keys, missing keys, and that it was not delivered."""
    for name in ("Jamie", "Kim"):
        customer(kounta, name)
    kounta.webhooks.deliver_to(calling(lambda *_: None))
    kounta.webhooks.add(UPDATED, HOOK)
    kounta.customers.change(FIRST_ID, announce=True, first_name="Kim")
    expected = (
        f"no {CREATED} was delivered; the nearest of 3 deliveries:\n"
        f"  #2 {CREATED} to {HOOK}: phone is '02 1234', not '1'\n"
        f"  #1 {CREATED} to {HOOK}: first_name is 'Jamie', not 'Kim', phone is '02 1234', not '1'\n"
        f"  #3 {UPDATED} to {HOOK}: topic is {UPDATED}, phone is '02 1234', not '1', it is pending, not tried yet"
    )
    assert message(kounta, where={"first_name": "Kim", "phone": "1"}) == expected


def test_other_ways_to_differ(kounta: FakeKounta) -> None:
    """An unknown key, a function that returns false, and the reason why a delivery failed are listed."""
    customer(kounta)
    assert message(kounta, where={"nickname": "J"}).endswith(
        f"to {HOOK}: there is no nickname, it is pending, not tried yet"
    )
    assert message(kounta, where=lambda _: False).endswith(
        "the function `where` returns false, it is pending, not tried yet"
    )
    kounta.webhooks.deliver_to(calling(lambda *_: 1 / 0))
    assert "it is pending: the application raised ZeroDivisionError: division by zero (at test_" in message(kounta)
    kounta.webhooks.disturb(drop=1)
    customer(kounta)
    assert message(kounta).splitlines()[1].endswith("it is dropped")


def test_another_number_than_expected(kounta: FakeKounta) -> None:
    """With `times` the message has both numbers, and the deliveries that count."""
    customer(kounta)
    kounta.webhooks.deliver_to(calling(lambda *_: None))
    expected = (
        f"{CREATED} was delivered 1 times, not 2; the nearest of 1 deliveries:\n  #1 {CREATED} to {HOOK}: as looked for"
    )
    assert message(kounta, times=2) == expected
    assert message(kounta, times=0) == expected.replace("not 2", "not 0")


def test_at_most_five_are_shown(kounta: FakeKounta) -> None:
    """The newest five of the nearest are shown, with the number of all."""
    for _ in range(9):
        customer(kounta)
    first, *lines = message(kounta).splitlines()
    assert first == f"no {CREATED} was delivered; the nearest of 9 deliveries:"
    assert [line.split()[0] for line in lines] == ["#9", "#8", "#7", "#6", "#5"]
