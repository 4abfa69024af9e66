"""Tests of properties of events, which are pure functions: the event of a change, and the webhooks that get it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from itertools import product
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fakekounta import Address, Customer
from fakekounta.core.errors import BadField, NotFound
from fakekounta.core.orders.order import Order
from fakekounta.core.subscriptions import Subscriptions
from fakekounta.core.webhooks import ATTRIBUTES, Event, Webhook, customer_event, new_webhook, record_events, wants

NOW = datetime(2026, 11, 23, 7, 40, tzinfo=timezone.utc)
ME, OTHER = "my-client-id", "other-client-id"
CREATED, UPDATED, DELETED = "customers/created", "customers/updated", "customers/deleted"
ADDRESS = "https://receiver.example/a"
# The list in the vendor's documentation.
LISTED = {
    "name": ["first_name", "last_name"],
    "phone": ["phone"],
    "mobile": ["mobile"],
    "email": ["email"],
    "address": ["primary_address", "shipping_address"],
    "tags": ["tags"],
    "image": ["image"],
    "accepts_marketing": ["accepts_marketing"],
}
AL = Customer(id=7, first_name="Al", email="al@example.com")
# For each field of a customer a value that differs from Al's, and the attributes that include the field.
CHANGES: dict[str, tuple[Any, set[str]]] = {
    "first_name": ("Bo", {"name"}),
    "last_name": ("Lee", {"name"}),
    "email": ("bo@example.com", {"email"}),
    "phone": ("02 1", {"phone"}),
    "mobile": ("04 1", {"mobile"}),
    "image": ("x.png", {"image"}),
    "tags": (("Tea",), {"tags"}),
    "primary_address": (Address(city="Farville"), {"address"}),
    "shipping_address": (Address(city="Farville"), {"address"}),
    "accepts_marketing": (True, {"accepts_marketing"}),
    "reference_ids": (((ME, "R"),), set()),
}


def made(**fields: Any) -> Webhook:
    return new_webhook(3, 5678, ME, {"topic": UPDATED, "address": ADDRESS, **fields}, NOW)


# --- events


def test_the_attributes_are_those_of_the_documentation() -> None:
    """There are eight attributes, each with its fields; none includes the reference id."""
    assert {name: list(fields) for name, fields in ATTRIBUTES.items()} == LISTED
    assert {name for name in CHANGES if CHANGES[name][1]} == {name for fields in LISTED.values() for name in fields}


@given(st.sets(st.sampled_from(list(CHANGES))), st.booleans())
@example(set(), False)
@example({"reference_ids"}, False)
def test_an_update_tells_the_attributes_that_changed(names: set[str], backwards: bool) -> None:
    """An event has exactly the attributes with a changed field; without a difference there is no event."""
    other = replace(AL, **{name: CHANGES[name][0] for name in names})
    before, after = (other, AL) if backwards else (AL, other)
    attributes = frozenset().union(*(CHANGES[name][1] for name in names))
    expected = Event(topic=UPDATED, record=after, changed=attributes) if names else None
    assert customer_event(before, after) == expected


def test_a_beginning_and_an_end_are_events() -> None:
    """A new customer is an event, and so is a deletion, with the customer before it."""
    assert customer_event(None, AL) == Event(topic=CREATED, record=AL)
    assert customer_event(AL, None) == Event(topic=DELETED, record=AL)
    assert customer_event(None, None) is None


def test_an_equal_customer_fires_no_event() -> None:
    """An equal customer is no change, even if it is another object."""
    assert customer_event(AL, replace(AL)) is None


# --- webhooks of an event


@given(
    st.sampled_from([CREATED, UPDATED, DELETED]),
    st.sampled_from([CREATED, UPDATED, DELETED, "orders/completed"]),
    st.none() | st.lists(st.sampled_from(list(LISTED)), max_size=3),
    st.frozensets(st.sampled_from(list(LISTED)), max_size=3),
    st.booleans(),
)
@example(UPDATED, UPDATED, ["name"], frozenset(), False)
@example(UPDATED, UPDATED, [], frozenset(), False)
@example(UPDATED, UPDATED, ["name", "email"], frozenset({"email"}), True)
def test_a_webhook_wants_its_topic_and_any_of_its_attributes(
    happened: str, topic: str, attributes: list[str] | None, changed: frozenset[str], with_sites: bool
) -> None:
    """The topic must be the event's, and one attribute of the filter, if it has any, must have changed."""
    if topic != UPDATED:
        attributes = None
    filter_: dict[str, Any] = {"site_ids": [1]} if with_sites else {}
    if attributes is not None:
        filter_["attributes"] = attributes
    event = Event(topic=happened, record=AL, changed=changed if happened == UPDATED else frozenset())
    expected = topic == happened and (not attributes or any(one in changed for one in attributes))
    assert wants(made(topic=topic, filter=filter_), event) is expected


@pytest.mark.parametrize("field", CHANGES)
def test_each_change_reaches_the_webhooks_of_its_attributes(field: str) -> None:
    """Of webhooks with one attribute each, those of the changed attributes get the event, and one without filter."""
    value, attributes = CHANGES[field]
    event = customer_event(AL, replace(AL, **{field: value}))
    assert event is not None
    hear = {name for name in LISTED if wants(made(filter={"attributes": [name]}), event)}
    assert (hear, wants(made(), event)) == (attributes, True)


def test_webhooks_are_notified_in_the_order_of_their_creation() -> None:
    """Webhooks get an event in the order of creation, whoever owns them."""
    subscriptions = Subscriptions(5678)
    topics = [CREATED, UPDATED, CREATED, CREATED]
    for client_id, topic in zip((ME, ME, OTHER, ME), topics, strict=True):
        subscriptions.create(client_id, {"topic": topic, "address": ADDRESS}, NOW)
    listening = subscriptions.listening(Event(topic=CREATED, record=AL))
    assert [(webhook.id, webhook.client_id) for webhook in listening] == [(1, ME), (3, OTHER), (4, ME)]


def test_a_refused_webhook_spends_no_id_and_changes_nothing() -> None:
    """After refusals of all kinds the list is unchanged, and the next id is the next number."""
    subscriptions = Subscriptions(5678)
    webhook = subscriptions.create(ME, {"topic": CREATED, "address": ADDRESS}, NOW)
    with pytest.raises(BadField):
        subscriptions.create(ME, {"topic": CREATED, "address": "x"}, NOW)
    with pytest.raises(BadField):
        subscriptions.change(ME, 1, {"address": "x"}, NOW)
    for client_id, webhook_id in product((OTHER, ME), (1, 2)):
        if (client_id, webhook_id) != (ME, 1):
            for ask in (subscriptions.get, subscriptions.remove):
                with pytest.raises(NotFound):
                    ask(client_id, webhook_id)
            with pytest.raises(NotFound):
                subscriptions.change(client_id, webhook_id, {}, NOW)
    assert (subscriptions.all(), subscriptions.next_id) == ([webhook], 2)


# --- events of orders

OPEN = Order(id=7, site_id=640, status="ON_HOLD")
DONE, GONE = replace(OPEN, status="COMPLETE"), replace(OPEN, status="DELETED", deleted=True)


@pytest.mark.parametrize(
    "before, after, events",
    [
        (None, OPEN, ["created"]),
        (None, DONE, ["created", "completed"]),
        (OPEN, replace(OPEN, notes="x"), ["updated"]),
        (OPEN, replace(OPEN, updated_at=NOW), []),
        (OPEN, DONE, ["updated", "completed"]),
        (DONE, replace(DONE, notes="x"), ["updated"]),
        (DONE, GONE, ["updated", "deleted"]),
        (GONE, replace(GONE, notes="x"), ["updated"]),
        (OPEN, None, ["deleted"]),
        (GONE, None, []),
    ],
)
def test_an_order_is_completed_and_deleted_once(before: Order | None, after: Order | None, events: list[str]) -> None:
    """An order is completed and deleted once, by the API, the POS or a test; the event has the order as it is then."""
    happened = list(record_events("orders", before, after))
    assert [one.topic for one in happened] == [f"orders/{name}" for name in events]
    assert all(one.record is (before if after is None else after) for one in happened)


@pytest.mark.parametrize("topic", ["orders/completed", "orders/deleted", "orders/updated"])
@pytest.mark.parametrize(
    "site_ids, is_wanted", [([], True), ([640], True), ([7, 640], True), ([7], False), (["640"], False)]
)
def test_a_filter_of_sites_is_about_orders(topic: str, site_ids: list[Any], is_wanted: bool) -> None:
    """An order of no site passes no filter; for a customer the filter has no effect."""
    webhook = made(topic=topic, filter={"site_ids": site_ids})
    assert wants(webhook, Event(topic=topic, record=DONE)) is is_wanted
    assert wants(webhook, Event(topic=topic, record=replace(DONE, site_id=None))) is (not site_ids)
    assert wants(made(topic=CREATED, filter={"site_ids": site_ids}), Event(topic=CREATED, record=AL))
