"""Deliveries in the background, in a world of the fake in that mode."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest

from contracts.expecting import expect_status
from contracts.receiver import HANG, Receiver, receiving
from contracts.samples import new_last_name
from contracts.target import KountaTarget
from contracts.webhooks import CREATED, UPDATED, Listening, Webhooks

PATIENCE_SECONDS = 20


@pytest.fixture
def fake_settings() -> dict[str, Any]:
    return {"webhook_mode": "background"}


@pytest.mark.quirk("W18")
def test_deliveries_of_a_webhook_come_one_at_a_time_in_order(target: KountaTarget, listen: Listening) -> None:
    """Each delivery begins after the response to the one before, in the order of the changes."""
    listener = listen.to(UPDATED)
    customer = target.add_customer()
    names = [new_last_name() for _ in range(30)]
    for name in names:
        expect_status(target.change(customer, {"last_name": name}), 200)
    assert [payload["last_name"] for payload in listener.of(customer, 30)] == names
    assert [one for one, after in pairwise(listener.wait_for(30)) if one.ended > after.began] == []


@pytest.mark.quirk("W18")
def test_changes_of_many_clients_come_in_the_order_in_which_they_were_made(
    target: KountaTarget, listen: Listening
) -> None:
    """If customers are changed in parallel, the last delivery of each has its final state."""
    listener = listen.to(UPDATED)
    customers = [target.add_customer() for _ in range(4)]

    def change(customer: int) -> str:
        names = [new_last_name() for _ in range(5)]
        for name in names:
            expect_status(target.change(customer, {"last_name": name}), 200)
        return names[-1]

    with ThreadPoolExecutor(len(customers)) as pool:
        last_names = list(pool.map(change, customers, timeout=PATIENCE_SECONDS))
    assert [listener.of(customer, 5)[-1]["last_name"] for customer in customers] == last_names


@pytest.mark.quirk("W06")
def test_a_receiver_that_hangs_delays_no_other(target: KountaTarget, listen: Listening) -> None:
    """While one receiver hangs, another webhook gets deliveries, and the request that caused them its response."""
    hangs, sound = listen.to(CREATED), listen.to(CREATED)
    hangs.answer(HANG)
    customers = [target.add_customer() for _ in range(3)]
    hangs.wait_for(1)
    assert [sound.of(customer, 1)[0]["id"] for customer in customers] == customers


@pytest.fixture
def meeting() -> Iterator[Receiver]:
    """Yield a receiver that answers nothing until two requests have arrived."""
    meeting = Barrier(2, timeout=PATIENCE_SECONDS)

    def work() -> None:
        try:
            meeting.wait()
        except BrokenBarrierError:
            return

    with receiving(work=work) as receiver:
        yield receiver


@pytest.mark.quirk("W06")
def test_deliveries_to_two_webhooks_go_side_by_side(
    target: KountaTarget, webhooks: Webhooks, meeting: Receiver
) -> None:
    """Two webhooks on one topic are called at the same time."""
    if target.kind == "live":
        target.not_provable("its deliveries cannot be made to wait for each other")
    listen = Listening(webhooks=webhooks, receiver=meeting)
    one, other = listen.to(CREATED), listen.to(CREATED)
    target.add_customer()
    first, second = one.wait_for()[0], other.wait_for()[0]
    assert max(first.began, second.began) < min(first.ended, second.ended)
