"""Tests of which bodies are accepted under each choice of the assumptions."""

from __future__ import annotations

from typing import Any

import pytest

from fakekounta.core.customers import Address
from tests.caller import CUSTOMERS, FIRST_ID, error, refusal
from tests.choices import caller, shows

TAKEN = f"mobile: is already used by customer {FIRST_ID}"
CODES = {400: "bad_request", 409: "conflict", 422: "unprocessable_entity"}
FULL = {
    "first_name": "Al",
    "last_name": "Smith",
    "email": "al@example.com",
    "phone": "02 11",
    "mobile": "0400 1",
    "image": "https://images.example.com/al.png",
    "tags": ["Tea"],
    "primary_address": {"city": "Exampleton"},
    "shipping_address": {"city": "Farville"},
    "reference_id": "R1",
    "accepts_marketing": True,
}


@shows("A07", {"400": 400, "409": 409, "422": 422})
def test_taken_mobile(chosen: dict[str, str], expected: int) -> None:
    """POST and PUT refuse a taken mobile with this status and its code."""
    api = caller(chosen, seed=[{"first_name": "Al", "mobile": "0400 1"}, {"first_name": "Bo", "mobile": "0400 2"}])
    assert error(api.create(mobile="0400 1")) == (expected, CODES[expected], TAKEN)
    assert error(api.change(FIRST_ID + 1, mobile="0400 1")) == (expected, CODES[expected], TAKEN)
    assert [customer.mobile for customer in api.kounta.customers.all()] == ["0400 1", "0400 2"]


@shows("A07", {"400": (400, 400), "409": (409, 400), "422": (422, 400)})
def test_a_taken_mobile_has_a_status_of_its_own(chosen: dict[str, str], expected: tuple[int, int]) -> None:
    """The status of a taken mobile does not change that of a wrong field."""
    api = caller(chosen, seed=[{"first_name": "Al", "mobile": "1"}])
    assert (api.create(mobile="1").status_code, api.create(email="x").status_code) == expected


@shows("A08", {"create_and_update": 400, "update_only": 201})
def test_mobile_checked_on_create(chosen: dict[str, str], expected: int) -> None:
    """POST refuses a taken mobile or accepts it; PUT always refuses it, except the customer's own."""
    api = caller(chosen, seed=[{"first_name": "Al", "mobile": "0400 1"}])
    assert api.create(mobile="0400 1").status_code == expected
    other = int(api.create(mobile="0400 2").headers["Location"].rpartition("/")[2])
    assert error(api.change(other, mobile="0400 1")) == (400, "bad_request", TAKEN)
    if expected == 201:
        assert api.change(FIRST_ID + 1, mobile="0400 1", last_name="Lee").status_code == 200
        assert api.found(mobile="0400 1") == FIRST_ID


@shows("A13", {"clears": 200, "refused": 400})
@pytest.mark.parametrize("empty", [None, ""])
@pytest.mark.parametrize("field", ["last_name", "email", "phone", "mobile", "image", "reference_id"])
def test_clearing_a_text(chosen: dict[str, str], expected: int, field: str, empty: str | None) -> None:
    """null and the empty string clear an optional text, or are refused with its name and change nothing."""
    api = caller(chosen, seed=[FULL])
    before = api.record(FIRST_ID)
    answer = api.change(FIRST_ID, **{field: empty, "first_name": "Bo"})
    assert answer.status_code == expected
    if expected == 200:
        kept = "" if field in ("last_name", "reference_id") else None
        assert (answer.json()[field], answer.json()["first_name"]) == (kept, "Bo")
    else:
        assert error(answer) == (400, "bad_request", f"{field}: must not be empty")
        assert [api.record(FIRST_ID)[name] for name in ("first_name", field)] == ["Al", before[field]]


@shows("A13", {"clears": 200, "refused": 400})
@pytest.mark.parametrize(
    "field, kept", [("tags", []), ("primary_address", None), ("shipping_address", None), ("accepts_marketing", False)]
)
def test_clearing_fields_that_are_not_texts(chosen: dict[str, str], expected: int, field: str, kept: object) -> None:
    """null also clears tags, an address and the consent to marketing, or is refused."""
    api = caller(chosen, seed=[FULL])
    before = api.record(FIRST_ID)[field]
    answer = api.change(FIRST_ID, **{field: None})
    assert answer.status_code == expected
    assert before != kept
    assert api.record(FIRST_ID)[field] == (kept if expected == 200 else before)


@shows("A13", {"clears": "one of email, phone and mobile must not be empty", "refused": "must not be empty"})
def test_clearing_the_last_contact(chosen: dict[str, str], expected: str) -> None:
    """The last of email, phone and mobile is never cleared, and neither is the first name."""
    api = caller(chosen, seed=[{"first_name": "Al", "email": "al@example.com"}])
    assert error(api.change(FIRST_ID, email="")) == (400, "bad_request", f"email: {expected}")
    assert error(api.change(FIRST_ID, first_name=None)) == (400, "bad_request", "first_name: must not be empty")
    assert [api.record(FIRST_ID)[name] for name in ("first_name", "email")] == ["Al", "al@example.com"]


@shows("A14", {"ignored": True, "refused": False})
def test_other_fields(chosen: dict[str, str], expected: bool) -> None:
    """Fields that cannot be set are ignored and noted in the journal, or refused by name without a change."""
    api = caller(chosen, seed=[FULL])
    answers = api.create(notes="x", id=1), api.change(FIRST_ID, first_name="Bo", people_id=1, created_at="x")
    names = ("notes, id", "people_id, created_at")
    if expected:
        assert [answer.status_code for answer in answers] == [201, 200]
        assert [entry.notes for entry in api.kounta.requests] == [[f"A14: ignored {name}"] for name in names]
        assert [customer.id for customer in api.kounta.customers.all()] == [FIRST_ID, FIRST_ID + 1]
    else:
        assert [error(one) for one in answers] == [(400, "bad_request", f"{name}: may not be set") for name in names]
        assert [entry.notes for entry in api.kounta.requests] == [[], []]
        assert [customer.first_name for customer in api.kounta.customers.all()] == ["Al"]


@shows("A17", {"400": (400, "bad_request"), "422": (422, "unprocessable_entity")})
@pytest.mark.parametrize(
    "fields, description",
    [
        ({"first_name": ""}, "first_name: is required"),
        ({"email": None}, "email: one of email, phone and mobile is required"),
        ({"email": "plain"}, "email: is not an email address"),
        (
            {"primary_address": {"country": "AUS"}},
            "primary_address.country: is not a two-letter ISO 3166-1 country code",
        ),
        ({"tags": ["a", 1]}, "tags.1: must be a string"),
    ],
)
def test_validation_error(
    chosen: dict[str, str], expected: tuple[int, str], fields: dict[str, Any], description: str
) -> None:
    """A refused field is named with the reason, under this status and its code."""
    assert error(caller(chosen).create(**fields)) == (*expected, description)


@shows("A17", {"400": 400, "422": 400})
def test_a_body_without_an_object_is_400(chosen: dict[str, str], expected: int) -> None:
    """A body that is not a JSON object is 400 under each choice, because it has no field."""
    answer = caller(chosen).http.post(CUSTOMERS, json=[])
    assert error(answer) == (expected, "bad_request", "The body is JSON, but not an object")


@shows("A21", {"refused": None, "accepted": "AU"})
@pytest.mark.parametrize("code", ["au", "Au", "aU"])
def test_case_of_country(chosen: dict[str, str], expected: str | None, code: str) -> None:
    """A country code in lower case is refused, or stored in upper case."""
    api = caller(chosen)
    created = api.create(shipping_address={"country": code})
    if expected is None:
        description = "shipping_address.country: is not a two-letter ISO 3166-1 country code"
        assert error(created) == (400, "bad_request", description)
    else:
        assert created.status_code == 201
        assert api.record(FIRST_ID)["shipping_address"]["country"] == expected


@shows("A21", {"refused": (201, 400), "accepted": (201, 400)})
@pytest.mark.parametrize("letters", ["xx", "uk", "\u00df", "\ufb01", "\u0131t", "\u017fe"])
def test_case_of_country_is_that_of_codes(chosen: dict[str, str], expected: tuple[int, int], letters: str) -> None:
    """Letters that are not a code in upper case are refused, also if their upper case is another text."""
    api = caller(chosen)
    known, unknown = (api.create(primary_address={"country": code}) for code in ("AU", letters))
    assert (known.status_code, unknown.status_code) == expected


@shows("A22", {"refused": 400, "accepted": 201})
@pytest.mark.parametrize("email", ["plain", "@", "al@", "a b@example.com", "al@localhost", " "])
def test_email_syntax(chosen: dict[str, str], expected: int, email: str) -> None:
    """An invalid email is refused, or stored unchanged and found."""
    api = caller(chosen)
    assert api.create(email=email).status_code == expected
    assert api.find(email=email).status_code == (302 if expected == 201 else 404)
    assert api.create(email="al@example.com").status_code == 201


@shows("A23", {"replaced": (None, "Farville", None), "merged": ("Level 9", "Farville", "AU")})
def test_partial_address(chosen: dict[str, str], expected: tuple[str | None, ...]) -> None:
    """Parts of an address that are not sent are removed, or kept; the other address is unchanged."""
    api = caller(
        chosen, seed=[{**FULL, "primary_address": {"address": "Level 9", "city": "Exampleton", "country": "AU"}}]
    )
    changed = api.change(FIRST_ID, primary_address={"city": "Farville"}).json()
    assert tuple(changed["primary_address"][part] for part in ("address", "city", "country")) == expected
    assert api.kounta.customers.get(FIRST_ID).shipping_address == Address(city="Farville")


@shows("A23", {"replaced": None, "merged": {"address": "Level 9"}})
def test_partial_address_that_clears(chosen: dict[str, str], expected: dict[str, str] | None) -> None:
    """An address with only empty parts removes the address, or only these parts of it."""
    api = caller(chosen, seed=[{**FULL, "primary_address": {"address": "Level 9", "city": "Exampleton"}}])
    address = api.change(FIRST_ID, primary_address={"city": None}).json()["primary_address"]
    assert (address and {part: text for part, text in address.items() if text}) == expected
    assert api.change(FIRST_ID, primary_address=None).json()["primary_address"] is None


@shows("C21", {"405": 405, "204": 204})
def test_delete(chosen: dict[str, str], expected: int) -> None:
    """DELETE of a customer is 405 and changes nothing, or 204 without a body, and the customer is deleted."""
    api = caller(chosen, seed=[FULL])
    answer = api.http.delete(f"{CUSTOMERS}/{FIRST_ID}")
    allowed = "GET, HEAD, OPTIONS, PUT" if expected == 405 else "DELETE, GET, HEAD, OPTIONS, PUT"
    assert answer.status_code == expected
    assert answer.headers.get("Allow") == (allowed if expected == 405 else None)
    assert api.http.options(f"{CUSTOMERS}/{FIRST_ID}").headers["Allow"] == allowed
    assert api.find(email="al@example.com").status_code == (302 if expected == 405 else 404)
    assert len(api.kounta.customers) == (1 if expected == 405 else 0)


@shows("C21", {"405": (405, "method_not_allowed"), "204": (404, "not_found")})
def test_delete_of_an_unknown_customer(chosen: dict[str, str], expected: tuple[int, str]) -> None:
    """Where customers can be deleted, an unknown one is 404; the list can never be deleted."""
    api = caller(chosen)
    assert refusal(api.http.delete(f"{CUSTOMERS}/1")) == expected
    assert refusal(api.http.delete(CUSTOMERS)) == (405, "method_not_allowed")
