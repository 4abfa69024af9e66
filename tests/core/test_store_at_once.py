"""Tests of two threads that use one store at the same moment, which the test chooses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Thread

import pytest

from fakekounta import Customer
from fakekounta.core.indexes import Keying
from fakekounta.core.store import CustomerStore, MobileHeld

PHONE = "a number of the first that the store looks at in the middle of its work"
WAIT_SECONDS = 0.1  # how long to wait for a thread that has to wait for the first
PATIENCE_SECONDS = 30
FIRST = Customer(id=1, first_name="first", phone=PHONE, mobile="old")
SECOND = Customer(id=2, first_name="second", mobile="older")

Work = Callable[[CustomerStore], object]


class Meeting:
    """A store in which the second thread starts when the first reads an index for the nth time."""

    def __init__(self, *customers: Customer, number: str = PHONE, moment: int = 1) -> None:
        self.number = number
        self.moment = moment
        self.second: Thread | None = None
        self.work: Work | None = None
        self.refusals: list[MobileHeld] = []
        self.store = CustomerStore(Keying(self._key))
        self.store.add_all(customers, unique_mobile=True)

    def of(self, first: Work, second: Work) -> None:
        """Run the first work, which starts the second one in its middle, and wait until both have ended."""
        self.work = second
        self._try(first)
        assert self.second is not None, "the first never came to the middle of its work"
        self.second.join(PATIENCE_SECONDS)
        assert not self.second.is_alive()

    def _try(self, work: Work) -> None:
        try:
            work(self.store)
        except MobileHeld as refusal:
            self.refusals.append(refusal)

    def _key(self, number: str) -> str:
        if number == self.number and self.work is not None:
            self.moment -= 1
            if self.moment == 0:
                self.second = Thread(target=self._try, args=[self.work], daemon=True)
                self.second.start()
                self.second.join(WAIT_SECONDS)
        return number


def add(customer: Customer) -> Work:
    return lambda store: store.add(replace(customer, id=0, mobile="new"), unique_mobile=True)


def change(customer: Customer) -> Work:
    return lambda store: store.change(store.get(customer.id) or customer, replace(customer, mobile="new"))


@pytest.mark.parametrize(
    "number, moment",
    [("new", 1), ("new", 2), (PHONE, 1)],
    ids=["before the mobile is judged", "before it is entered", "after it is entered"],
)
@pytest.mark.parametrize("second", [add, change])
@pytest.mark.parametrize("first", [add, change])
def test_a_mobile_is_judged_and_taken_in_one_step(
    first: Callable[[Customer], Work], second: Callable[[Customer], Work], number: str, moment: int
) -> None:
    """A thread that adds the same mobile at the same time waits, and is then refused."""
    meeting = Meeting(FIRST, SECOND, number=number, moment=moment)
    meeting.of(first(FIRST), second(SECOND))
    (holder,) = [customer for customer in meeting.store.all() if customer.mobile == "new"]
    assert holder.first_name == "first"
    assert [refusal.customer_id for refusal in meeting.refusals] == [holder.id]
    assert meeting.store.by_mobile("new") == (holder, holder)


def test_two_that_are_added_have_different_ids() -> None:
    """A thread that adds a customer at the same time gets the next id."""
    meeting = Meeting(number="new")
    draft = Customer(id=0, first_name="second", mobile="2")
    meeting.of(add(FIRST), lambda store: store.add(draft, unique_mobile=True))
    first, second = meeting.store.all()
    assert (first.first_name, second.first_name, second.id) == ("first", "second", first.id + 1)


@pytest.mark.parametrize("moment", [1, 2], ids=["leaving the indexes", "entering them"])
@pytest.mark.parametrize(
    "read",
    [
        lambda store: [store.get(1)],
        lambda store: store.all(),
        lambda store: store.page(0, 25)[0],
        lambda store: store.page_by_reference("app", "R", 0, 25)[0],
        lambda store: store.by_email("a@example.com"),
        lambda store: store.copy().all(),
    ],
    ids=["get", "all", "page", "reference", "email", "copy"],
)
def test_a_customer_can_be_read_at_any_moment_of_a_change(
    read: Callable[[CustomerStore], list[Customer | None]], moment: int
) -> None:
    """A look-up during a change finds the customer once, as it was or as it will be."""
    before = replace(FIRST, email="a@example.com", reference_ids=(("app", "R"),))
    meeting = Meeting(before, moment=moment)
    seen: list[Customer | None] = []
    meeting.of(
        lambda store: store.change(store.get(1) or before, replace(before, first_name="changed")),
        lambda store: seen.extend(read(store)),
    )
    assert {customer and customer.first_name for customer in seen} <= {"first", "changed"}
    assert len(set(map(id, seen))) == 1
