"""Clearing the fields of a customer, and changing a part of an address."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.expecting import expect, expect_parts, expect_success
from contracts.forms import editable
from contracts.samples import (
    MARK,
    complete_customer,
    new_email,
    new_mobile,
    new_phone,
    new_reference_id,
)
from contracts.target import KountaTarget

CLEARED = ("image", "last_name", "mobile", "phone", "primary_address", "reference_id", "shipping_address")


def clears(target: KountaTarget, customer: int, fields: dict[str, Any]) -> bool:
    """Return whether these values clear; if a refusal is expected, check it, and that nothing changed."""
    before = target.record(customer)
    answer = target.change(customer, fields)
    if target.chosen["A13"] == "clears":
        expect_success(answer)
        return True
    target.refuses(answer)
    expect(editable(target.record(customer)), editable(before))
    return False


@pytest.mark.quirk("A13")
@pytest.mark.parametrize("empty", [None, ""], ids=repr)
@pytest.mark.parametrize("field", CLEARED)
def test_an_optional_field_is_cleared(target: KountaTarget, field: str, empty: str | None) -> None:
    """null and the empty string clear the field and change no other."""
    if field.endswith("_address") and empty == "":
        empty = None  # only text fields are cleared by the empty string
    customer = target.add_exactly(complete_customer())
    before = target.record(customer)
    if clears(target, customer, {field: empty}):
        after = target.record(customer)
        assert not after[field]
        assert editable({**after, field: ""}) == editable({**before, field: ""})


@pytest.mark.quirk("A13")
@pytest.mark.parametrize("empty", [None, ""], ids=repr)
def test_an_email_is_cleared_under_both_keys(target: KountaTarget, empty: str | None) -> None:
    """If there is another contact, the email can be cleared, and look-ups by it find nothing."""
    customer = target.add_customer(email=(email := new_email()), phone=new_phone())
    if clears(target, customer, {"email": empty}):
        record = target.record(customer)
        expect_parts(record, {"email": None, "primary_email_address": None})
        assert target.finds(email=email) is None


@pytest.mark.quirk("A13")
def test_null_clears_tags_and_consent(target: KountaTarget) -> None:
    """null makes the tags empty and accepts_marketing false."""
    customer = target.add_exactly(complete_customer())
    if clears(target, customer, {"tags": None, "accepts_marketing": None}):
        record = target.record(customer)
        expect_parts(record, {"tags": [], "accepts_marketing": False})


@pytest.mark.quirk("A13")
@pytest.mark.parametrize("empty", [None, ""], ids=repr)
@pytest.mark.parametrize("field", ["email", "phone", "mobile"])
def test_the_last_contact_stays(target: KountaTarget, field: str, empty: str | None) -> None:
    """A change that would leave no contact is 400 and changes nothing."""
    value = {"email": new_email, "phone": new_phone, "mobile": new_mobile}[field]()
    customer = target.add_exactly({"first_name": "Robin", "last_name": MARK, field: value})
    target.refuses(target.change(customer, {"first_name": "Kim", field: empty}))
    record = target.record(customer)
    expect_parts(record, {"first_name": "Robin", field: value})


@pytest.mark.quirk("A13")
def test_the_last_contact_can_be_replaced(target: KountaTarget) -> None:
    """A change that clears one contact and sets another is accepted."""
    customer = target.add_customer()
    if clears(target, customer, {"email": None, "phone": (phone := new_phone())}):
        record = target.record(customer)
        expect_parts(record, {"email": None, "phone": phone})


@pytest.mark.quirk("A13")
@pytest.mark.parametrize("empty", [None, ""], ids=repr)
def test_the_first_name_stays(target: KountaTarget, empty: str | None) -> None:
    """A change that would leave no first name is 400 and changes nothing."""
    customer = target.add_customer()
    target.refuses(target.change(customer, {"first_name": empty, "reference_id": (given := new_reference_id())}))
    record = target.record(customer)
    expect_parts(record, {"first_name": "Robin"})
    assert record["reference_id"] != given


@pytest.mark.quirk("A23")
@pytest.mark.parametrize("kind", ["primary_address", "shipping_address"])
def test_an_address_replaces_the_whole_address(target: KountaTarget, kind: str) -> None:
    """Parts that are not sent are cleared, or kept if that is expected; the other address is unchanged."""
    customer = target.add_exactly(complete_customer())
    other = {"primary_address": "shipping_address", "shipping_address": "primary_address"}[kind]
    before = target.record(customer)
    sent = {"city": "Newtown", "country": "NZ"}
    after = target.changed(customer, {kind: sent})
    parts = {key: value for key, value in after[kind].items() if value}
    assert parts == ({**before[kind], **sent} if target.chosen["A23"] == "merged" else sent)
    expect_parts(after, {other: before[other]})
