"""The changes that a filter lets through."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.expecting import expect, expect_parts, expect_status
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
FIELDS = {  # the fields of each attribute
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
    expect_status(answer, 200)


def hears_only(target: KountaTarget, listener: Listener, customer: int, **last: Any) -> None:
    """Check that the listener gets this change of the customer, and nothing before it."""
    change(target, customer, **last)
    heard = listener.first_payload(customer)
    expect({name: heard[name] for name in last}, last)


@pytest.mark.quirk("W07")
@pytest.mark.parametrize("fields", NO_FILTERS, ids=str)
@EACH_ATTRIBUTE
def test_without_a_filter_every_change_is_delivered(
    target: KountaTarget, listen: Listening, fields: dict[str, Any], attribute: str
) -> None:
    """Without a filter, with {}, and with null values in it, every change fires the webhook."""
    listener = listen.to(UPDATED, **fields)
    customer = target.add_exactly(complete_customer())
    hears_only(target, listener, customer, **{FIELDS[attribute][0]: other_customer()[FIELDS[attribute][0]]})


@pytest.mark.quirk("W07")
@pytest.mark.parametrize("fields", NO_FILTERS[:4], ids=str)
def test_a_filter_without_values_is_none(webhooks: Webhooks, fields: dict[str, Any]) -> None:
    """A filter without values is {} in the record."""
    expect_parts(webhooks.record(webhooks.add(topic=UPDATED, **fields)), {"filter": {}})


@pytest.mark.quirk("W07")
def test_a_filter_of_sites_is_kept(webhooks: Webhooks) -> None:
    """Ids of sites are stored as they were sent, also beside attributes."""
    filter_ = {"site_ids": [1, 2], "attributes": ["name"]}
    expect_parts(webhooks.record(webhooks.add(topic=UPDATED, filter=filter_)), {"filter": filter_})


@pytest.mark.quirk("W07")
def test_a_change_replaces_what_is_sent(webhooks: Webhooks) -> None:
    """A PUT of one field leaves the others; a PUT of none leaves all."""
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
    """A new filter replaces the old one whole."""
    webhook = webhooks.add(topic=UPDATED, filter={"attributes": ["name", "tags"], "site_ids": [1]})
    expect_parts(webhooks.changed(webhook, filter=filter_), {"filter": filter_})


@pytest.mark.quirk("W07")
@pytest.mark.parametrize("empty", NO_FILTERS[1:], ids=str)
def test_an_empty_filter_takes_a_filter_away(target: KountaTarget, listen: Listening, empty: dict[str, Any]) -> None:
    """After a change to an empty filter, changes that the old one kept away are delivered."""
    listener = listen.to(UPDATED, filter={"attributes": ["email"]})
    customer = target.add_exactly(complete_customer())
    change(target, customer, first_name="Kept away")
    listen.webhooks.changed(listener.id, **empty)
    hears_only(target, listener, customer, first_name="Kim")


@pytest.mark.quirk("W07")
def test_a_new_filter_counts_from_the_change_on(target: KountaTarget, listen: Listening) -> None:
    """After the change of a filter only changes that pass the new one are delivered."""
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
    """A change of only this field fires a webhook with its attribute."""
    listener = listen.to(UPDATED, filter={"attributes": [attribute]})
    customer = target.add_exactly(complete_customer())
    hears_only(target, listener, customer, **{field: other_customer()[field]})


@pytest.mark.quirk("W08")
@EACH_ATTRIBUTE
def test_an_attribute_keeps_all_other_fields_away(target: KountaTarget, listen: Listening, attribute: str) -> None:
    """Changes of all other fields, one by one and together, do not fire; one that includes the field does."""
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
    """With two attributes, a change of either fires, and a change of neither does not."""
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
        target.not_provable("it cannot be cleared, because null is refused")
    assert not listener.first_payload(customer)[field]


@pytest.mark.quirk("W09")
def test_attributes_are_named_by_the_key_attributes(target: KountaTarget, listen: Listening) -> None:
    """`{"attributes": ["email"]}` is stored unchanged and takes effect."""
    listener = listen.to(UPDATED, filter={"attributes": ["email"]})
    expect_parts(listen.webhooks.record(listener.id), {"filter": {"attributes": ["email"]}})
    customer = target.add_exactly(complete_customer())
    change(target, customer, first_name="Kept away")
    hears_only(target, listener, customer, email=new_email())


@pytest.mark.quirk("W14")
@pytest.mark.parametrize("filter_", [{}, {"attributes": list(FIELDS)}], ids=["unfiltered", "all attributes"])
def test_a_change_that_changes_nothing_fires_nothing(
    target: KountaTarget, listen: Listening, filter_: dict[str, Any]
) -> None:
    """A PUT without fields, with the same values, with the whole record or with unknown fields does not fire."""
    listener = listen.to(UPDATED, filter=filter_)
    customer = target.add_exactly(fields := complete_customer())
    for same in ({}, fields, {"email": fields["email"]}, target.raw_record(customer), {"notes": "x"}):
        change(target, customer, **sent_back(target.chosen, same))
    hears_only(target, listener, customer, first_name="Kim")


@pytest.mark.quirk("W14")
def test_a_refused_change_fires_nothing(target: KountaTarget, listen: Listening) -> None:
    """A PUT that is 400 for one field delivers none of the others; a refused POST delivers no customer."""
    created, updated = listen.to(CREATED), listen.to(UPDATED)
    target.refuses(target.create({"first_name": MARK}))
    customer = target.add_exactly(complete_customer())
    expect_parts(created.first_payload(customer), {"id": customer})
    target.refuses(target.change(customer, {"last_name": "Refused", "tags": "no array"}))
    hears_only(target, updated, customer, first_name="Kim")


@pytest.mark.quirk("W14")
def test_a_reference_id_alone_fires_without_a_filter(target: KountaTarget, listen: Listening) -> None:
    """A change of the reference id fires a webhook without filter, and none with all attributes."""
    everything, filtered = listen.to(UPDATED), listen.to(UPDATED, filter={"attributes": list(FIELDS)})
    customer = target.add_exactly(complete_customer())
    reference_id = new_reference_id()
    hears_only(target, everything, customer, reference_id=reference_id)
    hears_only(target, filtered, customer, first_name="Kim")
    expect_parts(filtered.first_payload(customer), {"reference_id": reference_id})


@pytest.mark.quirk("W14")
def test_the_same_reference_id_again_fires_nothing(target: KountaTarget, listen: Listening) -> None:
    """The same reference id fires nothing, even if another application has set its own in between."""
    listener = listen.to(UPDATED)
    customer = target.add_customer(reference_id=(mine := new_reference_id()))
    second = target.as_second_application()
    path = target.customer(customer)
    expect_status(target.ask("PUT", path, json={"reference_id": new_reference_id()}, headers=second), 200)
    assert len(listener.of(customer, 1)) == 1
    change(target, customer, reference_id=mine)
    change(target, customer, first_name="Kim")
    assert [payload["first_name"] for payload in listener.of(customer, 2)] == ["Robin", "Kim"]
