"""The requests that arrive at a webhook's address."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from contracts.arranging import PreconditionFailed
from contracts.expecting import expect, expect_keys, expect_parts, expect_status
from contracts.forms import moment
from contracts.receiver import SIGNATURE
from contracts.samples import (
    FLAG,
    RECORD_KEYS,
    complete_customer,
    new_customer,
    new_last_name,
    new_reference_id,
    without_timestamps,
)
from contracts.target import KountaTarget
from contracts.webhooks import CREATED, DELETED, UPDATED, Listening, is_signed

FORMATS = pytest.mark.parametrize("form", ["json", "xml"])


def comparable(record: dict[str, Any]) -> dict[str, Any]:
    """Return the part that a payload and a record have in common; C07 is about an absent reference id."""
    return {**without_timestamps(record), "reference_id": record.get("reference_id") or ""}


@pytest.mark.quirk("W03")
def test_each_topic_has_its_own_events(target: KountaTarget, listen: Listening) -> None:
    """A new, a changed and a deleted customer are each delivered once, to the webhooks of that topic."""
    created, updated, deleted = (listen.to(topic) for topic in (CREATED, UPDATED, DELETED))
    customer = target.add_customer(last_name="before")
    target.change(customer, {"last_name": "after"})
    target.delete_customer(customer)
    heard = [[one["last_name"] for one in listener.of(customer, 1)] for listener in (created, updated, deleted)]
    expect(heard, [["before"], ["after"], ["after"]])


@pytest.mark.quirk("W04")
def test_the_address_is_called_as_it_is(target: KountaTarget, listen: Listening) -> None:
    """Path and query of the address arrive unchanged."""
    listener = listen.to(CREATED)
    path = f"{listener.path}/a%20b;c/?d=%C3%A9&d=+&e"
    listen.webhooks.changed(listener.id, address=listen.receiver.url + path)
    target.add_customer()
    assert listen.receiver.wait_for(path, 1, timeout_seconds=30)[0].path == path
    assert listen.receiver.at(listener.path) == []


@pytest.mark.quirk("W04")
def test_a_changed_address_is_called_from_then_on(target: KountaTarget, listen: Listening) -> None:
    """Events before the change of the address go to the old one."""
    old, new = listen.to(CREATED), listen.to(DELETED)
    first = target.add_customer()
    old.first_of(first)
    listen.webhooks.changed(old.id, address=listen.receiver.url + new.path)
    second = target.add_customer()
    expect_parts(new.first_payload(first, second), {"id": second})
    assert second not in [arrival.json()["id"] for arrival in listen.receiver.at(old.path)]


@pytest.mark.quirk("W01")
def test_a_deleted_webhook_hears_nothing_more(target: KountaTarget, listen: Listening) -> None:
    """Events after the 204 are delivered to other webhooks only."""
    gone, stays = listen.to(CREATED), listen.to(CREATED)
    expect_status(listen.webhooks.delete(gone.id), 204)
    stays.first_of(target.add_customer())
    assert listen.receiver.at(gone.path) == []


@pytest.mark.quirk("W05")
@FORMATS
def test_the_headers_of_a_webhook_are_sent(target: KountaTarget, listen: Listening, form: str) -> None:
    """Each delivery has the webhook's headers as given, and the new ones after a change."""
    headers = {"Authorization": "Bearer a/b+c=", "X-Shop": "7, 8", "x-lower": "ok"}
    listener = listen.to(CREATED, headers=headers, format=form)
    target.add_customer()
    [first] = listener.wait_for()[:1]
    expect({name: first.header(name) for name in headers}, headers)
    listen.webhooks.changed(listener.id, headers={"X-Other": "9"})
    target.add_customer()
    last = listener.wait_for(2)[-1]
    assert last.header("X-Other") == "9"
    assert {name.lower() for name, _ in last.headers}.isdisjoint({"authorization", "x-shop", "x-lower"})


@pytest.mark.quirk("W06")
def test_every_webhook_gets_its_own_delivery(target: KountaTarget, listen: Listening) -> None:
    """Three webhooks on one topic, two of them with the same address, get one delivery each."""
    listeners = [listen.to(CREATED) for _ in range(2)]
    listen.webhooks.add(topic=CREATED, address=listen.receiver.url + listeners[0].path)
    customer = target.add_customer()
    assert [len(listeners[0].of(customer, 2)), len(listeners[1].of(customer, 1))] == [2, 1]


@pytest.mark.quirk("W06")
def test_webhooks_do_not_hinder_each_other(target: KountaTarget, listen: Listening) -> None:
    """A receiver that refuses does not delay the delivery to another."""
    broken, sound = listen.to(CREATED), listen.to(CREATED)
    broken.answer(*[500] * 5)
    customer = target.add_customer()
    assert (len(broken.of(customer, 1)), len(sound.of(customer, 1))) == (1, 1)


@pytest.mark.quirk("W10")
def test_a_new_customer_is_delivered_whole(target: KountaTarget, listen: Listening) -> None:
    """The body is the record as a GET has it, without an envelope."""
    listener = listen.to(CREATED)
    customer = target.add_exactly(complete_customer())
    payload = listener.first_payload(customer)
    expect_keys(payload, RECORD_KEYS)
    expect(comparable(payload), comparable(target.record(customer)))


@pytest.mark.quirk("W10")
def test_a_customer_with_few_fields_is_delivered_whole(target: KountaTarget, listen: Listening) -> None:
    """Absent fields are as in the record."""
    listener = listen.to(CREATED)
    customer = target.add_customer()
    payload = listener.first_payload(customer)
    expect(comparable(payload), comparable(target.record(customer)))


@pytest.mark.quirk("W10")
def test_a_changed_customer_is_delivered_as_it_is_afterwards(target: KountaTarget, listen: Listening) -> None:
    """The body has the changed and all unchanged fields."""
    listener = listen.to(UPDATED)
    customer = target.add_exactly(complete_customer())
    last_name = new_last_name()
    changed = target.changed(customer, {"last_name": last_name})
    payload = listener.first_payload(customer)
    expect_parts(payload, {"last_name": last_name})
    expect(without_timestamps(payload), without_timestamps(changed))


@pytest.mark.quirk("W10")
def test_a_deleted_customer_is_delivered_as_it_was(target: KountaTarget, listen: Listening) -> None:
    """The body is the complete record before the deletion."""
    listener = listen.to(DELETED)
    customer = target.add_exactly(complete_customer())
    before = target.record(customer)
    target.delete_customer(customer)
    expect(without_timestamps(listener.first_payload(customer)), without_timestamps(before))
    expect_status(target.get(target.customer(customer)), 404)


@pytest.mark.quirk("W10")
def test_each_application_gets_its_own_reference_id(target: KountaTarget, listen: Listening) -> None:
    """Of one event two applications get their own reference ids, and one without any the empty string."""
    second = target.as_second_application()
    mine, theirs = (listen.to(UPDATED), listen.to(UPDATED, second))
    customer = target.add_customer(reference_id=(own := new_reference_id()))
    other = new_reference_id()
    target.change(customer, {"first_name": "Kim"})
    heard = [listener.of(customer, 1)[0]["reference_id"] for listener in (mine, theirs)]
    expect(heard[0], own, "$[0]")
    assert heard[1] != own
    target.ask("PUT", target.customer(customer), json={"reference_id": other}, headers=second)
    heard = [listener.of(customer, 2)[1]["reference_id"] for listener in (mine, theirs)]
    expect(heard, [own, other])


@pytest.mark.quirk("W10")
def test_the_time_of_a_payload_has_an_offset(target: KountaTarget, listen: Listening) -> None:
    """Both dates are the time of the event, with the company's offset."""
    zone = ZoneInfo(target.get(target.company).json()["timezone"]["name"])
    listener = listen.to(CREATED)
    customer = target.add_customer()
    payload, record = listener.first_payload(customer), target.record(customer)
    expect_parts(payload, {"created_at": payload["updated_at"]})
    sent, now = (moment(one["created_at"]) for one in (payload, record))
    if sent is None or now is None:
        raise PreconditionFailed(
            "T06", f"these are no dates that can be read: {payload['created_at']}, {record['created_at']}"
        )
    assert sent.utcoffset() == sent.astimezone(zone).utcoffset()
    assert 0 <= (now - sent).total_seconds() < 60


@pytest.mark.quirk("W11")
@pytest.mark.parametrize("form,content_type", [("json", "application/json"), ("xml", "application/xml")])
def test_a_delivery_is_a_post_with_its_content_type(
    target: KountaTarget, listen: Listening, form: str, content_type: str
) -> None:
    """The method is POST, the type that of the format, and the length that of the body."""
    listener = listen.to(CREATED, format=form)
    target.add_customer()
    [arrival] = listener.wait_for()[:1]
    assert (arrival.method, arrival.path) == ("POST", listener.path)
    assert arrival.header("Content-Type").partition(";")[0] == content_type
    assert arrival.header("Content-Length") == str(len(arrival.body))


@pytest.mark.quirk("W11")
@FORMATS
def test_a_delivery_is_signed(target: KountaTarget, listen: Listening, form: str) -> None:
    """The header is 64 lower-case hex digits: HMAC-SHA256 of the exact bytes, also for non-ASCII letters."""
    token = target.signature_token()
    listener = listen.to(CREATED, format=form)
    target.add_customer(first_name="Zo\u00eb \U0001f40e & <Kim>", last_name='"\\/')
    [arrival] = listener.wait_for()[:1]
    signature = arrival.header(SIGNATURE)
    assert re.fullmatch("[0-9a-f]{64}", signature)
    assert is_signed(arrival, signature, token)


@pytest.mark.quirk("W11")
def test_the_key_is_not_the_client_secret(target: KountaTarget, listen: Listening) -> None:
    """Neither the client secret nor another application's token gives the signature."""
    listener = listen.to(CREATED)
    target.add_customer()
    [arrival] = listener.wait_for()[:1]
    assert not is_signed(arrival, arrival.header(SIGNATURE), target.application.client_secret)
    assert not is_signed(arrival, arrival.header(SIGNATURE), "other-signature-token")


@pytest.mark.quirk("W11")
def test_each_application_has_its_own_signature(target: KountaTarget, listen: Listening) -> None:
    """A delivery is signed with the token of its application."""
    second = target.as_second_application()
    token = target.signature_token(target.second_application)
    listener = listen.to(CREATED, second)
    customer = target.add_customer()
    arrival = listener.first_of(customer)
    assert is_signed(arrival, arrival.header(SIGNATURE), token)
    assert target.signature_token() != token


@pytest.mark.quirk("W19")
def test_a_payload_in_xml_follows_the_conventions(target: KountaTarget, listen: Listening) -> None:
    """One element `customer`; `type` on values that are not text, items in the singular, empty elements for null."""
    listener = listen.to(CREATED, format="xml")
    customer = target.add_exactly(complete_customer(image=None, first_name="Zo\u00eb \U0001f40e & <Kim>"))
    record = target.raw_record(customer)
    root = next(
        one for one in (ET.fromstring(a.body) for a in listener.wait_for()) if one.findtext("id") == str(customer)
    )
    assert (root.tag, root.attrib, {child.tag for child in root}) == ("customer", {}, set(record))
    types = {child.tag: child.get("type") for child in root if child.get("type")}
    dates = dict.fromkeys(("created_at", "updated_at"), "date")
    assert types == {"id": "number", "tags": "array", FLAG: "boolean", **dates}
    assert [(tag.tag, tag.text) for tag in root.iterfind("tags/*")] == [("tag", tag) for tag in record["tags"]]
    assert [(image.text, len(image)) for image in root.iterfind("image")] == [(None, 0)] * ("image" in record)
    texts = {name: value for name, value in record.items() if isinstance(value, str) and name not in dates}
    expect({name: root.findtext(name) for name in texts}, texts)
    address = {part: text for part, text in record["primary_address"].items() if isinstance(text, str)}
    expect({part: root.findtext(f"primary_address/{part}") for part in address}, address)
    assert root.findtext(FLAG) == "true"


@pytest.mark.quirk("W18")
def test_first_attempts_have_the_order_of_the_events(target: KountaTarget, listen: Listening) -> None:
    """Ten changes arrive in order, though a receiver refuses some of them."""
    listener = listen.to(UPDATED)
    listener.answer(204, 500, 500, 204, 500)
    customer = target.add_exactly(new_customer())
    names = [new_last_name() for _ in range(10)]
    for name in names:
        expect_status(target.change(customer, {"last_name": name}), 200)
    assert [payload["last_name"] for payload in listener.of(customer, 10)] == names
