"""A choice that is asked is recorded: for the exchange, delivery or direct change under way, and for no other."""

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
from fakekounta.worlds.seed import SeedError
from tests.caller import CUSTOMERS, FIRST_ID, Caller
from tests.choices import COUNTRY, EMAIL, LENIENT, quirk

ADA: dict[str, Any] = {"first_name": "Ada", "mobile": "1"}
ABROAD: dict[str, Any] = {"first_name": "Ada", "phone": "1", "primary_address": {"country": "au"}}
CREATED = quirk("BODY_OF_CREATED")
MOBILE = quirk("COMPARISON")
FORM, ID_TEXT = quirk("EMAIL_KEYS"), quirk("ID_STR")


class Told:
    """A fake, and what it tells of uses that are no exchanges."""

    def __init__(self, **settings: Any) -> None:
        self.kounta = FakeKounta(**settings)
        self.api = Caller(self.kounta)
        self.direct: list[set[Quirk]] = []
        self.delivered: list[set[Quirk]] = []
        self.kounta.on_delivery(lambda quirks: self.delivered.append(set(quirks)))
        self.kounta.on_direct_change(lambda quirks: self.direct.append(set(quirks)))

    def asked(self) -> set[Quirk]:
        """The choices of the last exchange."""
        return {one for one in self.kounta.requests[-1].quirks if one in CHOICES}


@pytest.fixture
def told() -> Told:
    return Told()


def test_a_choice_is_recorded_once_for_its_exchange(told: Told) -> None:
    """However many items of a list ask it; the next exchange begins with nothing."""
    for number in ("1", "2", "3"):
        told.kounta.customers.add(first_name="Ada", phone=number)
    told.api.find()
    assert told.kounta.requests[-1].quirks.count(ID_TEXT) == 1
    told.api.get("/v1/companies/6")
    assert told.asked() == {quirk("OTHER_COMPANY")}
    assert told.direct == []


def test_what_cannot_change_the_answer_is_not_asked(told: Told) -> None:
    """A list without items has no form, an email no digits, and an address without lines one meaning."""
    told.api.find()
    assert told.asked() == {quirk("ORDER_OF_LISTS"), quirk("PAGES_OF_AN_EMPTY_LIST")}
    told.api.find(email="ada@example.com")
    assert told.asked() == set()
    told.api.create(primary_address={"city": "Exampleton"})
    assert told.asked() == {CREATED, quirk("FORM_OF_LOCATION"), quirk("EXTENSION_ON_URLS")}


def test_a_direct_change_is_reported_at_its_end(told: Told) -> None:
    """The report has all assumptions that it asked about, whether the change is refused or not."""
    told.kounta.customers.add(**ADA)
    with pytest.raises(ValueError, match="already used"):
        told.kounta.customers.add(**ADA)
    told.kounta.customers.change(FIRST_ID, last_name="")
    with pytest.raises(ValueError, match="country"):
        told.kounta.customers.add(**ABROAD)
    assert told.direct == [{MOBILE}, {MOBILE, quirk("MOBILE_CHECKED_ON_CREATE")}, {quirk("CLEARING")}, {COUNTRY}]
    assert dict(told.kounta.requests.covered) == {}


def test_questions_outside_any_exchange_are_reported(told: Told) -> None:
    """The list of all customers, the payload of a delivery that was not made, the document of the API."""
    list(told.kounta.customers)
    assert told.direct == [{quirk("ORDER_OF_LISTS")}]
    with told.kounta.fresh(webhook_mode="collect") as kounta:
        kounta.webhooks.add("customers/created", "http://127.0.0.1:9/")
        kounta.customers.add(**ADA, announce=True)
        told.direct.clear()
        kounta.webhooks.payload(kounta.webhooks.deliveries[0])
        assert set().union(*told.direct) == {FORM, ID_TEXT, quirk("ABSENT_FIELDS")}
    told.direct.clear()
    told.kounta.openapi()
    assert COUNTRY in set().union(*told.direct)


def test_reading_the_choices_records_nothing(told: Told) -> None:
    """Nor does changing them."""
    assert told.kounta.assumptions[CREATED.id] == "empty"
    told.kounta.assume(**{CREATED.id: "customer"})
    assert (told.kounta.assumptions.changes(), told.direct) == ({CREATED.id: "customer"}, [])
    told.api.create()
    assert CREATED in told.asked()


def test_the_questions_of_a_seed_are_reported_for_each_world(told: Told) -> None:
    """Reading the seed asked about assumptions; reading a refused seed did, too."""
    with told.kounta.fresh(seed=[ADA]) as kounta:
        assert {MOBILE} in told.direct
        told.direct.clear()
        kounta.reset()
        assert told.direct == [{MOBILE}]
    told.direct.clear()
    with pytest.raises(SeedError, match="country"), told.kounta.fresh(seed=[ABROAD]):
        pass
    assert told.direct == [{COUNTRY}]


def test_the_questions_of_a_state_are_reported(told: Told) -> None:
    """Restored data is checked like sent data."""
    lenient = FakeKounta(assumptions=LENIENT)
    lenient.customers.add(first_name="Ada", email="x")
    state = lenient.state()
    told.kounta.restore({**state, "assumptions": LENIENT})
    assert set().union(*told.direct) == {EMAIL}


def test_a_control_call_is_a_direct_change(told: Told) -> None:
    """It reports the assumptions that it asked about, and no others."""
    told.api.http.post("/_fakekounta/customers", json=ADA)
    assert told.direct == [{MOBILE}]
    told.direct.clear()
    assert told.api.http.get("/_fakekounta/assumptions").status_code == 200
    assert told.direct == []


def test_a_delivery_has_its_own_record(told: Told) -> None:
    """The form of its payload; what its receiver does to the fake meanwhile is a direct change, and an exchange."""

    def receive(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        told.kounta.customers.add(first_name="Bea", mobile="2")
        told.api.get("/v1/companies/6")
        start_response("204 No Content", [])
        return []

    told.kounta.webhooks.deliver_to(receive)
    told.kounta.webhooks.add("customers/created", "http://127.0.0.1:9/")
    told.api.create(last_name="Lee", phone="1", image="x")
    assert [quirks & CHOICES.keys() for quirks in told.delivered] == [{FORM, ID_TEXT, quirk("ABSENT_FIELDS")}]
    assert told.direct == [{MOBILE}]
    assert told.asked() == {quirk("OTHER_COMPANY")}


def test_what_an_observer_asks_is_not_the_exchange_s(told: Told) -> None:
    """Its entry is complete when it is told of."""
    seen: list[Entry] = []

    def look(entry: Entry) -> None:
        seen.append(entry)
        list(told.kounta.customers)

    told.kounta.observe(look)
    told.api.get(f"{CUSTOMERS}/{FIRST_ID}")
    assert not CHOICES.keys() & set(seen[0].quirks)
    assert told.direct == [{quirk("ORDER_OF_LISTS")}]


def test_a_request_that_goes_on_in_another_world_is_recorded_there(told: Told) -> None:
    """The entry of each world has what was asked in it."""
    told.kounta.customers.add(**ADA)
    state = told.kounta.state()
    before = told.kounta.requests
    worlds = iter([lambda: told.kounta.restore(state)])
    company = told.kounta.world.company
    get = company.customer

    def swapped(customer_id: int) -> Any:
        next(worlds, lambda: None)()
        return get(customer_id)

    company.customer = swapped  # type: ignore[method-assign]
    assert told.api.get(f"{CUSTOMERS}/{FIRST_ID}").status_code == 200
    assert (len(before), told.asked()) == (1, {FORM, ID_TEXT, quirk("ABSENT_FIELDS")})


def test_worlds_do_not_mix() -> None:
    """Two fakes and a namespace, used in turn by one thread."""
    one, other = Told(), Told()
    one.kounta.customers.add(**ADA)
    other.api.find()
    one.kounta.namespace("a").customers.add(first_name="Ada", phone="1", email="x@example.com", last_name="")
    list(other.kounta.customers)
    assert (one.direct, other.direct) == ([{MOBILE}], [{quirk("ORDER_OF_LISTS")}])
    assert other.asked() == {quirk("ORDER_OF_LISTS"), quirk("PAGES_OF_AN_EMPTY_LIST")}


def test_threads_do_not_mix() -> None:
    """Each records what it asks itself, while all are recording."""
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
    """So it is with tasks of asyncio, which share a thread."""
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
    """And nothing is recorded when both have ended."""
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
    """A test ends with no recording open in its thread."""
    yield
    assert RECORD.get() is None
