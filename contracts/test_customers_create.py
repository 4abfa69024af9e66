"""Creating customers."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from contracts.arranging import precondition, record_id
from contracts.expecting import expect, expect_header, expect_parts, expect_status, expect_success
from contracts.samples import (
    MARK,
    complete_customer,
    new_address,
    new_customer,
    new_email,
    new_mobile,
    new_phone,
)
from contracts.target import KountaTarget

NO_COUNTRIES = ["AUS", "A", "XX", "ZZ", "UK", "Australia", "036", "A1", " AU", "\uff21\uff35"]
NO_EMAILS = ["plain", "@example.com", "robin@", "robin smith@example.com", "a@b@example.com", " "]


@pytest.mark.quirk("C09")
@pytest.mark.parametrize("field", ["email", "phone", "mobile"])
def test_a_first_name_and_one_contact_are_enough(target: KountaTarget, field: str) -> None:
    """A first name and one of email, phone and mobile are enough."""
    value = {"email": new_email, "phone": new_phone, "mobile": new_mobile}[field]()
    record = target.record(target.add_exactly({"first_name": "Robin", "last_name": MARK, field: value}))
    expect_parts(record, {"first_name": "Robin", field: value})


@pytest.mark.quirk("C09")
@pytest.mark.parametrize("contacts", [{}, {"email": None}, {"email": ""}, {"phone": "", "mobile": None}])
def test_a_customer_needs_a_contact(target: KountaTarget, contacts: dict[str, Any]) -> None:
    """A customer without email, phone and mobile, or with empty ones, is 400."""
    target.refuses(target.create({"first_name": "Robin", "last_name": MARK, **contacts}))


@pytest.mark.quirk("C09")
@pytest.mark.parametrize("name", [{}, {"first_name": None}, {"first_name": ""}])
def test_a_customer_needs_a_first_name(target: KountaTarget, name: dict[str, Any]) -> None:
    """A customer without a first name, or with an empty one, is 400 and is not created."""
    email = new_email()
    target.refuses(target.create({"last_name": MARK, "email": email, **name}))
    assert target.finds(email=email) is None


@pytest.mark.quirk("C10")
@pytest.mark.parametrize("field", sorted(complete_customer()))
def test_every_editable_field_is_taken(target: KountaTarget, field: str) -> None:
    """POST stores each field that PUT may change."""
    fields = complete_customer()
    expect_parts(target.record(target.add_exactly(fields)), {field: fields[field]})


@pytest.mark.quirk("C10")
def test_no_other_field_is_stored(target: KountaTarget) -> None:
    """A read-only or unknown field has no effect on the new record."""
    others = {"id": 1, "people_id": 1, "created_at": "2001-01-01T00:00:00+10:00", "notes": "x", "orders": []}
    email = new_email()
    created = target.create(new_customer(email=email, primary_email_address=new_email(), **others))
    if created.is_client_error:
        target.not_provable("such fields are refused (A14)")
    precondition(created.status_code == 201, "C15", created)
    record = target.follow(created)
    assert record["id"] == record_id(created) != 1
    expect_parts(record, {"primary_email_address": email})
    assert not record["created_at"].startswith("2001")
    assert {"people_id", "notes", "orders"} & record.keys() == set()


@pytest.mark.quirk("C12")
@pytest.mark.parametrize("kind", ["primary_address", "shipping_address"])
@pytest.mark.parametrize("country", ["AU", "NZ", "GB", "DE", "CW", "SS"])
def test_a_country_is_an_iso_code(target: KountaTarget, kind: str, country: str) -> None:
    """A country code of two letters from ISO 3166-1 is stored."""
    customer = target.add_customer(**{kind: new_address(country=country)})
    expect_parts(target.record(customer)[kind], {"country": country}, f"$.{kind}")


@pytest.mark.quirk("C12")
@pytest.mark.parametrize("kind", ["primary_address", "shipping_address"])
@pytest.mark.parametrize("country", NO_COUNTRIES)
def test_no_other_country_is_taken(target: KountaTarget, kind: str, country: str) -> None:
    """Any other country is 400, on POST and on PUT."""
    target.refuses(target.create(new_customer(**{kind: new_address(country=country)})))
    customer = target.add_customer(**{kind: new_address()})
    target.refuses(target.change(customer, {kind: new_address(country=country)}))
    expect_parts(target.record(customer)[kind], {"country": new_address()["country"]}, f"$.{kind}")


@pytest.mark.quirk("C15")
def test_created_is_201_with_the_location(target: KountaTarget) -> None:
    """The Location of the 201 leads to the new customer."""
    fields = new_customer()
    created = target.create(fields)
    expect_status(created, 201)
    expect_header(created, "Location")
    record = target.follow(created)
    expect_parts(record, {"email": fields["email"]})
    path = httpx.URL(created.headers["Location"]).path
    expect(path.removesuffix(".json"), target.customer(record["id"]), "header Location")


@pytest.mark.quirk("C15")
def test_every_customer_has_a_location_of_its_own(target: KountaTarget) -> None:
    """Two customers with the same fields are two records."""
    fields = new_customer()
    assert target.add_exactly(fields) != target.add_exactly(fields)


@pytest.mark.quirk("C22")
@pytest.mark.parametrize("field", ["first_name", "last_name", "phone", "email", "mobile", "image", "reference_id"])
@pytest.mark.parametrize("value", [412345678, 1.5, True, ["x"], {"x": "y"}], ids=repr)
def test_a_text_is_a_string(target: KountaTarget, field: str, value: Any) -> None:
    """A number, boolean, array or object in a text field is refused."""
    target.refuses(target.create(new_customer(phone=new_phone()) | {field: value}))


@pytest.mark.quirk("C22")
@pytest.mark.parametrize("value", ["Tea", 1, True, {"0": "Tea"}, ["Tea", 1], ["Tea", None], [["Tea"]]], ids=repr)
def test_tags_are_an_array_of_strings(target: KountaTarget, value: Any) -> None:
    """Any other value of tags is refused."""
    target.refuses(target.create(new_customer(tags=value)))


@pytest.mark.quirk("C22")
@pytest.mark.parametrize("value", ["true", "yes", 1, 0, [], {}], ids=repr)
def test_accepts_marketing_is_a_boolean(target: KountaTarget, value: Any) -> None:
    """Any other value of accepts_marketing is refused."""
    target.refuses(target.create(new_customer(accepts_marketing=value)))


@pytest.mark.quirk("C22")
@pytest.mark.parametrize("kind", ["primary_address", "shipping_address"])
@pytest.mark.parametrize("value", ["1 Example St", 1, True, [], ["x"], {"city": 1}, {"postal_code": 3999}], ids=repr)
def test_an_address_is_an_object_of_strings(target: KountaTarget, kind: str, value: Any) -> None:
    """Any other value of an address is refused."""
    target.refuses(target.create(new_customer(**{kind: value})))


@pytest.mark.quirk("C22")
def test_a_wrong_type_changes_nothing(target: KountaTarget) -> None:
    """A PUT with one wrong type is refused and changes no field."""
    customer = target.add_customer()
    target.refuses(target.change(customer, {"first_name": "Kim", "tags": "Tea"}))
    expect_parts(target.record(customer), {"first_name": "Robin"})


@pytest.mark.quirk("A14")
def test_fields_that_may_not_be_set_are_not_refused(target: KountaTarget) -> None:
    """POST and PUT accept and ignore further fields, or refuse them, if that is expected."""
    others = {"id": 1, "company_id": 1, "addresses": {"count": 9}, "email_addresses": ["x"], "notes": None}
    answers = (target.create(new_customer(**others)), target.change(target.add_customer(), others))
    for answer in answers:
        if target.chosen["A14"] == "refused":
            target.refuses(answer)
        else:
            expect_success(answer)


@pytest.mark.quirk("A17")
@pytest.mark.parametrize(
    "field,value",
    [
        ("first_name", 1),
        ("email", 1),
        ("accepts_marketing", "yes"),
        ("tags", "Tea"),
        ("shipping_address", "x"),
        ("primary_address", {"country": "Mars"}),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_refused_field_is_named(target: KountaTarget, method: str, field: str, value: Any) -> None:
    """A wrong field is 400, or 422 if that is expected; the description has its name and a reason."""
    if method == "POST":
        answer = target.create(new_customer(**{field: value}))
    else:
        answer = target.change(target.add_customer(), {field: value})
    target.refuses(answer)
    if isinstance(description := answer.json().get("error_description"), str):  # T10
        assert field in description
        assert len(description.split()) > 2


@pytest.mark.quirk("A21")
@pytest.mark.parametrize("country", ["au", "Au", "aU"])
def test_a_country_in_lower_case_is_refused(target: KountaTarget, country: str) -> None:
    """A country code in lower case is refused, or stored in capitals, if that is expected."""
    created = target.create(new_customer(primary_address=new_address(country=country)))
    if target.chosen["A21"] == "refused":
        target.refuses(created)
    else:
        precondition(created.status_code == 201, "C15", created)
        expect_parts(target.follow(created)["primary_address"], {"country": "AU"}, "$.primary_address")


@pytest.mark.quirk("A22")
@pytest.mark.parametrize("email", NO_EMAILS)
def test_an_invalid_email_is_refused(target: KountaTarget, email: str) -> None:
    """POST and PUT refuse an invalid email, or accept it, if that is expected."""
    created = target.create(new_customer(phone=new_phone(), email=email))
    changed = target.change(target.add_customer(phone=new_phone()), {"email": email})
    for answer in (created, changed):
        if target.chosen["A22"] == "refused":
            target.refuses(answer)
        else:
            expect_success(answer)


@pytest.mark.quirk("A22")
@pytest.mark.parametrize("before", ["o'brien+tag.", "a_b-", "x!#$%&*/=?^`{|}~"])
def test_an_unusual_email_is_taken(target: KountaTarget, before: str) -> None:
    """An email with every permitted character is stored and found."""
    customer = target.add_customer(email=(email := before + new_email()))
    expect_parts(target.record(customer), {"email": email})
    assert target.finds(email=email) == customer
