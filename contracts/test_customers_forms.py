"""The forms of responses about a customer, where the documentation says nothing."""

from __future__ import annotations

import httpx
import pytest

from contracts.arranging import precondition, record_id
from contracts.expecting import expect, expect_parts
from contracts.forms import expected_extension, id_str, short_id_str
from contracts.samples import (
    ADDRESS_KEYS,
    MARK,
    new_address,
    new_customer,
    new_email,
    new_last_name,
    new_phone,
    without_timestamps,
)
from contracts.target import KountaTarget


@pytest.mark.quirk("A01")
def test_created_has_no_body(target: KountaTarget) -> None:
    """A 201 has an empty body, or the record as a GET has it, if that is expected."""
    created = target.create(new_customer())
    precondition(created.status_code == 201, "C15", created)
    if target.chosen["A01"] == "customer":
        record = target.raw_record(record_id(created))
        expect(without_timestamps(created.json()), without_timestamps(record))
    else:
        expect(created.content, b"", "body")


@pytest.mark.quirk("A02")
def test_a_location_is_absolute(target: KountaTarget) -> None:
    """Location has scheme and host, on 201 and on 302; or is a path, if that is expected."""
    created = target.create(new_customer(email=(email := new_email())))
    precondition("Location" in created.headers, "C15", created)
    origin = target.url if target.chosen["A02"] == "absolute" else ""
    expected = origin + target.customer(record_id(created))
    expect(created.headers["Location"].removesuffix(".json"), expected, "header Location")
    found = target.find(email=email)
    precondition(found.status_code == 302, "C04", found)
    expect(found.headers["Location"].removesuffix(".json"), expected, "header Location")


@pytest.mark.quirk("A03")
@pytest.mark.parametrize("extension", ["", ".json"])
def test_a_location_has_the_extension_of_the_request(target: KountaTarget, extension: str) -> None:
    """Location ends with .json if and only if the request's path did; or always, or never, if that is expected."""
    path = target.customers + extension
    created = target.create(new_customer(email=(email := new_email())), path=path)
    precondition("Location" in created.headers, "C15", created)
    expected = target.customer(record_id(created)) + expected_extension(target.chosen, extension)
    expect(httpx.URL(created.headers["Location"]).path, expected, "header Location")
    found = target.get(f"{path}?email={email}")
    precondition(found.status_code == 302, "C04", found)
    expect(httpx.URL(found.headers["Location"]).path, expected, "header Location")


@pytest.mark.quirk("A05")
def test_an_address_is_answered_as_it_is_sent(target: KountaTarget) -> None:
    """An address has exactly the keys `address city state postal_code country`, or the expected ones."""
    customer = target.add_customer(primary_address=(address := new_address()))
    keys = ADDRESS_KEYS
    if target.chosen["A05"] == "lines":
        keys = ADDRESS_KEYS - {"address", "state"} | {"id", "lines", "zone"}
        keys |= id_str(target.chosen)
    expect(set(target.raw_record(customer)["primary_address"]), keys, "$.primary_address")
    expect_parts(target.record(customer), {"primary_address": address})


@pytest.mark.quirk("A06")
def test_what_is_absent_is_null(target: KountaTarget) -> None:
    """Without a value, phone, mobile, image and both addresses are null, last_name is ""; or the keys are absent."""
    record = target.raw_record(target.add_exactly({"first_name": "Robin", "email": new_email()}))
    nulls = ("phone", "mobile", "image", "primary_address", "shipping_address")
    absent = {**dict.fromkeys(nulls), "last_name": ""} if target.chosen["A06"] == "null" else {}
    expect({key: record[key] for key in (*nulls, "last_name") if key in record}, absent)
    expect_parts(record, {"tags": [], "accepts_marketing": False})


@pytest.mark.quirk("A06")
def test_an_absent_email_is_null(target: KountaTarget) -> None:
    """Without an email, both of its keys are null."""
    record = target.raw_record(target.add_exactly({"first_name": MARK, "phone": new_phone()}))
    found = {key: record[key] for key in ("email", "primary_email_address") if key in record}
    if target.chosen["A06"] == "omitted":
        expect(found, {})
    else:
        assert set(found.values()) == {None}


@pytest.mark.quirk("A18")
def test_a_short_id_has_no_id_str(target: KountaTarget) -> None:
    """Neither the record nor the list has `id_str` for an id below 2^53; or both have it, if that is expected."""
    customer = target.add_customer(reference_id=(reference_id := new_last_name()))
    assert customer < 2**53
    expected = short_id_str(target.chosen, customer)
    expect(target.raw_record(customer).get("id_str"), expected, "$.id_str")
    for item in target.items(target.find(reference_id=reference_id)):
        expect(item.get("id_str"), expected, "$.id_str")
