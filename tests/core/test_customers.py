"""Tests of properties of creating and changing a customer, which are pure functions."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import product
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fakekounta import Address, Assumptions, Customer, Quirk
from fakekounta.core.customers import (
    ADDRESS_PARTS,
    CONTACTS,
    EDITABLE,
    changed_customer,
    new_customer,
    with_reference_ids,
)
from fakekounta.core.errors import BadField
from tests.caller import exactly
from tests.choices import CLEARING, MERGED, NO_CLEARING
from tests.shares import examples

# A slow machine is no defect of the code: these claims are not about time.
PATIENT = settings(deadline=None)
DEFAULTS = Assumptions()
ME, OTHER = "my-client-id", "other-client-id"
DOCUMENTED_FIELDS = set(Quirk.C13_FIELDS_ON_UPDATE.names)

# Texts that are easily changed by mistake: blanks, a NUL, letters of two cases, characters beyond 16 bits.
texts = st.text(alphabet="aZ0 +\x00\u00df\u0130\U0001f40e", max_size=4)
emails = st.sampled_from(["a@example.com", "A@EXAMPLE.com", "b+c@example.com", "", None])
parts = st.none() | texts
addresses = st.none() | st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(ADDRESS_PARTS[:-1], parts),
        "country": st.sampled_from(["AU", "NZ", "", None]),
        "planet": texts,
    },
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "first_name": texts.filter(bool),
    "last_name": parts,
    "email": emails,
    "phone": parts,
    "mobile": parts,
    "image": parts,
    "tags": st.none() | st.lists(texts, max_size=3),
    "primary_address": addresses,
    "shipping_address": addresses,
    "reference_id": parts,
    "accepts_marketing": st.none() | st.booleans(),
}
complete = st.fixed_dictionaries(VALUES)
names = st.sets(st.sampled_from(sorted(VALUES)))
sent_fields = st.builds(lambda values, sent: {name: values[name] for name in values if name in sent}, complete, names)
# These customers keep their email, so that no change of theirs is refused.
customers = st.builds(
    lambda values, pairs: with_reference_ids(
        new_customer(7, ME, {**values, "email": "kept@example.com"}, DEFAULTS), pairs
    ),
    complete,
    st.dictionaries(st.sampled_from([ME, OTHER, "third"]), texts).map(dict.items),
)
allowed_changes = sent_fields.map(
    lambda sent: {name: value or "new@example.com" if name == "email" else value for name, value in sent.items()}
)


def stored_address(sent: dict[str, str | None] | None) -> Address | None:
    """Return an address as it is stored, by the simplest code."""
    kept = {part: text for part, text in (sent or {}).items() if part in ADDRESS_PARTS and text}
    return Address(**kept) if kept else None


def stored(name: str, sent: Any) -> Any:
    """Return the value of a field as it is stored."""
    if name.endswith("_address"):
        return stored_address(sent)
    if name == "tags":
        return tuple(sent or ())
    if name == "accepts_marketing":
        return sent is True
    return sent or ("" if name in ("first_name", "last_name", "reference_id") else None)


def shown(customer: Customer, name: str) -> Any:
    return customer.reference_id(ME) if name == "reference_id" else getattr(customer, name)


def test_the_editable_fields_are_the_documented_ones() -> None:
    """POST and PUT accept the fields of C13, each once."""
    assert len(EDITABLE) == len(set(EDITABLE))
    assert set(EDITABLE) == DOCUMENTED_FIELDS
    assert {field.name for field in fields(Customer)} == DOCUMENTED_FIELDS - {"reference_id"} | {"id", "reference_ids"}


@PATIENT
@given(sent_fields)
def test_a_new_customer_has_what_was_sent_and_nothing_else(sent: dict[str, Any]) -> None:
    """Each sent field is stored unchanged, others are empty; phones keep zeros and blanks (T07)."""
    complete = {**sent, "first_name": "Al", "email": "a@example.com"}
    customer = new_customer(7, ME, complete, DEFAULTS)
    assert {name: shown(customer, name) for name in EDITABLE} == {
        name: stored(name, complete.get(name)) for name in EDITABLE
    }
    assert customer.id == 7
    assert customer.reference_ids == (((ME, sent["reference_id"]),) if sent.get("reference_id") else ())


@settings(PATIENT, max_examples=examples(300))
@given(customers, allowed_changes)
def test_a_change_changes_what_was_sent_and_nothing_else(customer: Customer, sent: dict[str, Any]) -> None:
    """PUT is partial (C17): other fields stay, and sent ones are as in a new customer."""
    before = replace(customer)
    changed = changed_customer(customer, ME, sent, DEFAULTS)
    for name in EDITABLE:
        expected = stored(name, sent[name]) if name in sent else shown(customer, name)
        assert shown(changed, name) == expected, name
    assert changed.id == customer.id
    assert customer == before


@PATIENT
@given(customers, allowed_changes)
def test_a_change_made_twice_is_made_once(customer: Customer, sent: dict[str, Any]) -> None:
    """Repeating a change changes nothing more; a change without fields changes nothing."""
    once = changed_customer(customer, ME, sent, DEFAULTS)
    assert changed_customer(once, ME, sent, DEFAULTS) == once
    assert changed_customer(customer, ME, {}, DEFAULTS) == customer


@PATIENT
@given(customers, allowed_changes)
@example(
    with_reference_ids(Customer(id=7, first_name="Al", phone="1"), [(OTHER, "o"), (ME, "m")]), {"reference_id": ""}
)
def test_reference_ids_of_other_applications_are_not_touched(customer: Customer, sent: dict[str, Any]) -> None:
    """A change by one application keeps the others' reference ids (C11), and stores no empty one (C07)."""
    changed = changed_customer(customer, ME, sent, DEFAULTS)
    others = [pair for pair in customer.reference_ids if pair[0] != ME]
    assert [pair for pair in changed.reference_ids if pair[0] != ME] == others
    assert all(text for _, text in changed.reference_ids)
    assert len({owner for owner, _ in changed.reference_ids}) == len(changed.reference_ids)
    assert changed.reference_id("nobody") == ""


@PATIENT
@given(customers, allowed_changes, st.dictionaries(st.sampled_from(["id", "people_id", "reference_ids", "x"]), texts))
def test_other_fields_are_ignored(customer: Customer, sent: dict[str, Any], others: dict[str, str]) -> None:
    """Fields that are not editable, and other parts of an address, are neither stored nor refused."""
    assert changed_customer(customer, ME, {**others, **sent}, DEFAULTS) == changed_customer(
        customer, ME, sent, DEFAULTS
    )
    complete = {**sent, "first_name": "Al", "email": "a@example.com"}
    assert new_customer(7, ME, {**others, **complete}, DEFAULTS) == new_customer(7, ME, complete, DEFAULTS)


@PATIENT
@given(customers, addresses, addresses)
def test_an_address_is_replaced_or_merged(customer: Customer, first: Any, second: Any) -> None:
    """A second address replaces the first, or its parts are merged into it."""
    for name in ("primary_address", "shipping_address"):
        before = changed_customer(customer, ME, {name: first}, DEFAULTS)
        replaced = changed_customer(before, ME, {name: second}, DEFAULTS)
        assert getattr(replaced, name) == stored_address(second)
        merged = changed_customer(before, ME, {name: second}, Assumptions(MERGED))
        expected = None if second is None else stored_address({**(first or {}), **second})
        assert getattr(merged, name) == expected


NOTHING: Any = object()


def given_of(names: tuple[str, ...], values: tuple[Any, ...]) -> dict[str, Any]:
    return {name: value for name, value in zip(names, values, strict=True) if value is not NOTHING}


def test_a_new_customer_needs_a_first_name_and_a_contact() -> None:
    """All cases of C09: a first name, and one of email, phone and mobile; an empty value counts as absent."""
    names = ("first_name", *CONTACTS)
    for values in product((NOTHING, None, "", "a@example.com"), repeat=4):
        sent = given_of(names, values)
        first_name, *contacts = (bool(sent.get(name)) for name in names)
        if first_name and any(contacts):
            assert new_customer(1, ME, sent, DEFAULTS).first_name == "a@example.com"
            continue
        with pytest.raises(BadField) as caught:
            new_customer(1, ME, sent, DEFAULTS)
        assert caught.value.quirk is Quirk.C09_CONTACT_REQUIRED
        assert caught.value.field == ("email" if first_name else "first_name")


def test_a_change_leaves_a_first_name_and_a_contact() -> None:
    """A change never removes the last contact or the first name."""
    for had in product((None, "old@example.com"), repeat=3):
        if not any(had):
            continue
        before = Customer(id=1, first_name="Al", email=had[0], phone=had[1], mobile=had[2])
        for values in product((NOTHING, None, "", "new@example.com"), repeat=4):
            sent = given_of(("first_name", *CONTACTS), values)
            left = [sent.get(name, getattr(before, name)) or None for name in CONTACTS]
            if sent.get("first_name", "Al") and any(left):
                changed = changed_customer(before, ME, sent, DEFAULTS)
                assert [changed.email, changed.phone, changed.mobile] == left
                continue
            with pytest.raises(BadField) as caught:
                changed_customer(before, ME, sent, DEFAULTS)
            assert caught.value.quirk is CLEARING
            assert caught.value.field == ("email" if sent.get("first_name", "Al") else "first_name")


@PATIENT
@given(customers, allowed_changes)
def test_clearing_refused_is_any_field_sent_empty(customer: Customer, sent: dict[str, Any]) -> None:
    """If clearing is refused, a change that clears nothing is accepted, and any other names a field that it clears."""
    refusing = Assumptions(NO_CLEARING)
    cleared = {name for name, value in sent.items() if value is None or value == ""}
    if not cleared:
        assert changed_customer(customer, ME, sent, refusing) == changed_customer(customer, ME, sent, DEFAULTS)
        return
    with pytest.raises(BadField, match=r": must not be empty\Z") as caught:
        changed_customer(customer, ME, sent, refusing)
    assert (caught.value.quirk, caught.value.field in cleared) == (CLEARING, True)


def test_a_refusal_names_the_field_and_the_reason() -> None:
    """The description is the field, a colon and the reason."""
    with pytest.raises(BadField, match=exactly("first_name: is required")) as caught:
        new_customer(1, ME, {"email": "a@example.com"}, DEFAULTS)
    assert (caught.value.field, caught.value.reason) == ("first_name", "is required")
    assert caught.value.description == "first_name: is required"
