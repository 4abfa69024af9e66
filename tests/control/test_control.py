"""Tests of the control surface: health, reset, state, customers, clock; every refusal names the field."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from fakekounta import FakeKounta, __version__

OTHER = 6789
AT = "2026-11-23T18:40:00+11:00"


@pytest.fixture
def fake(fakekounta_server: FakeKounta) -> Iterator[FakeKounta]:
    settings: dict[str, Any] = {
        "companies": [{"id": OTHER, "name": "Other"}],
        "applications": [{"client_id": "other-id", "client_secret": "other-secret", "company_id": OTHER}],
        "seed": [{"first_name": "Sam", "email": "sam@example.com", "mobile": "0400"}],
    }
    with fakekounta_server.fresh(**settings) as kounta:
        yield kounta


def control(kounta: FakeKounta, method: str, path: str, document: Any = None) -> httpx.Response:
    with kounta.httpx_client() as client:
        headers = {"Content-Type": "application/json"}
        return client.request(method, f"/_fakekounta/{path}", json=document, headers=headers)


def refusal(answer: httpx.Response, status: int = 400) -> str:
    """Return the description of a refusal, after checking its shape."""
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error", "error_description"}
    return str(answer.json()["error_description"])


# --- health and reset ------------------------------------------------------------------------------------------


def test_health_tells_the_version(fake: FakeKounta) -> None:
    """health is exactly a status and the version."""
    assert control(fake, "GET", "health").json() == {"status": "ok", "version": __version__}


def test_reset_returns_to_the_seed(fake: FakeKounta) -> None:
    """After a reset there are exactly the seed's customers, and the clock runs."""
    seeded = fake.customers.all()
    control(fake, "POST", "customers", {"first_name": "Kim", "phone": "1"})
    control(fake, "DELETE", f"customers/{seeded[0].id}")
    control(fake, "PUT", "clock", {"frozen": True, "now": AT})
    assert control(fake, "POST", "reset").json() == {"status": "ok"}
    assert fake.customers.all() == seeded
    assert not fake.clock.frozen


def test_control_calls_are_no_requests_to_the_api(fake: FakeKounta) -> None:
    """Neither the journal nor the rate limit counts them."""
    with fake.fresh(rate_limit={"basic": 1}) as kounta:
        for _ in range(3):
            assert control(kounta, "GET", "clock").status_code == 200
        assert len(kounta.requests) == 0


# --- customers -------------------------------------------------------------------------------------------------


def test_one_customer_is_added(fake: FakeKounta) -> None:
    """An object is 201 with the stored customer and its new id."""
    answer = control(fake, "POST", "customers", {"first_name": "Kim", "phone": "02 1234", "reference_id": "r"})
    assert answer.status_code == 201
    document = answer.json()
    customer = fake.customers.get(document["id"])
    assert (customer.first_name, customer.phone) == ("Kim", "02 1234")
    assert customer.reference_ids == (("fake-client-id", "r"),)
    assert document["reference_ids"] == {"fake-client-id": "r"}


def test_many_customers_are_added(fake: FakeKounta) -> None:
    """An array is answered with an array in the same order; given ids are kept."""
    sent = [{"first_name": "A", "phone": "1"}, {"id": 7, "first_name": "B", "phone": "2"}]
    answer = control(fake, "POST", "customers", sent)
    assert answer.status_code == 201
    assert [item["first_name"] for item in answer.json()] == ["A", "B"]
    assert answer.json()[1]["id"] == 7
    assert [fake.customers.get(item["id"]).first_name for item in answer.json()] == ["A", "B"]


def test_an_empty_array_adds_nothing(fake: FakeKounta) -> None:
    """[] is answered with []."""
    answer = control(fake, "POST", "customers", [])
    assert (answer.status_code, answer.json(), len(fake.customers)) == (201, [], 1)


def test_a_returned_customer_can_be_added_to_another_company(fake: FakeKounta) -> None:
    """A returned document can be sent and adds the same customer to another company."""
    address = {"address": "1 Example St", "country": "AU"}
    whole = {"first_name": "Kim", "email": "k@example.com", "tags": ["a"], "shipping_address": address}
    document = control(fake, "POST", "customers", {**whole, "reference_ids": {"x": "y"}}).json()
    again = control(fake, "POST", f"customers?company_id={OTHER}", document)
    assert (again.status_code, again.json()) == (201, document)


def test_a_customer_goes_to_the_company_that_is_named(fake: FakeKounta) -> None:
    """company_id= selects the company, and so the application of reference_id."""
    document = {"first_name": "Kim", "phone": "1", "reference_id": "r"}
    made = control(fake, "POST", f"customers?company_id={OTHER}", document).json()
    assert [customer.id for customer in fake.companies[OTHER].customers] == [made["id"]]
    assert made["reference_ids"] == {"other-id": "r"}
    assert len(fake.customers) == 1
    assert control(fake, "DELETE", f"customers/{made['id']}?company_id={OTHER}").json() == {"status": "ok"}
    assert len(fake.companies[OTHER].customers) == 0


@pytest.mark.parametrize("company_id", ["1", "", "me", "05678", "-5678", "5678 ", "x"])
@pytest.mark.parametrize("method,path", [("POST", "customers"), ("DELETE", "customers/389427")])
def test_an_unknown_company_is_refused(fake: FakeKounta, method: str, path: str, company_id: str) -> None:
    """An unknown company_id is 404, and the refusal lists the known ones."""
    answer = control(fake, method, f"{path}?company_id={company_id}", {"first_name": "Kim", "phone": "1"})
    assert refusal(answer, 404) == f"company_id: the companies are 5678, {OTHER}"
    assert len(fake.customers) == 1


@pytest.mark.parametrize(
    "document,description",
    [
        ({}, "first_name: is required"),
        ({"first_name": "Kim"}, "email: one of email, phone and mobile is required"),
        ({"first_name": "Kim", "email": "kim"}, "email: is not an email address"),
        ({"first_name": 1, "phone": "1"}, "first_name: must be a string"),
        ({"first_name": "Kim", "phone": "1", "nickname": "K"}, "nickname: is not a field of a customer"),
        ({"first_name": "Kim", "phone": "1", "id": 0}, "id: must be a whole number from 1 to "),
        ({"first_name": "Kim", "phone": "1", "id": "7"}, "id: must be a whole number from 1 to "),
        ({"first_name": "Kim", "phone": "1", "id": True}, "id: must be a whole number from 1 to "),
        ({"first_name": "Kim", "phone": "1", "id": 2**63}, "id: must be a whole number from 1 to "),
        ({"first_name": "Kim", "phone": "1", "reference_ids": {"a": 1}}, "reference_ids: must be an object"),
        ({"first_name": "Kim", "phone": "1", "reference_ids": ["a"]}, "reference_ids: must be an object"),
        ({"first_name": "Kim", "phone": "1", "primary_address": {"country": "XX"}}, "primary_address.country: is not "),
        ({"first_name": "Kim", "phone": "1", "shipping_address": 7}, "shipping_address: must be an object"),
        ("Kim", "customer: must be an object"),
        (None, "customer: must be an object"),
    ],
)
def test_a_refused_customer_is_named_alone_and_in_an_array(fake: FakeKounta, document: Any, description: str) -> None:
    """The refusal names the field, in an array with the position, and then adds none of the array."""
    before = fake.customers.all()
    if document is not None:
        assert refusal(control(fake, "POST", "customers", document)).startswith(description)
    good = {"first_name": "Kim", "phone": "1"}
    many = control(fake, "POST", "customers", [good, document, good])
    assert refusal(many).startswith(f"[1].{description}")
    assert fake.customers.all() == before


@pytest.mark.parametrize(
    "documents,description",
    [
        ([{"mobile": "0400"}], "[0].mobile: is already used by customer 389427"),
        ([{"id": 9, "mobile": "1"}, {"mobile": "2"}, {"mobile": "1"}], "[2].mobile: is already used by customer 9"),
        ([{"mobile": "1"}, {"id": 389427, "mobile": "2"}], "[1].id: there is a customer 389427 already"),
        ([{"id": 5, "mobile": "1"}, {"id": 5, "mobile": "2"}], "[1].id: there is a customer 5 already"),
    ],
)
def test_a_taken_mobile_or_id_is_a_conflict(
    fake: FakeKounta, documents: list[dict[str, Any]], description: str
) -> None:
    """A mobile or id that is taken, also within the array, is 409 at its position, and none is added."""
    before = fake.customers.all()
    answer = control(fake, "POST", "customers", [{"first_name": "Kim", **one} for one in documents])
    assert refusal(answer, 409) == description
    assert fake.customers.all() == before


@pytest.mark.parametrize("customer_id", ["1", "0", "-1", "x", "9" * 19, "9" * 30, "\u0661", "389427.0"])
def test_removing_an_unknown_customer_is_404(fake: FakeKounta, customer_id: str) -> None:
    """An unknown id is 404, and all customers stay."""
    assert (
        refusal(control(fake, "DELETE", f"customers/{customer_id}"), 404) == "company 5678 has no customer with this id"
    )
    assert len(fake.customers) == 1


def test_a_removed_customer_is_gone(fake: FakeKounta) -> None:
    """After DELETE no look-up of the API finds the customer, and its mobile is free."""
    assert control(fake, "DELETE", "customers/389427").json() == {"status": "ok"}
    with fake.httpx_client() as client:
        for asked in ("/389427", "?email=sam@example.com", "?mobile=0400"):
            assert client.get(f"/v1/companies/me/customers{asked}", auth=fake.auth).status_code == 404
    assert control(fake, "POST", "customers", {"first_name": "Kim", "mobile": "0400"}).status_code == 201
    assert refusal(control(fake, "DELETE", "customers/389427"), 404)


# --- clock -----------------------------------------------------------------------------------------------------


def test_the_clock_can_be_frozen_moved_and_released(fake: FakeKounta) -> None:
    """PUT clock applies frozen and now, then advance_seconds, and returns the result."""
    assert control(fake, "GET", "clock").json()["frozen"] is False
    frozen = control(fake, "PUT", "clock", {"frozen": True, "now": AT}).json()
    assert frozen == {"frozen": True, "now": "2026-11-23T07:40:00+00:00", "rate": 1}
    assert control(fake, "GET", "clock").json() == frozen
    moved = control(fake, "PUT", "clock", {"advance_seconds": 61.5}).json()
    assert moved == {"frozen": True, "now": "2026-11-23T07:41:01.500000+00:00", "rate": 1}
    both = control(fake, "PUT", "clock", {"now": AT, "advance_seconds": 1}).json()
    assert both == {"frozen": True, "now": "2026-11-23T07:40:01+00:00", "rate": 1}
    released = control(fake, "PUT", "clock", {"frozen": False}).json()
    assert released["frozen"] is False
    assert (
        timedelta()
        <= datetime.fromisoformat(released["now"]) - datetime.fromisoformat(both["now"])
        < timedelta(minutes=1)
    )


def test_a_running_clock_can_be_set(fake: FakeKounta) -> None:
    """`now` alone sets a running clock, which goes on running."""
    answer = control(fake, "PUT", "clock", {"now": "2031-01-01T00:00:00Z"}).json()
    assert answer["frozen"] is False
    assert fake.clock.now() - datetime(2031, 1, 1, tzinfo=timezone.utc) < timedelta(minutes=1)


def test_an_empty_clock_document_changes_nothing(fake: FakeKounta) -> None:
    """The response to {} is the unchanged clock."""
    fake.clock.freeze(AT)
    assert control(fake, "PUT", "clock", {}).json() == control(fake, "GET", "clock").json()


@pytest.mark.parametrize(
    "document,field",
    [
        ([], "clock"),
        ("frozen", "clock"),
        ({"freeze": True}, "freeze"),
        ({"frozen": 1}, "frozen"),
        ({"frozen": None}, "frozen"),
        ({"frozen": "true"}, "frozen"),
        ({"now": 0}, "now"),
        ({"now": ""}, "now"),
        ({"now": "tomorrow"}, "now"),
        ({"now": "2026-11-23T18:40:00"}, "now"),
        ({"now": "0001-01-01T00:00:00+14:00"}, "now"),
        ({"now": "9999-12-31T23:59:59-14:00"}, "now"),
        ({"frozen": True, "now": "2026-13-01T00:00:00Z"}, "now"),
        ({"rate": 0}, "rate"),
        ({"rate": -1}, "rate"),
        ({"rate": 1_000_001}, "rate"),
        ({"rate": 10**400}, "rate"),
        ({"rate": "60"}, "rate"),
        ({"rate": None}, "rate"),
        ({"rate": 60, "advance_seconds": -1}, "advance_seconds"),
        ({"advance_seconds": "61"}, "advance_seconds"),
        ({"advance_seconds": True}, "advance_seconds"),
        ({"advance_seconds": None}, "advance_seconds"),
        ({"advance_seconds": -0.001}, "advance_seconds"),
        ({"frozen": False, "now": "2031-01-01T00:00:00Z", "advance_seconds": -1}, "advance_seconds"),
    ],
)
@pytest.mark.parametrize("frozen", [True, False])
def test_a_refused_clock_names_the_field(fake: FakeKounta, frozen: bool, document: Any, field: str) -> None:
    """The refusal begins with the field, and no part of the document takes effect."""
    if frozen:
        fake.clock.freeze(AT)
    before = fake.clock.frozen, fake.clock.offset_seconds, fake.clock.rate
    assert refusal(control(fake, "PUT", "clock", document)).startswith(f"{field}: ")
    assert (fake.clock.frozen, fake.clock.offset_seconds, fake.clock.rate) == before
    assert not frozen or fake.clock.now().isoformat() == "2026-11-23T07:40:00+00:00"


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize(
    "document", [{"advance_seconds": 10**400}, {"now": "2031-01-01T00:00:00Z", "advance_seconds": 1e12}], ids=str
)
def test_a_step_beyond_the_calendar_is_a_conflict(fake: FakeKounta, frozen: bool, document: Any) -> None:
    """The step is 409, because it depends on the current time; no part of the document takes effect."""
    if frozen:
        fake.clock.freeze(AT)
    before = fake.clock.frozen, fake.clock.offset_seconds, fake.clock.rate
    assert refusal(control(fake, "PUT", "clock", document), 409).startswith("advance_seconds: ")
    assert (fake.clock.frozen, fake.clock.offset_seconds, fake.clock.rate) == before


# --- routes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["x", "nothing", "health/", "/health", "state/x", "customers/1/2", "health.json"])
def test_other_paths_are_404_in_json(fake: FakeKounta, path: str) -> None:
    """An unknown path is a 404 in the shape of a refusal, without a redirect or a page."""
    for method in ("GET", "POST"):
        assert refusal(control(fake, method, path), 404)
