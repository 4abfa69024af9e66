"""Lists of customers, reference ids, and timestamps that are always the current time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from contracts.arranging import PreconditionFailed
from contracts.expecting import expect, expect_parts, expect_status, expect_success, expect_that
from contracts.forms import item_keys, moment, plain, sent_back
from contracts.lists import in_list
from contracts.samples import LIST_ITEM_KEYS, complete_customer, new_customer, new_email, new_reference_id
from contracts.target import KountaTarget

CLOCKS_MAY_DIFFER = timedelta(minutes=2)


def listed(target: KountaTarget, reference_id: str, headers: Mapping[str, str | None] | None = None) -> list[int]:
    """Return the ids in the list by reference id."""
    return [item["id"] for item in target.items(target.find_with(headers or {}, reference_id=reference_id))]


@pytest.mark.quirk("C01")
def test_the_list_is_a_paged_array(target: KountaTarget) -> None:
    """The list is 200 with an array of customers."""
    target.some_customer()
    answer = target.find()
    expect_status(answer, 200)
    items = target.items(answer)
    assert len(items) >= 1
    assert all(isinstance(item["id"], int) for item in items)


@pytest.mark.quirk("C01")
def test_the_list_has_every_customer(target: KountaTarget) -> None:
    """The list has customers with and without a reference id."""
    for fields in (new_customer(), complete_customer()):
        customer = target.add_exactly(fields)
        expect_parts(in_list(target, customer), {"first_name": fields["first_name"]})


@pytest.mark.quirk("C02")
def test_an_unknown_reference_id_is_an_empty_array(target: KountaTarget) -> None:
    """An unknown reference id is 200 with [], not 404."""
    answer = target.find(reference_id=new_reference_id())
    expect_status(answer, 200)
    assert target.items(answer) == []


@pytest.mark.quirk("C02")
@pytest.mark.parametrize("number", [1, 2, 5])
def test_customers_may_share_a_reference_id(target: KountaTarget, number: int) -> None:
    """A shared reference id is 200 with all customers that have it, and no others."""
    reference_id = new_reference_id()
    customers = {target.add_customer(reference_id=reference_id) for _ in range(number)}
    target.add_customer(reference_id=new_reference_id())
    answer = target.find(reference_id=reference_id)
    expect_status(answer, 200)
    items = target.items(answer)
    assert len(items) == number
    assert {item["id"] for item in items} == customers
    assert {item["reference_id"] for item in items} == {reference_id}


@pytest.mark.quirk("C02")
def test_the_filter_follows_a_change(target: KountaTarget) -> None:
    """A customer is listed under its current reference id."""
    customer = target.add_customer(reference_id=(old := new_reference_id()))
    expect_status(target.change(customer, {"reference_id": (new := new_reference_id())}), 200)
    assert listed(target, old) == []
    assert listed(target, new) == [customer]


@pytest.mark.quirk("C02")
@pytest.mark.parametrize("reference_id", ["{} with & + = %", "{}/..", "{}'\"", "{}-ü", "0{}"])
def test_a_reference_id_is_any_text(target: KountaTarget, reference_id: str) -> None:
    """A reference id with any characters is found as it was sent."""
    given = reference_id.format(new_reference_id())
    customer = target.add_customer(reference_id=given)
    expect_parts(target.record(customer), {"reference_id": given})
    assert listed(target, given) == [customer]


@pytest.mark.quirk("C07")
@pytest.mark.parametrize("given", [{}, {"reference_id": ""}, {"reference_id": None}], ids=repr)
def test_no_reference_id_is_the_empty_string(target: KountaTarget, given: dict[str, Any]) -> None:
    """A record without a reference id has the key with ""."""
    record = target.record(target.add_customer(**given))
    expect_parts(record, {"reference_id": ""})


@pytest.mark.quirk("C07")
def test_no_reference_id_is_the_empty_string_in_lists(target: KountaTarget) -> None:
    """A list item without a reference id has the key with ""."""
    customer = target.add_customer()
    item = in_list(target, customer)
    expect_parts(item, {"reference_id": ""})


@pytest.mark.quirk("C07")
def test_a_cleared_reference_id_is_the_empty_string(target: KountaTarget) -> None:
    """After the reference id was cleared the record has ""."""
    customer = target.add_customer(reference_id=new_reference_id())
    if not target.change(customer, {"reference_id": None}).is_success:
        target.not_provable("a reference id cannot be taken away, because null is refused")
    record = target.record(customer)
    expect_parts(record, {"reference_id": ""})


@pytest.mark.quirk("C08")
def test_timestamps_are_those_of_the_answer(target: KountaTarget) -> None:
    """Both timestamps are the time of the request for the record."""
    customer = target.add_customer()
    is_about_now(target.record(customer))


@pytest.mark.quirk("C08")
def test_timestamps_of_a_change_are_those_of_the_answer(target: KountaTarget) -> None:
    """In the response to a PUT both timestamps are the time of the request."""
    is_about_now(target.changed(target.add_customer(), {"first_name": "Kim"}))


@pytest.mark.quirk("C08")
def test_timestamps_are_not_kept(target: KountaTarget) -> None:
    """Requested again seconds later, an unchanged customer has timestamps that are seconds later."""
    customer = target.some_customer()
    before = target.record(customer)
    target.wait(seconds=2)
    after = target.record(customer)
    for key in ("created_at", "updated_at"):
        expect_that(read(after, key) > read(before, key), f"$.{key}", f"stays {after[key]}")


@pytest.mark.quirk("C08")
def test_timestamps_move_on_with_the_clock(target: KountaTarget) -> None:
    """Requested a day later, an unchanged customer has timestamps that are a day later."""
    customer = target.add_customer()
    before = target.record(customer)
    target.let_time_pass(seconds=86_400)
    after = target.record(customer)
    for key in ("created_at", "updated_at"):
        passed = read(after, key) - read(before, key)
        assert timedelta(days=1) <= passed < timedelta(days=1) + CLOCKS_MAY_DIFFER


def is_about_now(record: dict[str, Any]) -> None:
    now = datetime.now(timezone.utc)
    for key in ("created_at", "updated_at"):
        expect_that(abs(now - read(record, key)) < CLOCKS_MAY_DIFFER, f"$.{key}", f"is {record[key]}, and it was {now}")


def read(record: dict[str, Any], key: str) -> datetime:
    """Return the time of a date in a record. Raise PreconditionFailed if there is none or it cannot be read."""
    found = moment(str(record.get(key)))
    if found is None:
        raise PreconditionFailed("T06", f"{key} is no date that can be read: {record.get(key)!r}")
    return found


@pytest.mark.quirk("C11")
def test_a_reference_id_is_not_shown_to_others(target: KountaTarget) -> None:
    """Each of two applications sees its own reference id of a customer and not that of the other."""
    others = target.as_second_application()
    customer = target.add_customer(reference_id=(own := new_reference_id()))
    theirs = new_reference_id()
    second = target.ask("POST", target.customers, json=new_customer(reference_id=theirs), headers=others)
    expect_status(second, 201)
    seen = target.get(target.customer(customer), headers=others).json()
    assert seen["reference_id"] != own
    assert target.follow(second)["reference_id"] != theirs


@pytest.mark.quirk("C11")
def test_a_reference_id_is_not_listed_to_others(target: KountaTarget) -> None:
    """The list of another application does not have our reference id."""
    others = target.as_second_application()
    customer = target.add_customer(reference_id=(own := new_reference_id()))
    item = in_list(target, customer, others)
    assert item["reference_id"] != own


@pytest.mark.quirk("C11")
def test_a_reference_id_does_not_filter_for_others(target: KountaTarget) -> None:
    """Another application finds no customer by our reference id."""
    others = target.as_second_application()
    target.add_customer(reference_id=(reference_id := new_reference_id()))
    assert listed(target, reference_id, others) == []


@pytest.mark.quirk("C11")
def test_each_application_has_its_own_reference_id(target: KountaTarget) -> None:
    """A customer has a reference id for each application; setting one leaves the others."""
    others = target.as_second_application()
    first, second = new_reference_id(), new_reference_id()
    path = target.customer(customer := target.add_customer(reference_id=first))
    expect_success(target.ask("PUT", path, json={"reference_id": second}, headers=others))
    expect_parts(target.get(path, headers=others).json(), {"reference_id": second})
    expect_parts(target.record(customer), {"reference_id": first})
    assert listed(target, first) == [customer]
    assert listed(target, second) == []
    assert listed(target, second, others) == [customer]


@pytest.mark.quirk("C11")
def test_one_application_does_not_clear_for_another(target: KountaTarget) -> None:
    """A reference id stays for its application if another one clears its own, or sends the record back."""
    others = target.as_second_application()
    path = target.customer(customer := target.add_customer(reference_id=(own := new_reference_id())))
    seen = target.get(path, headers=others).json()
    for body in ({"reference_id": ""}, {"reference_id": None}, seen):
        target.ask("PUT", path, json=sent_back(target.chosen, body), headers=others)
    expect_parts(target.record(customer), {"reference_id": own})


@pytest.mark.quirk("C11")
def test_a_token_is_of_the_same_application(target: KountaTarget) -> None:
    """A reference id set with Basic credentials is visible with a token of the same application."""
    customer = target.add_customer(reference_id=(reference_id := new_reference_id()))
    with_token = {"Authorization": f"Bearer {target.access_token()}"}
    record = target.get(target.customer(customer), headers=with_token).json()
    expect_parts(record, {"reference_id": reference_id})


@pytest.mark.quirk("C19")
def test_list_items_have_six_keys(target: KountaTarget) -> None:
    """An item of the list has exactly the six keys of an abridged customer."""
    customer = target.add_exactly(complete_customer())
    item = in_list(target, customer)
    expect(set(item), item_keys(target.chosen))


@pytest.mark.quirk("C19")
def test_items_of_the_filtered_list_have_six_keys(target: KountaTarget) -> None:
    """An item of the list by reference id has the same six keys, with the values of the record."""
    fields = complete_customer()
    customer = target.add_exactly(fields)
    [item] = target.items(target.find(reference_id=fields["reference_id"]))
    expect(set(item), item_keys(target.chosen))
    record = target.record(customer)
    shown = plain(target.chosen, item)
    expect({key: shown[key] for key in LIST_ITEM_KEYS}, {key: record[key] for key in LIST_ITEM_KEYS})


@pytest.mark.quirk("A15")
def test_a_list_is_in_order_of_id(target: KountaTarget) -> None:
    """The list begins with the lowest id, whatever the names and changes; or is in the expected order."""
    reference_id = new_reference_id()
    names = ("Zoe", "Adam", "Mia", "Adam")
    customers = [target.add_customer(first_name=name, reference_id=reference_id) for name in names]
    for other in (new_reference_id(), reference_id):
        target.changed(customers[0], {"email": new_email(), "reference_id": other})
    orders = {
        "id": sorted(customers),
        "first_name": [customers[index] for index in (1, 3, 2, 0)],
        "newest_first": sorted(customers, reverse=True),
    }
    assert listed(target, reference_id) == orders[target.chosen["A15"]]


@pytest.mark.quirk("A15")
def test_the_whole_list_is_in_order_of_id(target: KountaTarget) -> None:
    """The list of all customers has the same order."""
    for name in ("Zoe", "Adam", "Mia"):
        target.add_customer(first_name=name)
    items = target.items(target.find())
    assert len(items) >= 3
    if target.chosen["A15"] == "first_name":
        if target.kind == "live":
            target.not_provable("how it compares the names of others is not known")
        names = [(item["first_name"], item["id"]) for item in items]
        assert names == sorted(names)
    else:
        ids = [item["id"] for item in items]
        assert ids == sorted(ids, reverse=target.chosen["A15"] == "newest_first")
