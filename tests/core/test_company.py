"""Tests of many clients at once: unique values stay unique, and no change is lost."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Barrier
from typing import Any

import httpx
import pytest

from fakekounta import Customer, FakeKounta
from fakekounta.core.errors import NotFound
from tests.caller import CUSTOMERS, FIRST_ID

CLIENTS = 16
PATIENCE_SECONDS = 20
FIELDS = ("first_name", "last_name", "email", "phone", "mobile", "image", "reference_id", "tags")

Answers = list[httpx.Response]


@pytest.fixture(autouse=True)
def _often_switching() -> Iterator[None]:
    """Switch threads a thousand times as often as usual, so that races happen."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(before)


@pytest.fixture(params=["in-process", "socket"])
def client(request: pytest.FixtureRequest, fakekounta: FakeKounta) -> Iterator[httpx.Client]:
    """One client for all threads; over a socket each of them has a connection of its own."""
    made = (
        fakekounta.httpx_client()
        if request.param == "in-process"
        else httpx.Client(base_url=fakekounta.url, verify=False, trust_env=False, timeout=PATIENCE_SECONDS)
    )
    made.auth = httpx.BasicAuth(*fakekounta.auth)
    made.headers["Accept"] = "application/json"
    with made:
        yield made


def at_once(ask: Callable[[int], Answers]) -> list[Answers]:
    """Return the responses to threads that all start together."""
    start = Barrier(CLIENTS)

    def work(number: int) -> Answers:
        start.wait(timeout=PATIENCE_SECONDS)
        return ask(number)

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(work, range(CLIENTS), timeout=PATIENCE_SECONDS))


def statuses(answers: list[Answers]) -> Counter[int]:
    return Counter(answer.status_code for some in answers for answer in some)


def put(client: httpx.Client, customer_id: int, **fields: Any) -> httpx.Response:
    return client.put(f"{CUSTOMERS}/{customer_id}", json=fields)


def test_one_mobile_is_given_to_one_customer(fakekounta: FakeKounta, client: httpx.Client) -> None:
    """Of simultaneous requests that create a customer with one mobile exactly one succeeds (C14)."""
    rounds = 6

    def create(number: int) -> Answers:
        return [
            client.post(CUSTOMERS, json={"first_name": f"client {number}", "mobile": f"0400 {one}"})
            for one in range(rounds)
        ]

    answers = at_once(create)
    assert statuses(answers) == {201: rounds, 400: rounds * (CLIENTS - 1)}
    for one in range(rounds):
        kept = [customer for customer in fakekounta.customers if customer.mobile == f"0400 {one}"]
        (won,) = [number for number, some in enumerate(answers) if some[one].status_code == 201]
        assert [customer.first_name for customer in kept] == [f"client {won}"]
        assert answers[won][one].headers["Location"].endswith(f"/{kept[0].id}")


def test_everybody_gets_another_id(fakekounta: FakeKounta, client: httpx.Client) -> None:
    """Customers created at the same time have different ids, without a gap."""

    def create(number: int) -> Answers:
        return [client.post(CUSTOMERS, json={"first_name": f"client {number}", "phone": "1"}) for _ in range(4)]

    answers = at_once(create)
    ids = {int(answer.headers["Location"].rpartition("/")[2]) for some in answers for answer in some}
    assert ids == set(range(FIRST_ID, FIRST_ID + 4 * CLIENTS))
    assert [customer.id for customer in fakekounta.customers] == sorted(ids)


def test_changes_of_different_fields_lose_nothing(fakekounta: FakeKounta, client: httpx.Client) -> None:
    """Two clients change each field of one customer repeatedly, and the last value of each field is kept."""
    customer = fakekounta.customers.add(first_name="Al", email="al@example.com")
    writes = 8

    def change(number: int) -> Answers:
        field = FIELDS[number % len(FIELDS)]
        last = {"email": f"{number}@example.com", "tags": [f"{number}"]}.get(field, f"{number}")
        other = {"email": "x@example.com", "tags": ["x"]}.get(field, "x")
        return [put(client, customer.id, **{field: last if one == writes - 1 else other}) for one in range(writes)]

    answers = at_once(change)
    assert statuses(answers) == {200: CLIENTS * writes}
    kept = fakekounta.customers.get(customer.id)
    texts = {name: getattr(kept, name) for name in FIELDS[:6]}
    texts["email"] = str(kept.email).partition("@")[0]
    texts["reference_id"] = kept.reference_id(fakekounta.application.client_id)
    texts["tags"] = kept.tags[0]
    writers = {field: {str(number), str(number + len(FIELDS))} for number, field in enumerate(FIELDS)}
    assert {field for field, text in texts.items() if text not in writers[field]} == set()


def test_a_mobile_that_two_want_is_changed_for_one(fakekounta: FakeKounta, client: httpx.Client) -> None:
    """Of customers changed to one mobile at the same time one gets it, and the others keep theirs."""
    ids = [fakekounta.customers.add(first_name="Al", mobile=f"old {number}").id for number in range(CLIENTS)]
    wanted = [f"new {one}" for one in range(6)]

    def change(number: int) -> Answers:
        return [put(client, ids[number], mobile=mobile) for mobile in wanted]

    answers = at_once(change)
    seen = statuses(answers)
    assert set(seen) <= {200, 400}
    assert seen[200] >= 1
    held = {customer.id: customer.mobile for customer in fakekounta.customers}
    for number, customer_id in enumerate(ids):
        won = [mobile for mobile, answer in zip(wanted, answers[number], strict=True) if answer.status_code == 200]
        assert held[customer_id] == (won[-1] if won else f"old {number}")
    assert len(set(held.values())) == CLIENTS


def test_two_that_want_one_mobile(fakekounta: FakeKounta, client: httpx.Client) -> None:
    """Of two customers changed to the same new mobile one is 200 and the other 400, every time."""
    ids = [fakekounta.customers.add(first_name="Al", mobile=f"old {number}").id for number in range(CLIENTS)]

    def change(number: int) -> Answers:
        return [put(client, ids[number], mobile=f"new {number // 2}")]

    answers = at_once(change)
    pairs = [sorted(answers[n + side][0].status_code for side in (0, 1)) for n in range(0, CLIENTS, 2)]
    assert pairs == [[200, 400]] * (CLIENTS // 2)


def test_a_customer_is_there_while_it_is_changed(fakekounta: FakeKounta, client: httpx.Client) -> None:
    """A GET by id, by email or of the list finds a customer at every moment of a PUT."""
    customer = fakekounta.customers.add(first_name="Al", email="al@example.com")
    paths = [f"{CUSTOMERS}/{customer.id}", f"{CUSTOMERS}?email=al@example.com", CUSTOMERS]

    def ask(number: int) -> Answers:
        if number < 4:
            return [put(client, customer.id, last_name=f"{number} {one}") for one in range(15)]
        return [client.get(paths[number % len(paths)]) for _ in range(15)]

    answers = at_once(ask)
    assert set(statuses(answers)) == {200, 302}
    assert all(len(answer.json()) == 1 for number in range(5, CLIENTS, 3) for answer in answers[number])


def test_a_change_that_lost_a_race_is_checked_again(fakekounta: FakeKounta, monkeypatch: pytest.MonkeyPatch) -> None:
    """The later change is applied to the result of the earlier one, and neither is lost."""
    company = fakekounta.world.company
    customer_id = fakekounta.customers.add(first_name="Kim", phone="1").id
    change = company.store.change
    faster = ["Doe"]

    def after_another(before: Customer, after: Customer) -> None:
        if faster:
            change(before, replace(before, last_name=faster.pop()))
        change(before, after)

    monkeypatch.setattr(company.store, "change", after_another)
    changed = company.change_customer("mine", customer_id, {"first_name": "Sam"})
    assert (changed.first_name, changed.last_name) == ("Sam", "Doe")
    assert fakekounta.customers.get(customer_id) == changed


def test_refusals_of_all_lookups_have_one_text(fakekounta: FakeKounta) -> None:
    """The refusals of all look-ups have the same text."""
    company = fakekounta.world.company
    for find in (
        partial(company.customer_by_email, "a@b.example"),
        partial(company.customer_by_mobile, "1"),
        partial(company.customer_by_name_and_phone, "Kim", "Doe", "1"),
    ):
        with pytest.raises(NotFound, match=r"^Not Found: no customer matches$"):
            find()
