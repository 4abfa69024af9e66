"""Finding customers: by id, by email, by mobile, by name and phone."""

from __future__ import annotations

import pytest

from contracts.expecting import expect, expect_keys, expect_parts, expect_status, expect_success
from contracts.forms import absent_keys, record_keys
from contracts.samples import (
    NAME_LOOKUP,
    complete_customer,
    new_email,
    new_last_name,
    new_mobile,
    new_phone,
    new_reference_id,
)
from contracts.target import KountaTarget


@pytest.mark.quirk("C03")
def test_a_customer_is_got_by_id(target: KountaTarget) -> None:
    """The record is 200 and has the values that the customer was created with."""
    fields = complete_customer()
    customer = target.add_exactly(fields)
    answer = target.get(target.customer(customer))
    expect_status(answer, 200)
    record = target.record(customer)
    expect({key: record.get(key) for key in ("id", *fields)}, {"id": customer, **fields})


@pytest.mark.quirk("C03")
@pytest.mark.parametrize("fields", [{}, complete_customer()], ids=["least", "complete"])
def test_a_record_has_every_key(target: KountaTarget, fields: dict[str, object]) -> None:
    """The record has the same keys for every customer, and none that crash the Ruby client."""
    fresh = {"email": new_email()} | ({"mobile": new_mobile()} if fields else {})
    customer = target.add_customer(**{**fields, **fresh})
    record = target.raw_record(customer)
    absent = absent_keys(target.chosen, record) if not fields else set()
    expect(set(record), record_keys(target.chosen) - absent)


@pytest.mark.quirk("C03")
def test_a_record_of_whomever_has_every_key(target: KountaTarget) -> None:
    """A record of an existing customer, which is only read, has the same keys."""
    record = target.raw_record(target.some_customer())
    expect_keys(record, record_keys(target.chosen) - absent_keys(target.chosen, record))


@pytest.mark.quirk("C03")
@pytest.mark.parametrize(
    "unknown", ["0", "-1", "9223372036854775807", "1" + "0" * 40, "abc", "1.0", "%20", "1e3", "%00", "٣"]
)
def test_an_unknown_id_is_404(target: KountaTarget, unknown: str) -> None:
    """An id that no customer has, or that is not an id, is 404."""
    answer = target.get(target.customer(unknown))
    expect_status(answer, 404)


@pytest.mark.quirk("C04")
def test_an_email_leads_to_its_customer(target: KountaTarget) -> None:
    """`?email=` is a 302 to the record of the customer."""
    customer = target.add_customer(email=(email := new_email()))
    target.add_customer()
    answer = target.find(email=email)
    expect_status(answer, 302)
    expect_parts(target.follow(answer), {"id": customer})


@pytest.mark.quirk("C04")
@pytest.mark.parametrize("before,after", [("x", ""), ("", "x")])
def test_an_unknown_email_is_404(target: KountaTarget, before: str, after: str) -> None:
    """An unknown email is 404, and so is a part of a known one."""
    target.add_customer(email=(email := new_email()))
    answer = target.find(email=f"{before}{email}{after}")
    expect_status(answer, 404)


@pytest.mark.quirk("C05")
def test_name_and_phone_lead_to_their_customer(target: KountaTarget) -> None:
    """The three parameters together are a 302 to the record of the customer."""
    last, phone = new_last_name(), new_phone()
    customer = target.add_customer(last_name=last, phone=phone)
    target.add_customer(last_name=last, phone=new_phone())
    target.add_customer(first_name="Kim", last_name=last, phone=phone)
    target.add_customer(phone=phone)
    answer = target.find(first_name="Robin", last_name=last, phone=phone)
    expect_status(answer, 302)
    expect_parts(target.follow(answer), {"id": customer})


@pytest.mark.quirk("C05")
@pytest.mark.parametrize("other", NAME_LOOKUP)
def test_an_unknown_name_and_phone_are_404(target: KountaTarget, other: str) -> None:
    """If one of the three parameters differs, no customer is found."""
    known = {"first_name": "Robin", "last_name": new_last_name(), "phone": new_phone()}
    target.add_customer(**known)
    answer = target.find(**{**known, other: "0000"})
    expect_status(answer, 404)


@pytest.mark.quirk("C06")
def test_a_mobile_leads_to_its_customer(target: KountaTarget) -> None:
    """`?mobile=` is a 302 to the record of the customer."""
    customer = target.add_customer(mobile=(mobile := new_mobile()))
    target.add_customer(mobile=new_mobile())
    answer = target.find(mobile=mobile)
    expect_status(answer, 302)
    expect_parts(target.follow(answer), {"id": customer})


@pytest.mark.quirk("C06")
def test_an_unknown_mobile_is_404(target: KountaTarget) -> None:
    """A mobile that no customer has is 404."""
    answer = target.find(mobile=new_mobile())
    expect_status(answer, 404)


@pytest.mark.quirk("C06")
def test_the_lookup_by_mobile_ignores_phones(target: KountaTarget) -> None:
    """A customer's phone number is not found as a mobile."""
    target.add_customer(phone=(number := new_mobile()))
    expect_status(target.find(mobile=number), 404)


@pytest.mark.quirk("C20")
@pytest.mark.parametrize("field", ["email", "mobile"])
def test_a_new_customer_is_found_at_once(target: KountaTarget, field: str) -> None:
    """The look-up right after the POST finds the customer, though the one before it did not."""
    value = {"email": new_email, "mobile": new_mobile}[field]()
    assert target.finds(**{field: value}) is None
    customer = target.add_customer(**{field: value})
    assert target.finds(**{field: value}) == customer


@pytest.mark.quirk("C20")
def test_a_new_customer_is_found_by_name_at_once(target: KountaTarget) -> None:
    """The look-up by name and phone finds a new customer at once, too."""
    name = {"first_name": "Robin", "last_name": new_last_name(), "phone": new_phone()}
    assert target.finds(**name) is None
    customer = target.add_customer(**name)
    assert target.finds(**name) == customer


@pytest.mark.quirk("C20")
def test_a_new_customer_is_listed_at_once(target: KountaTarget) -> None:
    """The list by reference id has a new customer at once, too."""
    reference_id = new_reference_id()
    assert target.items(target.find(reference_id=reference_id)) == []
    customer = target.add_customer(reference_id=reference_id)
    assert [item["id"] for item in target.items(target.find(reference_id=reference_id))] == [customer]


@pytest.mark.quirk("C20")
def test_a_change_is_found_at_once(target: KountaTarget) -> None:
    """A customer is found by its new values, and no longer by the old ones."""
    old, new = new_email(), new_email()
    customer = target.add_customer(email=old)
    expect_success(target.change(customer, {"email": new}))
    assert target.finds(email=new) == customer
    assert target.finds(email=old) is None
