"""Changing customers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from contracts.samples import (
    complete_customer,
    new_address,
    new_customer,
    new_email,
    new_last_name,
    new_mobile,
    new_phone,
    new_reference_id,
    without_timestamps,
)
from contracts.target import KountaTarget

CLEARED = {
    "last_name": "",
    "phone": None,
    "mobile": None,
    "image": None,
    "primary_address": None,
    "shipping_address": None,
    "reference_id": "",
}


@pytest.mark.quirk("C13")
@pytest.mark.parametrize("field", sorted(complete_customer()))
def test_every_editable_field_can_be_changed(target: KountaTarget, field: str) -> None:
    """PUT of one of the eleven fields changes it to what was sent."""
    new = complete_customer(
        first_name="Kim",
        last_name=new_last_name(),
        tags=["Coffee"],
        image="https://images.example.com/kim.png",
        primary_address=new_address(city="Newtown"),
        shipping_address=new_address(city="Oldtown"),
        accepts_marketing=False,
    )
    customer = target.add_exactly(old := complete_customer())
    assert old[field] != new[field]
    assert target.change(customer, {field: new[field]}).status_code == 200
    assert target.record(customer)[field] == new[field]


@pytest.mark.quirk("C13")
@pytest.mark.parametrize(
    "other",
    [
        {"id": 1},
        {"primary_email_address": "somebody@example.com"},
        {"created_at": "2001-01-01T00:00:00+10:00", "updated_at": "2001-01-01T00:00:00+10:00"},
        {"people_id": 1, "company_id": 1},
        {"notes": "x", "__class__": "x", "": "x"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_nothing_else_can_be_changed(target: KountaTarget, other: dict[str, Any]) -> None:
    """PUT of any other key leaves the record as it was."""
    customer = target.add_exactly(complete_customer())
    before = target.record(customer)
    target.change(customer, other)
    after = target.record(customer)
    assert without_timestamps(after) == without_timestamps(before)
    assert not after["created_at"].startswith("2001")


@pytest.mark.quirk("C14")
@pytest.mark.parametrize("more", [{}, {"first_name": "Kim", "email": "kim@example.com"}])
def test_a_taken_mobile_changes_nothing(target: KountaTarget, more: dict[str, str]) -> None:
    """A PUT with the mobile of another customer is refused whole."""
    target.add_customer(mobile=(taken := new_mobile()))
    customer = target.add_customer(mobile=new_mobile())
    before = target.record(customer)
    assert 400 <= target.change(customer, {"mobile": taken, **more}).status_code < 500
    assert without_timestamps(target.record(customer)) == without_timestamps(before)


@pytest.mark.quirk("C14")
def test_a_customer_may_keep_its_mobile(target: KountaTarget) -> None:
    """A PUT with the mobile that the customer has is no conflict."""
    customer = target.add_customer(mobile=(mobile := new_mobile()))
    assert target.change(customer, {"mobile": mobile, "first_name": "Kim"}).status_code == 200


@pytest.mark.quirk("C14")
@pytest.mark.parametrize("instead", ["another", None, ""])
def test_a_mobile_that_was_given_up_is_free(target: KountaTarget, instead: str | None) -> None:
    """Once a customer has another mobile or none, somebody else can have the old one."""
    first = target.add_customer(mobile=(mobile := new_mobile()))
    second = target.add_customer()
    value = new_mobile() if instead == "another" else instead
    assert target.change(first, {"mobile": value}).status_code == 200
    assert target.change(second, {"mobile": mobile}).status_code == 200
    assert target.follow(target.find(mobile=mobile))["id"] == second


@pytest.mark.quirk("C14")
def test_many_customers_may_have_no_mobile(target: KountaTarget) -> None:
    """No mobile is not a mobile that is taken."""
    for absent in ({}, {}, {"mobile": None}, {"mobile": None}, {"mobile": ""}, {"mobile": ""}):
        assert target.create(new_customer(**absent)).status_code == 201


@pytest.mark.quirk("C14")
def test_one_of_many_at_once_gets_the_mobile(target: KountaTarget) -> None:
    """Of requests at the same time for one mobile, exactly one succeeds."""
    fields = [new_customer(mobile=mobile) for mobile in [new_mobile()] * 12]
    with ThreadPoolExecutor(max_workers=6) as pool:
        answers = list(pool.map(target.create, fields))
    assert [answer.status_code == 201 for answer in answers].count(True) == 1
    assert all(answer.is_client_error for answer in answers if answer.status_code != 201)


@pytest.mark.quirk("C16")
def test_a_change_is_200(target: KountaTarget) -> None:
    """A PUT that succeeds is 200."""
    assert target.change(target.add_customer(), {"first_name": "Kim"}).status_code == 200


@pytest.mark.quirk("C16")
def test_a_change_of_nothing_is_200(target: KountaTarget) -> None:
    """So is one that has nothing to change."""
    assert target.change(target.add_customer(), {}).status_code == 200


@pytest.mark.quirk("C17")
@pytest.mark.parametrize("field", sorted(complete_customer()))
def test_what_is_not_sent_stays(target: KountaTarget, field: str) -> None:
    """A PUT with only one field keeps all the others."""
    customer = target.add_exactly(fields := complete_customer())
    before = target.record(customer)
    assert target.change(customer, {field: fields[field]}).status_code == 200
    assert without_timestamps(target.record(customer)) == without_timestamps(before)


@pytest.mark.quirk("C17")
@pytest.mark.parametrize("fields", [{}, complete_customer()], ids=["least", "complete"])
def test_a_fetched_record_can_be_sent_back(target: KountaTarget, fields: dict[str, Any]) -> None:
    """A PUT of the whole record is 200 and changes nothing."""
    fresh = {"email": new_email()} | ({"mobile": new_mobile()} if fields else {})
    before = target.record(customer := target.add_customer(**{**fields, **fresh}))
    assert target.change(customer, before).status_code == 200
    assert without_timestamps(target.record(customer)) == without_timestamps(before)


@pytest.mark.quirk("C17")
def test_a_fetched_record_can_be_sent_back_changed(target: KountaTarget) -> None:
    """A PUT of the whole record with one field changed changes that field, keys of older records included."""
    record = target.record(customer := target.add_exactly(complete_customer()))
    older = {"people_id": customer, "company_id": 1, "addresses": {"count": 2}, "email_addresses": []}
    assert target.change(customer, {**record, **older, "first_name": "Kim"}).status_code == 200
    assert without_timestamps(target.record(customer)) == without_timestamps({**record, "first_name": "Kim"})


@pytest.mark.quirk("C18")
@pytest.mark.parametrize("change", [{}, {"first_name": "Kim"}, {"tags": []}], ids=repr)
def test_a_change_answers_the_customer(target: KountaTarget, change: dict[str, Any]) -> None:
    """The body of the 200 is the record as a GET has it, after the change."""
    customer = target.add_exactly(complete_customer())
    answer = target.change(customer, change)
    assert answer.headers["Content-Type"].partition(";")[0] == "application/json"
    assert without_timestamps(answer.json()) == without_timestamps(target.record(customer))
    assert change.items() <= answer.json().items()


@pytest.mark.quirk("C21")
def test_a_customer_cannot_be_deleted(target: KountaTarget) -> None:
    """DELETE is 405 with Allow, and the customer stays."""
    customer = target.add_customer()
    answer = target.ask("DELETE", target.customer(customer))
    assert (answer.status_code, answer.json()["error"]) == (405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "PUT"}
    assert target.record(customer)["id"] == customer


@pytest.mark.quirk("A04")
def test_the_email_stands_under_both_keys(target: KountaTarget) -> None:
    """`email` and `primary_email_address` are the same, after a change too."""
    customer = target.add_customer(email=(first := new_email()))
    record = target.record(customer)
    assert (record["email"], record["primary_email_address"]) == (first, first)
    changed = target.change(customer, {"email": (second := new_email())}).json()
    assert (changed["email"], changed["primary_email_address"]) == (second, second)


@pytest.mark.quirk("A07")
def test_a_taken_mobile_is_a_conflict(target: KountaTarget) -> None:
    """It is refused with 409 `conflict`."""
    target.add_customer(mobile=(taken := new_mobile()))
    answer = target.change(target.add_customer(), {"mobile": taken})
    assert (answer.status_code, answer.json()["error"]) == (409, "conflict")


@pytest.mark.quirk("A08")
def test_a_taken_mobile_is_refused_on_create(target: KountaTarget) -> None:
    """POST refuses it as PUT does, and creates nothing."""
    first = target.add_customer(mobile=(taken := new_mobile()))
    answer = target.create(new_customer(email=(email := new_email()), mobile=taken))
    assert (answer.status_code, answer.json()["error"]) == (409, "conflict")
    assert target.find(email=email).status_code == 404
    assert target.follow(target.find(mobile=taken))["id"] == first


@pytest.mark.quirk("A13")
@pytest.mark.parametrize("empty", [None, ""], ids=repr)
@pytest.mark.parametrize("field", sorted(CLEARED))
def test_an_optional_field_is_cleared(target: KountaTarget, field: str, empty: str | None) -> None:
    """null and the empty string make the field absent, and nothing else."""
    if field.endswith("_address") and empty == "":
        empty = None  # the empty string is the empty value of texts only
    customer = target.add_exactly(complete_customer())
    before = target.record(customer)
    assert target.change(customer, {field: empty}).status_code == 200
    after = without_timestamps(target.record(customer))
    assert after == without_timestamps({**before, field: CLEARED[field]})


@pytest.mark.quirk("A13")
@pytest.mark.parametrize("empty", [None, ""], ids=repr)
def test_an_email_is_cleared_under_both_keys(target: KountaTarget, empty: str | None) -> None:
    """If there is another contact, the email can be cleared, and finds nobody from then on."""
    customer = target.add_customer(email=(email := new_email()), phone=new_phone())
    changed = target.change(customer, {"email": empty})
    assert (changed.status_code, changed.json()["email"]) == (200, None)
    assert changed.json()["primary_email_address"] is None
    assert target.find(email=email).status_code == 404


@pytest.mark.quirk("A13")
def test_null_clears_tags_and_consent(target: KountaTarget) -> None:
    """null makes tags empty and accepts_marketing false."""
    customer = target.add_exactly(complete_customer())
    changed = target.change(customer, {"tags": None, "accepts_marketing": None})
    assert (changed.status_code, changed.json()["tags"]) == (200, [])
    assert changed.json()["accepts_marketing"] is False


@pytest.mark.quirk("A13")
@pytest.mark.parametrize("empty", [None, ""], ids=repr)
@pytest.mark.parametrize("field", ["email", "phone", "mobile"])
def test_the_last_contact_stays(target: KountaTarget, field: str, empty: str | None) -> None:
    """A change that would leave no contact is 400 and changes nothing."""
    value = {"email": new_email, "phone": new_phone, "mobile": new_mobile}[field]()
    customer = target.add_exactly({"first_name": "Robin", field: value})
    answer = target.change(customer, {"first_name": "Kim", field: empty})
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_request")
    record = target.record(customer)
    assert (record["first_name"], record[field]) == ("Robin", value)


@pytest.mark.quirk("A13")
def test_the_last_contact_can_be_replaced(target: KountaTarget) -> None:
    """A change that clears one contact and sets another is taken."""
    customer = target.add_customer()
    changed = target.change(customer, {"email": None, "phone": (phone := new_phone())})
    assert (changed.status_code, changed.json()["email"], changed.json()["phone"]) == (200, None, phone)


@pytest.mark.quirk("A13")
@pytest.mark.parametrize("empty", [None, ""], ids=repr)
def test_the_first_name_stays(target: KountaTarget, empty: str | None) -> None:
    """A change that would leave no first name is 400 and changes nothing."""
    customer = target.add_customer()
    answer = target.change(customer, {"first_name": empty, "reference_id": new_reference_id()})
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_request")
    record = target.record(customer)
    assert (record["first_name"], record["reference_id"]) == ("Robin", "")


@pytest.mark.quirk("A23")
@pytest.mark.parametrize("kind", ["primary_address", "shipping_address"])
def test_an_address_replaces_the_whole_address(target: KountaTarget, kind: str) -> None:
    """Parts that are not sent are gone; the other address stays."""
    customer = target.add_exactly(complete_customer())
    other = {"primary_address": "shipping_address", "shipping_address": "primary_address"}[kind]
    before = target.record(customer)
    assert target.change(customer, {kind: {"city": "Newtown", "country": "NZ"}}).status_code == 200
    after = target.record(customer)
    parts = {key: value for key, value in after[kind].items() if value}
    assert parts == {"city": "Newtown", "country": "NZ"}
    assert after[other] == before[other]
