"""Tests that a choice is recorded when asked, only for the exchange, delivery or direct change under way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from threading import Barrier, Thread
from typing import Any

import pytest

from fakekounta import FakeKounta
from fakekounta.catalogue.assumptions import CHOICES, RECORD, Asked, Assumptions, recording
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.journal import Entry
from fakekounta.worlds.seed_file import SeedError
from tests.caller import CUSTOMERS, FIRST_ID, Caller
from tests.choices import COUNTRY, EMAIL, LENIENT, quirk

ADA: dict[str, Any] = {"first_name": "Ada", "mobile": "1"}
ABROAD: dict[str, Any] = {"first_name": "Ada", "phone": "1", "primary_address": {"country": "au"}}
CREATED = quirk("BODY_OF_CREATED")
MOBILE = quirk("COMPARISON")
FORM, ID_TEXT = quirk("EMAIL_KEYS"), quirk("ID_STR")


class Observed:
    """A fake, and the assumptions that it reported for direct changes."""

    def __init__(self, **settings: Any) -> None:
        self.kounta = FakeKounta(**settings)
        self.api = Caller(self.kounta)
        self.direct: list[set[Quirk]] = []
        self.delivered: list[set[Quirk]] = []
        self.kounta.on_delivery(lambda quirks: self.delivered.append(set(quirks)))
        self.kounta.on_direct_change(lambda quirks: self.direct.append(set(quirks)))

    def asked(self) -> set[Quirk]:
        """Return the assumptions of the last exchange."""
        return {one for one in self.kounta.requests[-1].quirks if one in CHOICES}


@pytest.fixture
def observed() -> Observed:
    return Observed()


def test_a_choice_is_recorded_once_for_its_exchange(observed: Observed) -> None:
    """A choice is recorded once for all items of a list, and not for the next exchange."""
    for number in ("1", "2", "3"):
        observed.kounta.customers.add(first_name="Ada", phone=number)
    observed.api.find()
    assert observed.kounta.requests[-1].quirks.count(ID_TEXT) == 1
    observed.api.get("/v1/companies/6")
    assert observed.asked() == {quirk("OTHER_COMPANY")}
    assert observed.direct == []


def test_what_cannot_change_the_answer_is_not_asked(observed: Observed) -> None:
    """A list without items, an email and an address without lines ask for no choice about items, digits or lines."""
    observed.api.find()
    assert observed.asked() == {quirk("ORDER_OF_LISTS"), quirk("PAGES_OF_AN_EMPTY_LIST")}
    observed.api.find(email="ada@example.com")
    assert observed.asked() == set()
    observed.api.create(primary_address={"city": "Exampleton"})
    assert observed.asked() == {CREATED, quirk("FORM_OF_LOCATION"), quirk("EXTENSION_ON_URLS")}


def test_a_direct_change_is_reported_at_its_end(observed: Observed) -> None:
    """The report has all assumptions that the change asked, also if it is refused."""
    observed.kounta.customers.add(**ADA)
    with pytest.raises(ValueError, match="already used"):
        observed.kounta.customers.add(**ADA)
    observed.kounta.customers.change(FIRST_ID, last_name="")
    with pytest.raises(ValueError, match="country"):
        observed.kounta.customers.add(**ABROAD)
    assert observed.direct == [{MOBILE}, {MOBILE, quirk("MOBILE_CHECKED_ON_CREATE")}, {quirk("CLEARING")}, {COUNTRY}]
    assert dict(observed.kounta.requests.covered) == {}


def test_questions_outside_any_exchange_are_reported(observed: Observed) -> None:
    """These are reported: the list of all customers, the payload of an unmade delivery, the API's document."""
    list(observed.kounta.customers)
    assert observed.direct == [{quirk("ORDER_OF_LISTS")}]
    with observed.kounta.fresh(webhook_mode="collect") as kounta:
        kounta.webhooks.add("customers/created", "http://127.0.0.1:9/")
        kounta.customers.add(**ADA, announce=True)
        observed.direct.clear()
        kounta.webhooks.payload(kounta.webhooks.deliveries[0])
        assert set().union(*observed.direct) == {FORM, ID_TEXT, quirk("ABSENT_FIELDS")}
    observed.direct.clear()
    observed.kounta.openapi()
    assert COUNTRY in set().union(*observed.direct)


def test_reading_the_choices_records_nothing(observed: Observed) -> None:
    """Reading and changing the choices records nothing."""
    assert observed.kounta.assumptions[CREATED.id] == "empty"
    observed.kounta.assume(**{CREATED.id: "customer"})
    assert (observed.kounta.assumptions.changes(), observed.direct) == ({CREATED.id: "customer"}, [])
    observed.api.create()
    assert CREATED in observed.asked()


def test_the_questions_of_a_seed_are_reported_for_each_world(observed: Observed) -> None:
    """The assumptions that reading the seed asked are reported, also for a refused seed."""
    with observed.kounta.fresh(seed=[ADA]) as kounta:
        assert {MOBILE} in observed.direct
        observed.direct.clear()
        kounta.reset()
        assert observed.direct == [{MOBILE}]
    observed.direct.clear()
    with pytest.raises(SeedError, match="country"), observed.kounta.fresh(seed=[ABROAD]):
        pass
    assert observed.direct == [{COUNTRY}]


def test_the_questions_of_a_state_are_reported(observed: Observed) -> None:
    """Restored data is checked like sent data, and its assumptions are reported."""
    lenient = FakeKounta(assumptions=LENIENT)
    lenient.customers.add(first_name="Ada", email="x")
    state = lenient.state()
    observed.kounta.restore({**state, "assumptions": LENIENT})
    assert set().union(*observed.direct) == {EMAIL}


def test_a_control_call_is_a_direct_change(observed: Observed) -> None:
    """A control call reports the assumptions that it asked, and no others."""
    observed.api.http.post("/_fakekounta/customers", json=ADA)
    assert observed.direct == [{MOBILE}]
    observed.direct.clear()
    assert observed.api.http.get("/_fakekounta/assumptions").status_code == 200
    assert observed.direct == []


def test_a_delivery_has_its_own_record(observed: Observed) -> None:
    """A delivery records the form of its payload; what its receiver does is a direct change, or an exchange."""

    def receive(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        observed.kounta.customers.add(first_name="Bea", mobile="2")
        observed.api.get("/v1/companies/6")
        start_response("204 No Content", [])
        return []

    observed.kounta.webhooks.deliver_to(receive)
    observed.kounta.webhooks.add("customers/created", "http://127.0.0.1:9/")
    observed.api.create(last_name="Lee", phone="1", image="x")
    assert [quirks & CHOICES.keys() for quirks in observed.delivered] == [{FORM, ID_TEXT, quirk("ABSENT_FIELDS")}]
    assert observed.direct == [{MOBILE}]
    assert observed.asked() == {quirk("OTHER_COMPANY")}


def test_what_an_observer_asks_is_not_the_exchange_s(observed: Observed) -> None:
    """The entry is complete when the observer is called."""
    seen: list[Entry] = []

    def look(entry: Entry) -> None:
        seen.append(entry)
        list(observed.kounta.customers)

    observed.kounta.observe(look)
    observed.api.get(f"{CUSTOMERS}/{FIRST_ID}")
    assert not CHOICES.keys() & set(seen[0].quirks)
    assert observed.direct == [{quirk("ORDER_OF_LISTS")}]


def test_a_request_that_goes_on_in_another_world_is_recorded_there(observed: Observed) -> None:
    """The entry of each world has the assumptions asked in it."""
    observed.kounta.customers.add(**ADA)
    state = observed.kounta.state()
    before = observed.kounta.requests
    worlds = iter([lambda: observed.kounta.restore(state)])
    company = observed.kounta.world.company
    get = company.customer

    def swapped(customer_id: int) -> Any:
        next(worlds, lambda: None)()
        return get(customer_id)

    company.customer = swapped  # type: ignore[method-assign]
    assert observed.api.get(f"{CUSTOMERS}/{FIRST_ID}").status_code == 200
    assert (len(before), observed.asked()) == (1, {FORM, ID_TEXT, quirk("ABSENT_FIELDS")})


def test_worlds_do_not_mix() -> None:
    """Two fakes and a namespace, used alternately by one thread, have separate records."""
    one, other = Observed(), Observed()
    one.kounta.customers.add(**ADA)
    other.api.find()
    one.kounta.namespace("a").customers.add(first_name="Ada", phone="1", email="x@example.com", last_name="")
    list(other.kounta.customers)
    assert (one.direct, other.direct) == ([{MOBILE}], [{quirk("ORDER_OF_LISTS")}])
    assert other.asked() == {quirk("ORDER_OF_LISTS"), quirk("PAGES_OF_AN_EMPTY_LIST")}


def test_threads_do_not_mix() -> None:
    """Each of several recording threads records only what it asks itself."""
    quirks = list(CHOICES)[:8]
    records: list[Asked] = [{} for _ in quirks]
    met = Barrier(len(quirks))

    def ask(number: int) -> None:
        with recording(records[number]):
            met.wait(10)
            Assumptions().choice(quirks[number])
            met.wait(10)

    threads = [Thread(target=ask, args=(number,)) for number in range(len(quirks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert records == [{one: None} for one in quirks]


def test_tasks_do_not_mix() -> None:
    """The same holds for asyncio tasks, which share a thread."""
    quirks = list(CHOICES)[:8]
    records: list[Asked] = [{} for _ in quirks]

    async def ask(number: int) -> None:
        with recording(records[number]):
            await asyncio.sleep(0)
            Assumptions().choice(quirks[number])
            await asyncio.sleep(0)

    async def ask_all() -> None:
        await asyncio.gather(*(ask(number) for number in range(len(quirks))))

    asyncio.run(ask_all())
    assert records == [{one: None} for one in quirks]


def test_a_recording_counts_for_the_one_around_it() -> None:
    """An inner recording counts for the outer one, and nothing is recorded after both."""
    outer: Asked = {}
    inner: Asked = {}
    chosen = Assumptions()
    with recording(outer):
        with recording(inner):
            chosen.choice(MOBILE)
        chosen.choice(FORM)
    chosen.choice(COUNTRY)
    assert ([*inner], [*outer]) == ([MOBILE], [MOBILE, FORM])


@pytest.fixture(autouse=True)
def nothing_is_left_recording() -> Iterator[None]:
    """Check that a test ends without an open recording in its thread."""
    yield
    assert RECORD.get() is None
