"""Finding customers: by id, by email, by mobile, by name and phone."""

from __future__ import annotations

import httpx
import pytest

from contracts.forms import absent_keys, record_keys
from contracts.samples import (
    complete_customer,
    new_email,
    new_last_name,
    new_mobile,
    new_phone,
    new_reference_id,
)
from contracts.target import KountaTarget, arranged

NAME_LOOKUP = ("first_name", "last_name", "phone")


@pytest.mark.quirk("C03")
def test_a_customer_is_got_by_id(target: KountaTarget) -> None:
    """The record is 200 and holds what the customer was created with."""
    fields = complete_customer()
    customer = target.add_exactly(fields)
    answer = target.get(target.customer(customer))
    assert answer.status_code == 200
    record = target.record(customer)
    assert {key: record.get(key) for key in ("id", *fields)} == {"id": customer, **fields}


@pytest.mark.quirk("C03")
@pytest.mark.parametrize("fields", [{}, complete_customer()], ids=["least", "complete"])
def test_a_record_has_every_key(target: KountaTarget, fields: dict[str, object]) -> None:
    """The record has the same keys whatever is known of the customer, and none that crash the Ruby client."""
    fresh = {"email": new_email()} | ({"mobile": new_mobile()} if fields else {})
    customer = target.add_customer(**{**fields, **fresh})
    record = target.raw_record(customer)
    absent = absent_keys(target.chosen, record) if not fields else set()
    assert set(record) == record_keys(target.chosen) - absent


@pytest.mark.quirk("C03")
def test_a_record_of_whomever_has_every_key(target: KountaTarget) -> None:
    """A record that is only read has them too."""
    record = target.raw_record(target.some_customer())
    assert record.keys() >= record_keys(target.chosen) - absent_keys(target.chosen, record)


@pytest.mark.quirk("C03")
@pytest.mark.parametrize(
    "unknown", ["0", "-1", "9223372036854775807", "1" + "0" * 40, "abc", "1.0", "%20", "1e3", "%00", "٣"]
)
def test_an_unknown_id_is_404(target: KountaTarget, unknown: str) -> None:
    """An id that no customer has, or that is no id at all, is 404."""
    answer = target.get(target.customer(unknown))
    assert answer.status_code == 404


@pytest.mark.quirk("C04")
def test_an_email_leads_to_its_customer(target: KountaTarget) -> None:
    """`?email=` is a 302 whose Location is that customer's record."""
    customer = target.add_customer(email=(email := new_email()))
    target.add_customer()
    answer = target.find(email=email)
    assert answer.status_code == 302
    assert target.follow(answer)["id"] == customer


@pytest.mark.quirk("C04")
@pytest.mark.parametrize("before,after", [("x", ""), ("", "x")])
def test_an_email_of_nobody_is_404(target: KountaTarget, before: str, after: str) -> None:
    """An email of which only a part is known is 404."""
    target.add_customer(email=(email := new_email()))
    answer = target.find(email=f"{before}{email}{after}")
    assert answer.status_code == 404


@pytest.mark.quirk("C05")
def test_name_and_phone_lead_to_their_customer(target: KountaTarget) -> None:
    """The three together are a 302 whose Location is that customer's record."""
    last, phone = new_last_name(), new_phone()
    customer = target.add_customer(last_name=last, phone=phone)
    target.add_customer(last_name=last, phone=new_phone())
    target.add_customer(first_name="Kim", last_name=last, phone=phone)
    target.add_customer(phone=phone)
    answer = target.find(first_name="Robin", last_name=last, phone=phone)
    assert answer.status_code == 302
    assert target.follow(answer)["id"] == customer


@pytest.mark.quirk("C05")
@pytest.mark.parametrize("other", NAME_LOOKUP)
def test_name_and_phone_of_nobody_are_404(target: KountaTarget, other: str) -> None:
    """If one of the three is another, nobody is found."""
    known = {"first_name": "Robin", "last_name": new_last_name(), "phone": new_phone()}
    target.add_customer(**known)
    answer = target.find(**{**known, other: "0000"})
    assert answer.status_code == 404


@pytest.mark.quirk("C06")
def test_a_mobile_leads_to_its_customer(target: KountaTarget) -> None:
    """`?mobile=` is a 302 whose Location is that customer's record."""
    customer = target.add_customer(mobile=(mobile := new_mobile()))
    target.add_customer(mobile=new_mobile())
    answer = target.find(mobile=mobile)
    assert answer.status_code == 302
    assert target.follow(answer)["id"] == customer


@pytest.mark.quirk("C06")
def test_a_mobile_of_nobody_is_404(target: KountaTarget) -> None:
    """A mobile that no customer has is 404."""
    answer = target.find(mobile=new_mobile())
    assert answer.status_code == 404


@pytest.mark.quirk("C06")
def test_a_phone_is_no_mobile(target: KountaTarget) -> None:
    """A number that is only somebody's phone is not found as a mobile."""
    target.add_customer(phone=(number := new_mobile()))
    assert target.find(mobile=number).status_code == 404


@pytest.mark.quirk("C20")
@pytest.mark.parametrize("field", ["email", "mobile"])
def test_a_new_customer_is_found_at_once(target: KountaTarget, field: str) -> None:
    """The lookup right after the POST finds it, though the one right before did not."""
    value = {"email": new_email, "mobile": new_mobile}[field]()
    assert target.finds(**{field: value}) is None
    customer = target.add_customer(**{field: value})
    assert target.finds(**{field: value}) == customer


@pytest.mark.quirk("C20")
def test_a_new_customer_is_found_by_name_at_once(target: KountaTarget) -> None:
    """The same holds for name and phone."""
    name = {"first_name": "Robin", "last_name": new_last_name(), "phone": new_phone()}
    assert target.finds(**name) is None
    customer = target.add_customer(**name)
    assert target.finds(**name) == customer


@pytest.mark.quirk("C20")
def test_a_new_customer_is_listed_at_once(target: KountaTarget) -> None:
    """The same holds for the reference id."""
    reference_id = new_reference_id()
    assert target.items(target.find(reference_id=reference_id)) == []
    customer = target.add_customer(reference_id=reference_id)
    assert [item["id"] for item in target.items(target.find(reference_id=reference_id))] == [customer]


@pytest.mark.quirk("C20")
def test_a_change_is_found_at_once(target: KountaTarget) -> None:
    """A customer is found by what it was changed to, and no longer by what it had."""
    old, new = new_email(), new_email()
    customer = target.add_customer(email=old)
    assert target.change(customer, {"email": new}).is_success
    assert target.finds(email=new) == customer
    assert target.finds(email=old) is None


@pytest.mark.quirk("A09")
@pytest.mark.parametrize(
    "given", [{"first_name"}, {"last_name"}, {"phone"}, set(NAME_LOOKUP[:2]), set(NAME_LOOKUP[1:])]
)
def test_part_of_name_and_phone_is_refused(target: KountaTarget, given: set[str]) -> None:
    """Only some of the three are 400, even if they fit a customer; or they count for nothing, if that is expected."""
    known = {"first_name": "Robin", "last_name": new_last_name(), "phone": new_phone()}
    target.add_customer(**known)
    answer = target.find(**{name: known[name] for name in sorted(given)})
    if target.chosen["A09"] == "list":
        assert answer.status_code == 200
        assert len(target.items(answer)) > 0
    else:
        assert answer.status_code == 400


@pytest.mark.quirk("A10")
def test_the_oldest_of_several_with_an_email_is_found(target: KountaTarget) -> None:
    """Of customers with one email the lowest id is the one, or the highest, if that is expected."""
    email = new_email()
    customers = [target.add_customer(email=email) for _ in range(3)]
    assert target.finds(email=email) == the_one(target, customers)


@pytest.mark.quirk("A10")
def test_the_oldest_counts_even_if_it_came_to_the_email_last(target: KountaTarget) -> None:
    """It is the age of the customer that counts, not since when it has the email."""
    oldest = target.add_customer()
    newest = target.add_customer(email=(email := new_email()))
    assert target.change(oldest, {"email": email}).is_success
    assert target.finds(email=email) == the_one(target, [oldest, newest])


@pytest.mark.quirk("A10")
def test_the_oldest_of_several_with_name_and_phone_is_found(target: KountaTarget) -> None:
    """Of customers with one name and phone the lowest id is the one."""
    name = {"first_name": "Robin", "last_name": new_last_name(), "phone": new_phone()}
    customers = [target.add_customer(**name) for _ in range(3)]
    assert target.finds(**name) == the_one(target, customers)


def the_one(target: KountaTarget, customers: list[int]) -> int:
    """Which of several customers is expected to be found."""
    return max(customers) if target.chosen["A10"] == "newest" else min(customers)


@pytest.mark.quirk("A11")
def test_the_case_of_an_email_does_not_count(target: KountaTarget) -> None:
    """An email is found in any case and stays in the record as it was sent."""
    email = new_email().replace("fakekounta", "FakeKounta")
    customer = target.add_customer(email=email)
    for spelling in (email, email.lower(), email.upper()):
        assert target.finds(email=spelling) == customer
    assert target.record(customer)["email"] == email


@pytest.mark.quirk("A11")
@pytest.mark.parametrize("field", ["first_name", "last_name"])
def test_the_case_of_a_name_counts(target: KountaTarget, field: str) -> None:
    """A name in other letters is another name."""
    known = {"first_name": "Robin", "last_name": new_last_name(), "phone": new_phone()}
    target.add_customer(**known)
    assert target.finds(**{**known, field: known[field].upper()}) is None


@pytest.mark.quirk("A11")
@pytest.mark.parametrize("other", ["{} ", " {}", "+{}"])
def test_spaces_and_signs_of_a_mobile_count(target: KountaTarget, other: str) -> None:
    """A mobile with the same digits is another mobile, or the same, if that is expected."""
    customer = target.add_customer(mobile=(mobile := new_mobile()))
    expected = customer if target.chosen["A11"] == "digits" else None
    assert target.finds(mobile=other.format(mobile)) == expected


@pytest.mark.quirk("A11")
def test_spaces_of_a_phone_count(target: KountaTarget) -> None:
    """A phone with the same digits is another phone, or the same, if that is expected."""
    known = {"first_name": "Robin", "last_name": new_last_name(), "phone": new_phone()}
    customer = target.add_customer(**known)
    expected = customer if target.chosen["A11"] == "digits" else None
    assert target.finds(**{**known, "phone": known["phone"].replace(" ", "")}) == expected


@pytest.mark.quirk("A12")
def test_the_most_specific_lookup_counts(target: KountaTarget) -> None:
    """Email comes before mobile, mobile before name and phone, and these before the reference id; or 400."""
    name = {"first_name": "Robin", "last_name": new_last_name(), "phone": new_phone()}
    email, mobile, reference_id = new_email(), new_mobile(), new_reference_id()
    named = target.add_customer(**name)
    with_mobile = target.add_customer(mobile=mobile)
    with_email = target.add_customer(email=email)
    rest = {"reference_id": reference_id}
    lookups = [
        ({**rest, **name}, named),
        ({**rest, **name, "mobile": mobile}, with_mobile),
        ({**rest, **name, "mobile": mobile, "email": email}, with_email),
    ]
    for query, customer in lookups:
        if target.chosen["A12"] == "refused":
            assert target.find(**query).status_code == 400
        else:
            assert target.finds(**query) == customer


@pytest.mark.quirk("A12")
def test_the_most_specific_lookup_counts_even_if_it_finds_nobody(target: KountaTarget) -> None:
    """An unknown email is 404 though the mobile beside it is known."""
    target.add_customer(mobile=(mobile := new_mobile()))
    assert target.find(mobile=mobile, email=new_email()).status_code == (
        400 if target.chosen["A12"] == "refused" else 404
    )


@pytest.mark.quirk("A19")
def test_a_redirect_has_no_body(target: KountaTarget) -> None:
    """A 302 has an empty body, or an HTML page, if that is expected."""
    target.add_customer(email=(email := new_email()))
    answer = target.find(email=email)
    arranged(answer.status_code == 302, "C04", answer)
    if target.chosen["A19"] == "html":
        assert answer.headers["Content-Type"].partition(";")[0] == "text/html"
        assert answer.headers["Location"] in answer.text
    else:
        assert answer.content == b""


@pytest.mark.quirk("A20")
@pytest.mark.parametrize("lookup", ["email", "mobile", "reference_id"])
def test_an_empty_lookup_is_the_plain_list(target: KountaTarget, lookup: str) -> None:
    """An empty parameter alone is as if there were none: 200 with the list; or nobody matches, if that is expected."""
    target.some_customer()
    answer = target.find(**{lookup: ""})
    if target.chosen["A20"] == "not_given":
        assert answer.status_code == 200
        assert ids(target, answer) == ids(target, target.find())
    elif lookup == "reference_id":
        assert target.items(answer) == []
    else:
        assert answer.status_code == 404


def ids(target: KountaTarget, answer: httpx.Response) -> list[int]:
    return [item["id"] for item in target.items(answer)]


@pytest.mark.quirk("A20")
def test_an_empty_lookup_gives_way_to_the_next(target: KountaTarget) -> None:
    """An empty email beside a mobile leaves the lookup by mobile."""
    customer = target.add_customer(mobile=(mobile := new_mobile()))
    answer = target.find(email="", mobile=mobile)
    if target.chosen["A12"] == "refused" and target.chosen["A20"] == "no_match":
        assert answer.status_code == 400
    elif target.chosen["A20"] == "no_match":
        assert answer.status_code == 404
    else:
        assert target.found(answer) == customer


@pytest.mark.quirk("A20")
def test_an_empty_part_of_name_and_phone_is_missing(target: KountaTarget) -> None:
    """An empty last_name is as if it were not given, or as one that nobody has, if that is expected."""
    phone = new_phone()
    answer = target.find(first_name="Robin", last_name="", phone=phone)
    if target.chosen["A20"] == "no_match":
        assert answer.status_code == 404
    else:
        assert answer.status_code == target.find(first_name="Robin", phone=phone).status_code
