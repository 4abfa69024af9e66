"""The fields of a webhook, and the values that are refused."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.arranging import record_id
from contracts.expecting import expect, expect_parts, expect_status
from contracts.samples import WEBHOOK_KEYS, new_address_of_webhook, new_webhook
from contracts.target import KountaTarget
from contracts.webhooks import CREATED, DELETED, UPDATED, Listening, Webhooks, refused
from fakekounta.catalogue.quirks import Quirk

ATTRIBUTES = list(Quirk.W08_ATTRIBUTE_FILTERS.names)
OTHER_TOPICS = [
    *("orders/completed", "orders/deleted"),
    *(f"{what}/{event}" for what in ("sites", "registers", "taxes") for event in ("created", "updated", "deleted")),
    "tables/updated",
    *(f"shifts/{event}" for event in ("start", "end", "startbreak", "endbreak")),
]
NO_TOPICS = ["customers/changed", "customer/created", "Customers/Created", "customers/created ", "customers", "invalid"]
NO_ADDRESSES = [
    "receiver.example/x",
    "/x",
    "//receiver.example/x",
    "ftp://receiver.example/x",
    "javascript:alert(1)",
    "http://",
    "http:///x",
    "https://:443/x",
    "https://receiver.example:0/x",
    "https://receiver.example:65536/x",
    "https://receiver.example:x/",
    "https://robin@receiver.example/",
    "https://robin:secret@receiver.example/",
    "https://@receiver.example/",
    "https://[::1/",
    "https://receiver.example/a b",
    "https://receiver.example/\r\nX-A: 1",
    " https://receiver.example/",
    "https://receiver.example/\u00e9",
]
HEADERS_NOT_OURS = [
    "Content-Type",
    "Host",
    "Cookie",
    "Accept",
    "Xylophone",
    "",
    "Authorization2",
    "Proxy-Authorization",
]
KOUNTA_HEADERS = ["X-Kounta", "X-Kounta-Signature", "x-kounta-signature", "X-KountaShop", "X-KOUNTA-A"]
WRONG_TYPES: list[dict[str, Any]] = [
    {"topic": 1},
    {"topic": [CREATED]},
    {"address": {}},
    {"address": 1},
    {"format": True},
    {"filter": []},
    {"filter": "name"},
    {"filter": {"attributes": "name"}},
    {"filter": {"attributes": [1]}},
    {"filter": {"attributes": [None]}},
    {"filter": {"site_ids": 1}},
    {"headers": []},
    {"headers": "X-A: 1"},
    {"headers": {"X-A": 1}},
    {"headers": {"X-A": None}},
    {"headers": {"X-A": ["1"]}},
]


def refused_twice(webhooks: Webhooks, fields: dict[str, Any], *words: str) -> None:
    """Check that these fields are refused in a new webhook and in a change, and change nothing."""
    webhook = webhooks.add(topic=UPDATED)
    before = webhooks.listed()
    refused(webhooks.target, webhooks.create(new_webhook(topic=UPDATED) | fields), *words)
    refused(webhooks.target, webhooks.change(webhook, **{"headers": {"X-A": "1"}, **fields}), *words)
    assert webhooks.listed() == before


@pytest.mark.quirk("W03")
@pytest.mark.parametrize("topic", [CREATED, UPDATED, DELETED])
def test_the_topics_of_customers_are_supported(webhooks: Webhooks, topic: str) -> None:
    """Each topic can be set when a webhook is created or changed."""
    expect_parts(webhooks.record(webhooks.add(topic=topic)), {"topic": topic})
    expect_parts(webhooks.changed(webhooks.add(topic=CREATED), topic=topic), {"topic": topic})


@pytest.mark.quirk("W03")
@pytest.mark.parametrize("topic", NO_TOPICS)
def test_no_other_topic_is_supported(webhooks: Webhooks, topic: str) -> None:
    """Any other topic is 400 with the field's name, and nothing is created or changed."""
    refused_twice(webhooks, {"topic": topic}, "topic")


@pytest.mark.quirk("W03")
@pytest.mark.parametrize("topic", [{}, {"topic": None}, {"topic": ""}], ids=str)
def test_a_topic_is_required(webhooks: Webhooks, topic: dict[str, Any]) -> None:
    """A webhook without a topic, or with an empty one, is 400."""
    refused(webhooks.target, webhooks.create({"address": new_address_of_webhook()} | topic), "topic")


@pytest.mark.quirk("W15")
def test_tables_can_be_listened_to_but_never_fire(target: KountaTarget, listen: Listening) -> None:
    """`tables/updated` is accepted, and a new customer is delivered only to webhooks about customers."""
    tables, customers = listen.to("tables/updated"), listen.to(CREATED)
    expect_parts(listen.webhooks.record(tables.id), {"topic": "tables/updated"})
    customers.first_of(target.add_customer())
    assert listen.receiver.at(tables.path) == []


@pytest.mark.quirk("W15")
@pytest.mark.parametrize("topic", OTHER_TOPICS)
def test_topics_of_what_is_not_modelled_can_be_listened_to(webhooks: Webhooks, topic: str) -> None:
    """A webhook is accepted for each topic that the vendor names, with an empty filter, too."""
    expect_parts(webhooks.record(webhooks.add(topic=topic)), {"topic": topic})
    expect_parts(webhooks.record(webhooks.add(topic=topic, filter={"attributes": []})), {"topic": topic})


@pytest.mark.quirk("W15")
@pytest.mark.parametrize(
    "topic",
    ["orders/changed", "products/updated", "*", "customers/*", "sites/*", "sites", "sites/changed", "tables/created"],
)
def test_other_topics_are_refused(webhooks: Webhooks, topic: str) -> None:
    """A topic that is not modelled is 400, not a webhook without deliveries."""
    refused_twice(webhooks, {"topic": topic}, "topic")


@pytest.mark.quirk("W04")
@pytest.mark.parametrize("address", [{}, {"address": None}, {"address": ""}], ids=str)
def test_an_address_is_required(webhooks: Webhooks, address: dict[str, Any]) -> None:
    """A webhook without an address, or with an empty one, is 400."""
    refused(webhooks.target, webhooks.create({"topic": CREATED} | address), "address")


@pytest.mark.quirk("W04")
@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_format_is_json_or_xml(webhooks: Webhooks, form: str) -> None:
    """Both formats can be set when a webhook is created or changed."""
    expect_parts(webhooks.record(webhooks.add(format=form)), {"format": form})
    expect_parts(webhooks.changed(webhooks.add(), format=form), {"format": form})


@pytest.mark.quirk("W04")
@pytest.mark.parametrize("form", [{}, {"format": None}], ids=str)
def test_the_format_is_json_if_none_is_sent(webhooks: Webhooks, form: dict[str, Any]) -> None:
    """Without a format, or with null, it is json."""
    expect_parts(webhooks.record(webhooks.add(**form)), {"format": "json"})


@pytest.mark.quirk("W04")
@pytest.mark.parametrize("form", ["JSON", "Xml", "yaml", "application/json", "json ", "html"])
def test_other_formats_are_refused(webhooks: Webhooks, form: str) -> None:
    """Any other format is 400 with the field's name, and nothing is created or changed."""
    refused_twice(webhooks, {"format": form}, "format")


@pytest.mark.quirk("W04")
@pytest.mark.parametrize("field", ["topic", "address", "format"])
@pytest.mark.parametrize("empty", [None, ""], ids=repr)
def test_a_change_cannot_clear_what_is_needed(webhooks: Webhooks, field: str, empty: str | None) -> None:
    """An empty topic, address or format is 400, and the webhook is unchanged."""
    webhook = webhooks.add()
    before = webhooks.record(webhook)
    refused(webhooks.target, webhooks.change(webhook, **{field: empty}), field)
    expect(webhooks.record(webhook), before)


@pytest.mark.quirk("W05")
@pytest.mark.parametrize("name", ["Authorization", "authorization", "X-Shop", "x-shop", "X-A-b_C.1", "X-Kount"])
def test_authorization_and_x_headers_are_kept(webhooks: Webhooks, name: str) -> None:
    """Authorization and X- headers are in the record as they were sent."""
    headers = {name: "Bearer a/b+c= ~"}
    expect_parts(webhooks.record(webhooks.add(headers=headers)), {"headers": headers})
    expect_parts(webhooks.changed(webhooks.add(), headers=headers), {"headers": headers})


@pytest.mark.quirk("W05")
@pytest.mark.parametrize("name", HEADERS_NOT_OURS + KOUNTA_HEADERS)
def test_no_other_header_is_taken(webhooks: Webhooks, name: str) -> None:
    """Any other header, or one that Kounta sends itself, is 400 with the field's name, also beside a valid one."""
    refused_twice(webhooks, {"headers": {name: "1"}}, "headers")
    refused_twice(webhooks, {"headers": {"X-Shop": "7", name: "1"}}, "headers")


@pytest.mark.quirk("W05")
@pytest.mark.parametrize(
    "headers",
    [{"X-A": "1\r\nHost: x"}, {"X-A": "\n"}, {"X-A": "\x00"}, {"X-A": "\u00e9"}, {"X-A: 1\r\nB": "1"}, {"X-A B": "1"}],
)
def test_no_header_can_smuggle_another(webhooks: Webhooks, headers: dict[str, str]) -> None:
    """Characters that no header can have are 400."""
    refused_twice(webhooks, {"headers": headers}, "headers")


@pytest.mark.quirk("W17")
@pytest.mark.parametrize("rest", ["", "/", "/a/b.php?c=d&e=%20", ":8080/x", "/x#part", "/%C3%A9"])
@pytest.mark.parametrize("start", ["http://receiver.example", "https://receiver.example", "HTTPS://Receiver.Example"])
def test_an_address_is_an_http_url(webhooks: Webhooks, start: str, rest: str) -> None:
    """The address is stored unchanged."""
    expect_parts(webhooks.record(webhooks.add(address=start + rest)), {"address": start + rest})


@pytest.mark.quirk("W17")
@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_nothing_else_is_an_address(webhooks: Webhooks, address: str) -> None:
    """Other schemes, no host, a wrong port, credentials, blanks and similar are 400, and nothing is changed."""
    refused_twice(webhooks, {"address": address}, "address")


@pytest.mark.quirk("W08")
def test_the_attributes_of_the_documentation_are_taken(webhooks: Webhooks) -> None:
    """Each of the eight attributes alone, and all together, are stored in the order in which they were sent."""
    for attributes in ([], ATTRIBUTES, ATTRIBUTES[::-1], *([one] for one in ATTRIBUTES)):
        webhook = webhooks.add(topic=UPDATED, filter={"attributes": attributes})
        assert webhooks.record(webhook)["filter"].get("attributes", []) == attributes


@pytest.mark.quirk("W08")
@pytest.mark.parametrize("attribute", ["first_name", "reference_id", "Name", "primary_address", "id", "", "invalid"])
def test_other_attributes_are_refused(webhooks: Webhooks, attribute: str) -> None:
    """Any other attribute, above all the reference id, is 400, also beside a valid one."""
    refused_twice(webhooks, {"filter": {"attributes": [attribute]}}, "filter")
    refused_twice(webhooks, {"filter": {"attributes": ["name", attribute]}}, "filter")


@pytest.mark.quirk("W09")
@pytest.mark.parametrize("filter_", [{"name": True}, {"attribute": ["name"]}, {"fields": []}, {"Attributes": ["name"]}])
def test_other_filters_are_refused(webhooks: Webhooks, filter_: dict[str, Any]) -> None:
    """A filter with another name is 400, not ignored."""
    refused_twice(webhooks, {"filter": filter_}, "filter")


@pytest.mark.quirk("W16")
@pytest.mark.parametrize("topic", ["sites/updated", "registers/updated"])
def test_updates_of_sites_and_registers_have_attributes(webhooks: Webhooks, topic: str) -> None:
    """For these topics attributes of any name are accepted, and stored as they were sent."""
    filter_ = {"attributes": ["name", "open_hours"]}
    expect_parts(webhooks.record(webhooks.add(topic=topic, filter=filter_)), {"filter": filter_})


@pytest.mark.quirk("W16")
@pytest.mark.parametrize("topic", [CREATED, DELETED, "orders/completed", "sites/created", "taxes/updated"])
def test_other_topics_have_no_attributes(webhooks: Webhooks, topic: str) -> None:
    """Attributes for any other topic are 400; an empty list is accepted."""
    refused(webhooks.target, webhooks.create(new_webhook(topic=topic, filter={"attributes": ["name"]})), "filter")
    expect_parts(webhooks.record(webhooks.add(topic=topic, filter={"attributes": []})), {"topic": topic})


@pytest.mark.quirk("W16")
def test_a_topic_cannot_be_changed_under_its_filter(webhooks: Webhooks) -> None:
    """The topic of a webhook with attributes can only be changed together with its filter."""
    webhook = webhooks.add(topic=UPDATED, filter={"attributes": ["name"]})
    refused(webhooks.target, webhooks.change(webhook, topic=CREATED), "filter")
    expect_parts(webhooks.record(webhook), {"topic": UPDATED})
    expect_parts(webhooks.changed(webhook, topic=CREATED, filter={}), {"topic": CREATED})


@pytest.mark.quirk("T11")
@pytest.mark.parametrize("fields", WRONG_TYPES, ids=str)
def test_a_value_of_the_wrong_type_is_refused(webhooks: Webhooks, fields: dict[str, Any]) -> None:
    """A value of a wrong type is 400 with the field's name, without the words that clients take for a token error."""
    refused_twice(webhooks, fields, next(iter(fields)))


@pytest.mark.quirk("T11")
@pytest.mark.parametrize("word", ["invalid", "expired"])
def test_what_was_sent_is_not_echoed_into_the_words_of_a_token(webhooks: Webhooks, word: str) -> None:
    """No field can bring the words `invalid` or `expired` into a refusal."""
    for fields in ({"filter": {word: 1}}, {"headers": {word: 1}}, {"headers": {f"X-{word}": None}}, {"topic": word}):
        refused_twice(webhooks, fields)


@pytest.mark.quirk("W02")
@pytest.mark.parametrize(
    "other", [{"id": 999_999_999}, {"created_at": "2001-01-01T00:00:00+10:00"}, {"client_id": "x"}], ids=str
)
def test_other_fields_of_a_webhook_have_no_effect(webhooks: Webhooks, other: dict[str, Any]) -> None:
    """A read-only or unknown field is neither stored nor refused, on POST and on PUT."""
    created = webhooks.create(new_webhook(**other))
    expect_status(created, 201)
    record = webhooks.record(record_id(created))
    changed = webhooks.changed(record_id(created), **other)
    assert {**changed, "updated_at": ""} == {**record, "updated_at": ""}
    assert [key for key, value in other.items() if record.get(key) == value] == []
    expect(set(record), WEBHOOK_KEYS)
