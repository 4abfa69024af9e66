"""Lists of customers, reference ids, and the timestamps that are always now."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from contracts.samples import LIST_ITEM_KEYS, complete_customer, new_customer, new_email, new_reference_id
from contracts.target import KountaTarget, in_list

CLOCKS_MAY_DIFFER = timedelta(minutes=2)


@pytest.mark.quirk("C01")
def test_the_list_is_a_paged_array(target: KountaTarget) -> None:
    """It is 200, an array of customers, and says how many pages there are."""
    target.add_customer()
    answer = target.find()
    assert answer.status_code == 200
    assert len(answer.json()) >= 1
    assert all(isinstance(item["id"], int) for item in answer.json())
    assert int(answer.headers["X-Pages"]) >= 1


@pytest.mark.quirk("C01")
def test_the_list_has_every_customer(target: KountaTarget) -> None:
    """Customers are in it with and without a reference id."""
    for fields in (new_customer(), complete_customer()):
        customer = target.add_exactly(fields)
        assert in_list(target, customer)["first_name"] == fields["first_name"]


@pytest.mark.quirk("C02")
def test_a_reference_id_of_nobody_is_an_empty_array(target: KountaTarget) -> None:
    """It is 200 with [], not 404."""
    answer = target.find(reference_id=new_reference_id())
    assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.quirk("C02")
@pytest.mark.parametrize("number", [1, 2, 5])
def test_customers_may_share_a_reference_id(target: KountaTarget, number: int) -> None:
    """It is 200 with all who have it, and nobody else."""
    reference_id = new_reference_id()
    customers = {target.add_customer(reference_id=reference_id) for _ in range(number)}
    target.add_customer(reference_id=new_reference_id())
    answer = target.find(reference_id=reference_id)
    assert answer.status_code == 200
    assert len(answer.json()) == number
    assert {item["id"] for item in answer.json()} == customers
    assert {item["reference_id"] for item in answer.json()} == {reference_id}


@pytest.mark.quirk("C02")
def test_the_filter_follows_a_change(target: KountaTarget) -> None:
    """A customer is listed under the reference id that it has now."""
    customer = target.add_customer(reference_id=(old := new_reference_id()))
    assert target.change(customer, {"reference_id": (new := new_reference_id())}).status_code == 200
    assert target.find(reference_id=old).json() == []
    assert [item["id"] for item in target.find(reference_id=new).json()] == [customer]


@pytest.mark.quirk("C02")
@pytest.mark.parametrize("reference_id", ["{} with & + = %", "{}/..", "{}'\"", "{}-ü", "0{}"])
def test_a_reference_id_is_any_text(target: KountaTarget, reference_id: str) -> None:
    """Whatever characters it has, it is found as it was sent."""
    given = reference_id.format(new_reference_id())
    customer = target.add_customer(reference_id=given)
    assert target.record(customer)["reference_id"] == given
    assert [item["id"] for item in target.find(reference_id=given).json()] == [customer]


@pytest.mark.quirk("C07")
@pytest.mark.parametrize("given", [{}, {"reference_id": ""}, {"reference_id": None}], ids=repr)
def test_no_reference_id_is_the_empty_string(target: KountaTarget, given: dict[str, Any]) -> None:
    """A record without a reference id has the key with ""."""
    assert target.record(target.add_customer(**given))["reference_id"] == ""


@pytest.mark.quirk("C07")
def test_no_reference_id_is_the_empty_string_in_lists(target: KountaTarget) -> None:
    """A list item without a reference id has the key with ""."""
    customer = target.add_customer()
    assert in_list(target, customer)["reference_id"] == ""


@pytest.mark.quirk("C07")
def test_a_reference_id_that_is_taken_away_is_the_empty_string(target: KountaTarget) -> None:
    """A change to no reference id answers with ""."""
    customer = target.add_customer(reference_id=new_reference_id())
    assert target.change(customer, {"reference_id": None}).json()["reference_id"] == ""


@pytest.mark.quirk("C08")
def test_timestamps_are_those_of_the_answer(target: KountaTarget) -> None:
    """Both timestamps are the time at which the record is asked for."""
    customer = target.add_customer()
    assert about_now(target.record(customer))


@pytest.mark.quirk("C08")
def test_timestamps_of_a_change_are_those_of_the_answer(target: KountaTarget) -> None:
    """So are those in the answer to a PUT."""
    assert about_now(target.change(target.add_customer(), {"first_name": "Kim"}).json())


@pytest.mark.quirk("C08")
def test_timestamps_move_on_with_the_clock(target: KountaTarget) -> None:
    """A day later the same, unchanged customer is said to have been created a day later."""
    customer = target.add_customer()
    before = target.record(customer)
    target.let_time_pass(seconds=86_400)
    after = target.record(customer)
    for key in ("created_at", "updated_at"):
        passed = datetime.fromisoformat(after[key]) - datetime.fromisoformat(before[key])
        assert timedelta(days=1) <= passed < timedelta(days=1) + CLOCKS_MAY_DIFFER


def about_now(record: dict[str, Any]) -> bool:
    now = datetime.now(timezone.utc)
    moments = (datetime.fromisoformat(record[key]) for key in ("created_at", "updated_at"))
    return all(abs(now - moment) < CLOCKS_MAY_DIFFER for moment in moments)


@pytest.mark.quirk("C11")
def test_a_reference_id_is_not_shown_to_others(target: KountaTarget) -> None:
    """To another application a customer has the empty reference id, in the record and in lists."""
    others = target.as_second_application()
    customer = target.add_customer(reference_id=new_reference_id())
    own = new_reference_id()
    second = target.ask("POST", target.customers, json=new_customer(reference_id=own), headers=others)
    assert second.status_code == 201
    assert target.get(target.customer(customer), headers=others).json()["reference_id"] == ""
    assert target.follow(second)["reference_id"] == ""


@pytest.mark.quirk("C11")
def test_a_reference_id_is_not_listed_to_others(target: KountaTarget) -> None:
    """In the list of another application the customer has the empty reference id."""
    others = target.as_second_application()
    customer = target.add_customer(reference_id=new_reference_id())
    assert in_list(target, customer, others)["reference_id"] == ""


@pytest.mark.quirk("C11")
def test_a_reference_id_does_not_filter_for_others(target: KountaTarget) -> None:
    """Another application finds nobody by it."""
    others = target.as_second_application()
    target.add_customer(reference_id=(reference_id := new_reference_id()))
    answer = target.find_with(others, reference_id=reference_id)
    assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.quirk("C11")
def test_each_application_has_its_own_reference_id(target: KountaTarget) -> None:
    """One customer has another reference id in each; setting one leaves the other."""
    others = target.as_second_application()
    first, second = new_reference_id(), new_reference_id()
    path = target.customer(customer := target.add_customer(reference_id=first))
    changed = target.ask("PUT", path, json={"reference_id": second}, headers=others)
    assert (changed.status_code, changed.json()["reference_id"]) == (200, second)
    assert target.record(customer)["reference_id"] == first
    assert [item["id"] for item in target.find(reference_id=first).json()] == [customer]
    assert target.find(reference_id=second).json() == []
    theirs = target.find_with(others, reference_id=second).json()
    assert [item["id"] for item in theirs] == [customer]


@pytest.mark.quirk("C11")
def test_one_application_does_not_clear_for_another(target: KountaTarget) -> None:
    """A reference id that another application clears, or sends back as it sees it, stays for its owner."""
    others = target.as_second_application()
    path = target.customer(customer := target.add_customer(reference_id=(own := new_reference_id())))
    seen = target.get(path, headers=others).json()
    for body in ({"reference_id": ""}, {"reference_id": None}, seen):
        assert target.ask("PUT", path, json=body, headers=others).status_code == 200
    assert target.record(customer)["reference_id"] == own


@pytest.mark.quirk("C11")
def test_a_token_is_of_the_same_application(target: KountaTarget) -> None:
    """A reference id set with Basic credentials is seen with a token of the same application."""
    customer = target.add_customer(reference_id=(reference_id := new_reference_id()))
    with_token = {"Authorization": f"Bearer {target.access_token()}"}
    record = target.get(target.customer(customer), headers=with_token).json()
    assert record["reference_id"] == reference_id


@pytest.mark.quirk("C19")
def test_list_items_have_six_keys(target: KountaTarget) -> None:
    """An item of the list has only what an abridged customer has."""
    customer = target.add_exactly(complete_customer())
    assert set(in_list(target, customer)) == LIST_ITEM_KEYS


@pytest.mark.quirk("C19")
def test_items_of_the_filtered_list_have_six_keys(target: KountaTarget) -> None:
    """So has an item of the list by reference id, with the values of the record."""
    fields = complete_customer()
    customer = target.add_exactly(fields)
    items = target.find(reference_id=fields["reference_id"]).json()
    record = target.record(customer)
    assert items == [{key: record[key] for key in LIST_ITEM_KEYS}]


@pytest.mark.quirk("A15")
def test_a_list_is_in_order_of_id(target: KountaTarget) -> None:
    """The oldest comes first, whatever its name and however often it was changed."""
    reference_id = new_reference_id()
    names = ("Zoe", "Adam", "Mia", "Adam")
    customers = [target.add_customer(first_name=name, reference_id=reference_id) for name in names]
    assert target.change(customers[0], {"email": new_email(), "reference_id": ""}).status_code == 200
    assert target.change(customers[0], {"reference_id": reference_id}).status_code == 200
    ids = [item["id"] for item in target.find(reference_id=reference_id).json()]
    assert ids == sorted(customers)


@pytest.mark.quirk("A15")
def test_the_whole_list_is_in_order_of_id(target: KountaTarget) -> None:
    """The same holds for the list of all."""
    for name in ("Zoe", "Adam", "Mia"):
        target.add_customer(first_name=name)
    ids = [item["id"] for item in target.find().json()]
    assert ids == sorted(ids)
    assert len(ids) >= 3
