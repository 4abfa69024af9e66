"""Changing customers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from contracts.expecting import (
    expect,
    expect_client_error,
    expect_media_type,
    expect_parts,
    expect_status,
    expect_success,
)
from contracts.forms import editable, sent_back
from contracts.samples import (
    complete_customer,
    new_customer,
    new_email,
    new_mobile,
    other_customer,
    without_timestamps,
)
from contracts.target import KountaTarget


@pytest.mark.quirk("C13")
@pytest.mark.parametrize("field", sorted(complete_customer()))
def test_every_editable_field_can_be_changed(target: KountaTarget, field: str) -> None:
    """A PUT of one of the eleven fields changes it to the sent value."""
    new = other_customer()
    customer = target.add_exactly(old := complete_customer())
    assert old[field] != new[field]
    expect_status(target.change(customer, {field: new[field]}), 200)
    expect_parts(target.record(customer), {field: new[field]})


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
    """A PUT of any other key leaves the record unchanged."""
    customer = target.add_exactly(complete_customer())
    before = target.record(customer)
    target.change(customer, other)
    after = target.record(customer)
    expect(without_timestamps(after), without_timestamps(before))
    assert not after["created_at"].startswith("2001")


@pytest.mark.quirk("C14")
@pytest.mark.parametrize("more", [{}, {"first_name": "Kim", "email": "kim@example.com"}])
def test_a_taken_mobile_changes_nothing(target: KountaTarget, more: dict[str, str]) -> None:
    """A PUT with the mobile of another customer is refused and changes no field."""
    target.add_customer(mobile=(taken := new_mobile()))
    customer = target.add_customer(mobile=new_mobile())
    before = target.record(customer)
    answer = target.change(customer, {"mobile": taken, **more})
    expect_client_error(answer)
    expect(without_timestamps(target.record(customer)), without_timestamps(before))


@pytest.mark.quirk("C14")
def test_a_customer_may_keep_its_mobile(target: KountaTarget) -> None:
    """A PUT with the customer's own mobile is no conflict."""
    customer = target.add_customer(mobile=(mobile := new_mobile()))
    expect_status(target.change(customer, {"mobile": mobile, "first_name": "Kim"}), 200)


@pytest.mark.quirk("C14")
@pytest.mark.parametrize("instead", ["another", None, ""])
def test_a_mobile_that_was_given_up_is_free(target: KountaTarget, instead: str | None) -> None:
    """Once a customer has another mobile or none, another customer can have the old one."""
    first = target.add_customer(mobile=(mobile := new_mobile()))
    second = target.add_customer()
    value = new_mobile() if instead == "another" else instead
    if value != instead:
        expect_status(target.change(first, {"mobile": value}), 200)
    elif not target.change(first, {"mobile": value}).is_success:
        target.not_provable("a mobile cannot be given up, because null is refused")
    expect_status(target.change(second, {"mobile": mobile}), 200)
    assert target.finds(mobile=mobile) == second


@pytest.mark.quirk("C14")
def test_many_customers_may_have_no_mobile(target: KountaTarget) -> None:
    """Several customers without a mobile are no conflict."""
    for absent in ({}, {}, {"mobile": None}, {"mobile": None}, {"mobile": ""}, {"mobile": ""}):
        expect_status(target.create(new_customer(**absent)), 201)


@pytest.mark.quirk("C14")
def test_one_of_many_at_once_gets_the_mobile(target: KountaTarget) -> None:
    """Of simultaneous requests for one mobile exactly one succeeds."""
    if target.chosen["A08"] == "update_only":
        target.not_provable("a new customer may have a taken mobile (A08)")
    fields = [new_customer(mobile=mobile) for mobile in [new_mobile()] * 12]
    with ThreadPoolExecutor(max_workers=6) as pool:
        answers = list(pool.map(target.create, fields))
    assert [answer.status_code == 201 for answer in answers].count(True) == 1
    assert all(answer.is_client_error for answer in answers if answer.status_code != 201)


@pytest.mark.quirk("C16")
def test_a_change_is_200(target: KountaTarget) -> None:
    """A PUT that succeeds is 200."""
    expect_status(target.change(target.add_customer(), {"first_name": "Kim"}), 200)


@pytest.mark.quirk("C16")
def test_a_change_of_nothing_is_200(target: KountaTarget) -> None:
    """A PUT that changes nothing is 200."""
    expect_status(target.change(target.add_customer(), {}), 200)


@pytest.mark.quirk("C17")
@pytest.mark.parametrize("field", sorted(complete_customer()))
def test_what_is_not_sent_stays(target: KountaTarget, field: str) -> None:
    """A PUT of one field keeps all others."""
    customer = target.add_exactly(fields := complete_customer())
    before = target.record(customer)
    target.changed(customer, {field: fields[field]})
    expect(editable(target.record(customer)), editable(before))


@pytest.mark.quirk("C17")
@pytest.mark.parametrize("fields", [{}, complete_customer()], ids=["least", "complete"])
def test_a_fetched_record_can_be_sent_back(target: KountaTarget, fields: dict[str, Any]) -> None:
    """A PUT of the whole record is 200 and changes nothing."""
    fresh = {"email": new_email()} | ({"mobile": new_mobile()} if fields else {})
    before = target.raw_record(customer := target.add_customer(**{**fields, **fresh}))
    expect_status(target.change(customer, sent_back(target.chosen, before)), 200)
    expect(editable(target.raw_record(customer)), editable(before))


@pytest.mark.quirk("C17")
def test_a_fetched_record_can_be_sent_back_changed(target: KountaTarget) -> None:
    """A PUT of the whole record with one field changed changes that field, also with keys of older records."""
    record = target.raw_record(customer := target.add_exactly(complete_customer()))
    older = {"people_id": customer, "company_id": 1, "addresses": {"count": 2}, "email_addresses": []}
    fields = sent_back(target.chosen, {**record, **older, "first_name": "Kim"})
    expect_status(target.change(customer, fields), 200)
    expect(editable(target.raw_record(customer)), editable({**record, "first_name": "Kim"}))


@pytest.mark.quirk("C18")
@pytest.mark.parametrize("change", [{}, {"first_name": "Kim"}, {"tags": []}], ids=repr)
def test_a_change_answers_the_customer(target: KountaTarget, change: dict[str, Any]) -> None:
    """The body of the 200 is the record after the change, as a GET has it."""
    customer = target.add_exactly(complete_customer())
    answer = target.change(customer, change)
    assert answer.content != b""
    expect_media_type(answer, "application/json")
    expect(without_timestamps(answer.json()), without_timestamps(target.raw_record(customer)))
    expect_parts(answer.json(), change)


@pytest.mark.quirk("C21")
def test_a_customer_cannot_be_deleted(target: KountaTarget) -> None:
    """DELETE is 405 with Allow and changes nothing; or 204, and the customer is deleted, if that is expected."""
    customer = target.add_customer()
    answer = target.ask("DELETE", target.customer(customer))
    expect_status(answer, int(target.chosen["C21"]))
    if answer.status_code == 204:
        expect_status(target.get(target.customer(customer)), 404)
        return
    expect(set(answer.headers["Allow"].split(", ")), {"GET", "HEAD", "OPTIONS", "PUT"}, "header Allow")
    expect_parts(target.record(customer), {"id": customer})


@pytest.mark.quirk("A04")
def test_the_email_stands_under_both_keys(target: KountaTarget) -> None:
    """`email` and `primary_email_address` are equal, also after a change; or there is only the expected one."""
    both = {"email", "primary_email_address"}
    keys = both if target.chosen["A04"] == "both" else {target.chosen["A04"]}
    customer = target.add_customer(email=(first := new_email()))
    record = target.raw_record(customer)
    expect({key: value for key, value in record.items() if key in both}, dict.fromkeys(keys, first))
    target.changed(customer, {"email": (second := new_email())})
    changed = target.raw_record(customer)
    expect({key: value for key, value in changed.items() if key in both}, dict.fromkeys(keys, second))


@pytest.mark.quirk("A07")
def test_a_taken_mobile_is_a_conflict(target: KountaTarget) -> None:
    """A taken mobile is refused with 400, or with the expected status."""
    target.add_customer(mobile=(taken := new_mobile()))
    answer = target.change(target.add_customer(), {"mobile": taken})
    if answer.is_success:
        target.not_provable("a taken mobile is not refused (C14)")
    expect_status(answer, int(target.chosen["A07"]))


@pytest.mark.quirk("A08")
def test_a_taken_mobile_is_refused_on_create(target: KountaTarget) -> None:
    """POST refuses a taken mobile as PUT does, and creates nothing; or accepts it, if that is expected."""
    first = target.add_customer(mobile=(taken := new_mobile()))
    if target.change(target.add_customer(), {"mobile": taken}).is_success:
        target.not_provable("a taken mobile is not refused at all (C14)")
    answer = target.create(new_customer(email=(email := new_email()), mobile=taken))
    if target.chosen["A08"] == "update_only":
        expect_success(answer)
        return
    expect_client_error(answer)
    assert target.finds(email=email) is None
    assert target.finds(mobile=taken) == first
