"""Look-ups with more than one possible response, where the documentation says nothing."""

from __future__ import annotations

import httpx
import pytest

from contracts.arranging import precondition
from contracts.expecting import expect, expect_media_type, expect_parts, expect_status, expect_success
from contracts.samples import (
    NAME_LOOKUP,
    new_email,
    new_last_name,
    new_mobile,
    new_phone,
    new_reference_id,
)
from contracts.target import KountaTarget


@pytest.mark.quirk("A09")
@pytest.mark.parametrize(
    "given", [{"first_name"}, {"last_name"}, {"phone"}, set(NAME_LOOKUP[:2]), set(NAME_LOOKUP[1:])]
)
def test_part_of_name_and_phone_is_refused(target: KountaTarget, given: set[str]) -> None:
    """A query with some of the three parameters is 400, even if a customer matches; or they are ignored."""
    known = {"first_name": "Robin", "last_name": new_last_name(), "phone": new_phone()}
    target.add_customer(**known)
    answer = target.find(**{name: known[name] for name in sorted(given)})
    if target.chosen["A09"] == "list":
        expect_status(answer, 200)
        assert len(target.items(answer)) > 0
    else:
        expect_status(answer, 400)


@pytest.mark.quirk("A10")
def test_the_oldest_of_several_with_an_email_is_found(target: KountaTarget) -> None:
    """Of several customers with one email, the one with the lowest id is found, or the highest, if that is expected."""
    email = new_email()
    customers = [target.add_customer(email=email) for _ in range(3)]
    assert target.finds(email=email) == the_one(target, customers)


@pytest.mark.quirk("A10")
def test_the_oldest_counts_even_if_it_came_to_the_email_last(target: KountaTarget) -> None:
    """The lowest id decides, not which customer had the email first."""
    oldest = target.add_customer()
    newest = target.add_customer(email=(email := new_email()))
    expect_success(target.change(oldest, {"email": email}))
    assert target.finds(email=email) == the_one(target, [oldest, newest])


@pytest.mark.quirk("A10")
def test_the_oldest_of_several_with_name_and_phone_is_found(target: KountaTarget) -> None:
    """Of several customers with one name and phone, the one with the lowest id is found."""
    name = {"first_name": "Robin", "last_name": new_last_name(), "phone": new_phone()}
    customers = [target.add_customer(**name) for _ in range(3)]
    assert target.finds(**name) == the_one(target, customers)


def the_one(target: KountaTarget, customers: list[int]) -> int:
    """Return which of several customers is expected to be found."""
    return max(customers) if target.chosen["A10"] == "newest" else min(customers)


@pytest.mark.quirk("A11")
def test_the_case_of_an_email_does_not_count(target: KountaTarget) -> None:
    """An email is found in any case and stays in the record as it was sent."""
    email = new_email().replace("fakekounta", "FakeKounta")
    customer = target.add_customer(email=email)
    for spelling in (email, email.lower(), email.upper()):
        assert target.finds(email=spelling) == customer
    expect_parts(target.record(customer), {"email": email})


@pytest.mark.quirk("A11")
@pytest.mark.parametrize("field", ["first_name", "last_name"])
def test_the_case_of_a_name_counts(target: KountaTarget, field: str) -> None:
    """A name in another case is a different name."""
    known = {"first_name": "Robin", "last_name": new_last_name(), "phone": new_phone()}
    target.add_customer(**known)
    assert target.finds(**{**known, field: known[field].upper()}) is None


@pytest.mark.quirk("A11")
@pytest.mark.parametrize("other", ["{} ", " {}", "+{}"])
def test_spaces_and_signs_of_a_mobile_count(target: KountaTarget, other: str) -> None:
    """A mobile with other spaces or signs is a different one, or the same, if that is expected."""
    customer = target.add_customer(mobile=(mobile := new_mobile()))
    expected = customer if target.chosen["A11"] == "digits" else None
    assert target.finds(mobile=other.format(mobile)) == expected


@pytest.mark.quirk("A11")
def test_spaces_of_a_phone_count(target: KountaTarget) -> None:
    """A phone with other spaces is a different one, or the same, if that is expected."""
    known = {"first_name": "Robin", "last_name": new_last_name(), "phone": new_phone()}
    customer = target.add_customer(**known)
    expected = customer if target.chosen["A11"] == "digits" else None
    assert target.finds(**{**known, "phone": known["phone"].replace(" ", "")}) == expected


@pytest.mark.quirk("A12")
def test_the_most_specific_lookup_counts(target: KountaTarget) -> None:
    """The order is email, mobile, name and phone, reference id; or several look-ups at once are 400."""
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
            expect_status(target.find(**query), 400)
        else:
            assert target.finds(**query) == customer


@pytest.mark.quirk("A12")
def test_the_most_specific_lookup_counts_even_if_it_finds_no_customer(target: KountaTarget) -> None:
    """An unknown email is 404, though there is a known mobile in the same query."""
    target.add_customer(mobile=(mobile := new_mobile()))
    expect_status(target.find(mobile=mobile, email=new_email()), 400 if target.chosen["A12"] == "refused" else 404)


@pytest.mark.quirk("A19")
def test_a_redirect_has_no_body(target: KountaTarget) -> None:
    """A 302 has an empty body, or an HTML page, if that is expected."""
    target.add_customer(email=(email := new_email()))
    answer = target.find(email=email)
    precondition(answer.status_code == 302, "C04", answer)
    if target.chosen["A19"] == "html":
        expect_media_type(answer, "text/html")
        assert answer.headers["Location"] in answer.text
    else:
        expect(answer.content, b"", "body")


@pytest.mark.quirk("A20")
@pytest.mark.parametrize("lookup", ["email", "mobile", "reference_id"])
def test_an_empty_lookup_is_the_plain_list(target: KountaTarget, lookup: str) -> None:
    """An empty parameter alone is ignored: 200 with the list; or nothing matches, if that is expected."""
    target.some_customer()
    answer = target.find(**{lookup: ""})
    if target.chosen["A20"] == "not_given":
        expect_status(answer, 200)
        assert ids(target, answer) == ids(target, target.find())
    elif lookup == "reference_id":
        assert target.items(answer) == []
    else:
        expect_status(answer, 404)


def ids(target: KountaTarget, answer: httpx.Response) -> list[int]:
    return [item["id"] for item in target.items(answer)]


@pytest.mark.quirk("A20")
def test_an_empty_lookup_gives_way_to_the_next(target: KountaTarget) -> None:
    """If the email is empty and there is a mobile, the look-up is by mobile."""
    customer = target.add_customer(mobile=(mobile := new_mobile()))
    answer = target.find(email="", mobile=mobile)
    if target.chosen["A12"] == "refused" and target.chosen["A20"] == "no_match":
        expect_status(answer, 400)
    elif target.chosen["A20"] == "no_match":
        expect_status(answer, 404)
    else:
        assert target.found(answer) == customer


@pytest.mark.quirk("A20")
def test_an_empty_part_of_name_and_phone_is_missing(target: KountaTarget) -> None:
    """An empty last_name counts as absent, or as a name that no customer has, if that is expected."""
    phone = new_phone()
    answer = target.find(first_name="Robin", last_name="", phone=phone)
    if target.chosen["A20"] == "no_match":
        expect_status(answer, 404)
    else:
        expect_status(answer, target.find(first_name="Robin", phone=phone).status_code)
