"""Which changes a webhook is told of."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.forms import sent_back
from contracts.samples import (
    MARK,
    complete_customer,
    new_email,
    new_reference_id,
    other_customer,
)
from contracts.target import KountaTarget
from contracts.webhooks import CREATED, UPDATED, Listener, Listening, Webhooks
from fakekounta.catalogue.quirks import Quirk

_OF_SEVERAL_FIELDS = {"name": ("first_name", "last_name"), "address": ("primary_address", "shipping_address")}
FIELDS = {  # the fields that are meant by each attribute
    attribute: _OF_SEVERAL_FIELDS.get(attribute, (attribute,)) for attribute in Quirk.W08_ATTRIBUTE_FILTERS.names
}
EACH_ATTRIBUTE = pytest.mark.parametrize("attribute", FIELDS)
EACH_FIELD = pytest.mark.parametrize(
    "attribute,field", [(attribute, field) for attribute, fields in FIELDS.items() for field in fields]
)
NO_FILTERS: list[dict[str, Any]] = [
    {},
    {"filter": {}},
    {"filter": None},
    {"filter": {"site_ids": None}},
    {"filter": {"attributes": None}},
    {"filter": {"attributes": []}},
]


def change(target: KountaTarget, customer: int, **fields: Any) -> None:
    answer = target.change(customer, fields)
    assert answer.status_code == 200, answer.text


def hears_only(target: KountaTarget, listener: Listener, customer: int, **last: Any) -> None:
    """What the listener hears of the customer is this change, which it must hear, and nothing before."""
    change(target, customer, **last)
    heard = listener.told(customer)
    assert {name: heard[name] for name in last} == last


@pytest.mark.quirk("W07")
@pytest.mark.parametrize("fields", NO_FILTERS, ids=str)
@EACH_ATTRIBUTE
def test_without_a_filter_every_change_is_told(
    target: KountaTarget, listen: Listening, fields: dict[str, Any], attribute: str
) -> None:
    """No filter, {}, and null values in it all mean that a change of anything fires."""
    listener = listen.to(UPDATED, **fields)
    customer = target.add_exactly(complete_customer())
    hears_only(target, listener, customer, **{FIELDS[attribute][0]: other_customer()[FIELDS[attribute][0]]})


@pytest.mark.quirk("W07")
@pytest.mark.parametrize("fields", NO_FILTERS[:4], ids=str)
def test_a_filter_without_values_is_none(webhooks: Webhooks, fields: dict[str, Any]) -> None:
    """It is {} in the record."""
    assert webhooks.record(webhooks.add(topic=UPDATED, **fields))["filter"] == {}


@pytest.mark.quirk("W07")
def test_a_filter_of_sites_is_kept(webhooks: Webhooks) -> None:
    """Ids of sites come back as they were sent, beside attributes too."""
    filter_ = {"site_ids": [1, 2], "attributes": ["name"]}
    assert webhooks.record(webhooks.add(topic=UPDATED, filter=filter_))["filter"] == filter_


@pytest.mark.quirk("W07")
def test_a_change_replaces_what_is_sent(webhooks: Webhooks) -> None:
    """PUT of one field leaves the others; PUT of nothing leaves all."""
    start = {"topic": UPDATED, "format": "xml", "filter": {"attributes": ["name"]}, "headers": {"X-A": "1"}}
    webhook = webhooks.add(**start)
    known = {**webhooks.record(webhook), "updated_at": ""}
    assert {**webhooks.changed(webhook), "updated_at": ""} == known
    for field, value in (
        ("address", "https://receiver.example/other"),
        ("format", "json"),
        ("filter", {"attributes": ["email"]}),
        ("headers", {"X-B": "2"}),
    ):
        known[field] = value
        assert {**webhooks.changed(webhook, **{field: value}), "updated_at": ""} == known


@pytest.mark.quirk("W07")
@pytest.mark.parametrize("filter_", [{"attributes": ["email"]}, {"site_ids": [3]}, {}], ids=str)
def test_a_filter_is_replaced_and_not_merged(webhooks: Webhooks, filter_: dict[str, Any]) -> None:
    """Of the filter that was there nothing is left."""
    webhook = webhooks.add(topic=UPDATED, filter={"attributes": ["name", "tags"], "site_ids": [1]})
    assert webhooks.changed(webhook, filter=filter_)["filter"] == filter_


@pytest.mark.quirk("W07")
@pytest.mark.parametrize("empty", NO_FILTERS[1:], ids=str)
def test_an_empty_filter_takes_a_filter_away(target: KountaTarget, listen: Listening, empty: dict[str, Any]) -> None:
    """After such a change, what the filter kept away is told."""
    listener = listen.to(UPDATED, filter={"attributes": ["email"]})
    customer = target.add_exactly(complete_customer())
    change(target, customer, first_name="Kept away")
    listen.webhooks.changed(listener.id, **empty)
    hears_only(target, listener, customer, first_name="Kim")


@pytest.mark.quirk("W07")
def test_a_new_filter_counts_from_the_change_on(target: KountaTarget, listen: Listening) -> None:
    """What the old one let through is kept away, what it kept away is told."""
    listener = listen.to(UPDATED, filter={"attributes": ["email"]})
    customer = target.add_exactly(complete_customer())
    listen.webhooks.changed(listener.id, filter={"attributes": ["tags"]})
    change(target, customer, email=new_email())
    hears_only(target, listener, customer, tags=["Coffee"])


@pytest.mark.quirk("W08")
@EACH_FIELD
def test_an_attribute_lets_its_fields_through(
    target: KountaTarget, listen: Listening, attribute: str, field: str
) -> None:
    """A change of the field fires a webhook with the attribute, though nothing else changed."""
    listener = listen.to(UPDATED, filter={"attributes": [attribute]})
    customer = target.add_exactly(complete_customer())
    hears_only(target, listener, customer, **{field: other_customer()[field]})


@pytest.mark.quirk("W08")
@EACH_ATTRIBUTE
def test_an_attribute_keeps_all_other_fields_away(target: KountaTarget, listen: Listening, attribute: str) -> None:
    """Changes of every other field, one by one and together, do not fire; one that touches it as well does."""
    listener = listen.to(UPDATED, filter={"attributes": [attribute]})
    customer = target.add_exactly(complete_customer())
    others = {name: value for name, value in other_customer().items() if name not in FIELDS[attribute]}
    for name, value in others.items():
        change(target, customer, **{name: value})
    change(target, customer, **{name: complete_customer()[name] for name in others})
    last = other_customer()
    hears_only(
        target, listener, customer, **{FIELDS[attribute][-1]: last[FIELDS[attribute][-1]], "email": last["email"]}
    )


@pytest.mark.quirk("W08")
@pytest.mark.parametrize("field", ["phone", "tags"])
def test_any_of_the_attributes_is_enough(target: KountaTarget, listen: Listening, field: str) -> None:
    """With two attributes, a change of either fires, and one of neither does not."""
    listener = listen.to(UPDATED, filter={"attributes": ["phone", "tags"]})
    customer = target.add_exactly(complete_customer())
    change(target, customer, first_name="Kept away")
    hears_only(target, listener, customer, **{field: other_customer()[field]})


@pytest.mark.quirk("W08")
@pytest.mark.parametrize("field", ["last_name", "image", "shipping_address", "mobile"])
def test_clearing_a_field_is_a_change_of_it(target: KountaTarget, listen: Listening, field: str) -> None:
    """null for a field that had a value fires a webhook with its attribute."""
    attribute = next(name for name, fields in FIELDS.items() if field in fields)
    listener = listen.to(UPDATED, filter={"attributes": [attribute]})
    customer = target.add_exactly(complete_customer())
    if not target.change(customer, {field: None}).is_success:
        target.not_provable("it cannot be cleared (A13)")
    assert not listener.told(customer)[field]


@pytest.mark.quirk("W09")
def test_attributes_are_named_by_the_key_attributes(target: KountaTarget, listen: Listening) -> None:
    """`{"attributes": ["email"]}` is kept as it is and counts."""
    listener = listen.to(UPDATED, filter={"attributes": ["email"]})
    assert listen.webhooks.record(listener.id)["filter"] == {"attributes": ["email"]}
    customer = target.add_exactly(complete_customer())
    change(target, customer, first_name="Kept away")
    hears_only(target, listener, customer, email=new_email())


@pytest.mark.quirk("W14")
@pytest.mark.parametrize("filter_", [{}, {"attributes": list(FIELDS)}], ids=["unfiltered", "all attributes"])
def test_a_change_that_changes_nothing_fires_nothing(
    target: KountaTarget, listen: Listening, filter_: dict[str, Any]
) -> None:
    """Neither an empty PUT, nor one of what is there already, nor of the whole record, nor of unknown fields."""
    listener = listen.to(UPDATED, filter=filter_)
    customer = target.add_exactly(fields := complete_customer())
    for same in ({}, fields, {"email": fields["email"]}, target.raw_record(customer), {"notes": "x"}):
        change(target, customer, **sent_back(target.chosen, same))
    hears_only(target, listener, customer, first_name="Kim")


@pytest.mark.quirk("W14")
def test_a_refused_change_fires_nothing(target: KountaTarget, listen: Listening) -> None:
    """A PUT that is 400 for one field tells nobody of the others; a refused POST tells of no customer."""
    created, updated = listen.to(CREATED), listen.to(UPDATED)
    target.refuses(target.create({"first_name": MARK}))
    customer = target.add_exactly(complete_customer())
    assert created.told(customer)["id"] == customer
    target.refuses(target.change(customer, {"last_name": "Refused", "tags": "no array"}))
    hears_only(target, updated, customer, first_name="Kim")


@pytest.mark.quirk("W14")
def test_a_reference_id_alone_fires_where_there_is_no_filter(target: KountaTarget, listen: Listening) -> None:
    """A webhook without filter is told, one that lists all attributes is not."""
    everything, filtered = listen.to(UPDATED), listen.to(UPDATED, filter={"attributes": list(FIELDS)})
    customer = target.add_exactly(complete_customer())
    reference_id = new_reference_id()
    hears_only(target, everything, customer, reference_id=reference_id)
    hears_only(target, filtered, customer, first_name="Kim")
    assert filtered.told(customer)["reference_id"] == reference_id


@pytest.mark.quirk("W14")
def test_the_same_reference_id_again_fires_nothing(target: KountaTarget, listen: Listening) -> None:
    """Not even if another application has given the customer one of its own in between."""
    listener = listen.to(UPDATED)
    customer = target.add_customer(reference_id=(mine := new_reference_id()))
    second = target.as_second_application()
    path = target.customer(customer)
    assert target.ask("PUT", path, json={"reference_id": new_reference_id()}, headers=second).status_code == 200
    assert len(listener.of(customer, 1)) == 1
    change(target, customer, reference_id=mine)
    change(target, customer, first_name="Kim")
    assert [payload["first_name"] for payload in listener.of(customer, 2)] == ["Robin", "Kim"]
