"""Tests of the handles of `FakeKounta` for companies and customers, which make no request to the API."""

from __future__ import annotations

from typing import Any

import pytest

from fakekounta import Address, FakeKounta

FIELDS = (
    "first_name, last_name, email, phone, mobile, image, tags, primary_address, shipping_address, reference_id, "
    "accepts_marketing, id, reference_ids"
)
SAM: dict[str, Any] = {"first_name": "Sam", "phone": "1"}


# --- customers -------------------------------------------------------------------------------------------------


def test_customers_are_added_and_found() -> None:
    """`add` returns the customer as stored; `all`, `get`, `len` and iteration find it."""
    kounta = FakeKounta()
    address = {"address": "1 Example St", "city": "Exampleton", "country": "AU"}
    sam = kounta.customers.add(**SAM, primary_address=address, tags=["a", "b"], reference_id="r")
    kim = kounta.customers.add(first_name="Kim", email="kim@example.com", id=7)
    assert (sam.id, sam.tags, sam.reference_id("fake-client-id")) == (389427, ("a", "b"), "r")
    assert sam.primary_address == Address(address="1 Example St", city="Exampleton", country="AU")
    assert kounta.customers.get(sam.id) == sam
    assert kounta.customers.all() == list(kounta.customers) == [kim, sam]
    assert len(kounta.customers) == 2


def test_customers_are_removed() -> None:
    """`remove` returns the customer, and nothing finds it afterwards."""
    kounta = FakeKounta()
    sam = kounta.customers.add(**SAM, mobile="0400")
    assert kounta.customers.remove(sam.id) == sam
    assert (kounta.customers.all(), len(kounta.customers)) == ([], 0)
    assert kounta.customers.add(**SAM, mobile="0400").id == sam.id + 1


@pytest.mark.parametrize("customer_id", [0, -1, 389428, 2**70])
def test_an_unknown_customer_is_a_key_error(customer_id: int) -> None:
    """`get` and `remove` raise KeyError with the id."""
    kounta = FakeKounta(seed=[SAM])
    for call in (kounta.customers.get, kounta.customers.remove):
        with pytest.raises(KeyError) as caught:
            call(customer_id)
        assert caught.value.args == (customer_id,)
    assert len(kounta.customers) == 1


@pytest.mark.parametrize(
    "fields,message",
    [
        ({}, "first_name: is required"),
        ({"first_name": "Sam"}, "email: one of email, phone and mobile is required"),
        ({**SAM, "email": "sam"}, "email: is not an email address"),
        ({**SAM, "first_name": 5}, "first_name: must be a string"),
        ({**SAM, "tags": "a"}, "tags: must be an array of strings"),
        ({**SAM, "tags": [None]}, "tags.0: must be a string"),
        (
            {**SAM, "primary_address": {"country": "Australia"}},
            "primary_address.country: is not a two-letter ISO 3166-1 country code",
        ),
        ({**SAM, "nickname": "S"}, f"nickname: is not a field of a customer; known are {FIELDS}"),
        ({**SAM, "id": 389427}, "id: there is a customer 389427 already"),
        ({**SAM, "mobile": "0400"}, "mobile: is already used by customer 389427"),
        ({**SAM, "reference_ids": {"a": 1}}, "reference_ids: must be an object of client ids to strings"),
    ],
)
def test_a_wrong_customer_is_a_value_error(fields: dict[str, Any], message: str) -> None:
    """`add` names the field and the reason, and stores nothing."""
    kounta = FakeKounta(seed=[{**SAM, "mobile": "0400"}])
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is compared whole
        kounta.customers.add(**fields)
    assert str(caught.value) == message
    assert len(kounta.customers) == 1


def test_returned_lists_and_customers_do_not_change() -> None:
    """A returned list, and a customer, stay the same when the store changes."""
    kounta = FakeKounta(seed=[SAM])
    before, customer = kounta.customers.all(), kounta.customers.get(389427)
    iterator = iter(kounta.customers)
    kounta.customers.add(first_name="Kim", phone="2")
    with kounta.httpx_client() as client:
        client.put("/v1/companies/me/customers/389427", json={"first_name": "Ash"}, auth=kounta.auth)
    assert before == [customer] == list(iterator)
    assert customer.first_name == "Sam"
    with pytest.raises(AttributeError):
        customer.first_name = "Kim"  # type: ignore[misc]


# --- companies -------------------------------------------------------------------------------------------------


def test_companies_are_a_mapping() -> None:
    """Companies are ordered by id, an unknown id is a KeyError, and each has its own customers."""
    kounta = FakeKounta(companies=[{"id": 1, "name": "One", "timezone": "UTC"}])
    assert list(kounta.companies) == [5678, 1]
    assert (len(kounta.companies), 1 in kounta.companies, 2 in kounta.companies) == (2, True, False)
    assert [company.name for company in kounta.companies.values()] == ["Fake Kounta Cafe", "One"]
    with pytest.raises(KeyError) as caught:
        _ = kounta.companies[2]
    assert caught.value.args == (2,)
    one = kounta.companies[1]
    assert (one.id, one.timezone, repr(one)) == (1, "UTC", "<company 1 'One'>")
    one.customers.add(**SAM)
    assert (len(one.customers), len(kounta.customers)) == (1, 0)
    assert kounta.companies[5678].customers.all() == kounta.company.customers.all() == []


def test_handles_follow_the_world() -> None:
    """After a reset a handle shows the new world."""
    kounta = FakeKounta()
    customers, companies = kounta.customers, kounta.companies
    customers.add(**SAM)
    kounta.reset()
    assert len(customers) == len(companies[5678].customers) == 0
    with kounta.fresh(companies=[{"id": 1}], seed=[SAM]):
        assert (len(customers), list(companies)) == (1, [5678, 1])
    assert (len(customers), list(companies)) == (0, [5678])


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda kounta: kounta.customers.get(1), "there is no customer 1; there are none"),
        (lambda kounta: kounta.companies[1], "there is no company 1; there are 5678"),
        (lambda kounta: kounta.webhooks.remove(1), "there is no webhook 1; there are none"),
        (
            lambda kounta: kounta.webhooks.add("customers/created", "http://127.0.0.1:9/", company_id=1),
            "there is no company 1; there are 5678",
        ),
        (lambda kounta: kounta.webhooks.redeliver(1), "there is no delivery 1; there are none"),
        (lambda kounta: kounta.faults.remove(1), "there is no fault 1; there are none"),
        (lambda kounta: kounta.namespaces["x"], "there is no namespace 'x'; there are none"),
        (lambda kounta: kounta.namespaces.drop("x"), "there is no namespace 'x'; there are none"),
    ],
)
def test_a_key_that_there_is_not_is_answered_with_those_that_there_are(call: Any, message: str) -> None:
    """It is a KeyError whose argument is the key, as before."""
    with pytest.raises(KeyError) as caught:
        call(FakeKounta())
    assert str(caught.value) == message
    assert caught.value.args[0] in (1, "x")


def test_of_many_customers_the_first_are_named() -> None:
    """The repr names the first customers and the number of the others."""
    kounta = FakeKounta(seed=[{"id": number, "first_name": "J", "phone": "1"} for number in range(1, 1_013)])
    with pytest.raises(
        KeyError, match=r"^there is no customer 9999; there are 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 1,002 mo"
    ):
        kounta.customers.change(9999, first_name="K")


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda kounta: kounta.customers.change(1, first_nam="J"), "; did you mean first_name?"),
        (
            lambda kounta: kounta.webhooks.add("customers/created", "http://127.0.0.1:9/", filtre={}),
            "known are topic, address, format, filter, headers; did you mean filter?",
        ),
        (lambda kounta: kounta.webhooks.change(1, adress="http://127.0.0.1:9/"), "; did you mean address?"),
        (lambda kounta: kounta.requests.find(statsu=404), "unknown condition 'statsu'; known are method, path, "),
        (lambda kounta: kounta.requests.assert_made(statsu=404), "; did you mean status?"),
        (lambda kounta: kounta.assume(a07="x"), "; did you mean A07?"),
        (lambda kounta: kounta.assume(A01="custmer"), "choose from empty, customer; did you mean customer?"),
        (lambda kounta: kounta.faults.add(statsu=500), "; did you mean status?"),
    ],
)
def test_a_mistyped_name_is_answered_with_the_known_ones_and_the_nearest(call: Any, message: str) -> None:
    """A mistyped name raises an error of one line, with the known names and the nearest one."""
    with pytest.raises((ValueError, TypeError)) as caught:
        call(FakeKounta())
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
