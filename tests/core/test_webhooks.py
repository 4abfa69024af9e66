"""Tests of properties of the rules about webhooks, which are pure functions."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fakekounta import FakeKounta, Quirk
from fakekounta.core.errors import BadField
from fakekounta.core.webhooks import (
    HEADER_NAME,
    Webhook,
    address_problem,
    changed_webhook,
    new_webhook,
    signature,
)
from tests.caller import CUSTOMERS, Caller, exactly

NOW = datetime(2026, 11, 23, 7, 40, tzinfo=timezone.utc)
LATER = NOW + timedelta(hours=1)
ME, OTHER = "my-client-id", "other-client-id"
CREATED, UPDATED, DELETED = "customers/created", "customers/updated", "customers/deleted"
ADDRESS = "https://receiver.example/a"
NEEDED: dict[str, st.SearchStrategy[Any]] = {
    "topic": st.sampled_from([CREATED, UPDATED, DELETED, "orders/completed"]),
    "address": st.sampled_from([ADDRESS, "http://127.0.0.1:8080/?a=b"]),
}
REST: dict[str, st.SearchStrategy[Any]] = {
    "format": st.sampled_from(["json", "xml"]),
    "filter": st.sampled_from([{}, {"attributes": []}, {"site_ids": [1]}]),
    "headers": st.dictionaries(st.sampled_from(["Authorization", "X-A", "x-b"]), st.sampled_from(["", "1"])),
}


def made(fields: dict[str, Any] | None = None, **more: Any) -> Webhook:
    return new_webhook(3, 5678, ME, {"topic": UPDATED, "address": ADDRESS, **(fields or {}), **more}, NOW)


def refusal(fields: dict[str, Any]) -> tuple[Quirk, str]:
    """Return the reason for refusing these fields, which is the same for a new webhook and for a change."""
    with pytest.raises(BadField) as refused:
        made(fields)
    with pytest.raises(BadField, match=exactly(refused.value.description)):
        changed_webhook(made(), fields, LATER)
    return refused.value.quirk, refused.value.field


# --- making and changing


@given(st.fixed_dictionaries(NEEDED, optional=REST))
def test_a_webhook_is_what_was_sent(fields: dict[str, Any]) -> None:
    """The defaults are json, {} and {}; the other fields are application, id and time."""
    expected = {"format": "json", "filter": {}, "headers": {}, **fields}
    webhook = new_webhook(3, 5678, ME, fields, NOW)
    assert webhook == Webhook(id=3, company_id=5678, client_id=ME, created_at=NOW, updated_at=NOW, **expected)


@given(st.fixed_dictionaries({}, optional={**NEEDED, **REST}))
def test_a_change_replaces_what_was_sent_and_nothing_else(fields: dict[str, Any]) -> None:
    """A change replaces each sent field as a whole, and the date of the update."""
    before = made(topic=CREATED, format="xml", filter={"site_ids": [9]}, headers={"X-Z": "9"})
    assert changed_webhook(before, fields, LATER) == replace(before, **fields, updated_at=LATER)


def test_what_is_kept_is_a_copy() -> None:
    """A later change of the sent values does not change the webhook."""
    headers: dict[str, Any] = {"X-A": "1"}
    filter_: dict[str, Any] = {"site_ids": [1]}
    webhook = made(headers=headers, filter=filter_)
    headers["X-A"] = "2"
    filter_["attributes"] = ["name"]
    assert (webhook.headers, webhook.filter) == ({"X-A": "1"}, {"site_ids": [1]})


@pytest.mark.parametrize("empty", [None, ""], ids=repr)
@pytest.mark.parametrize(
    "field,quirk",
    [
        ("topic", Quirk.W03_TOPICS),
        ("address", Quirk.W04_ADDRESS_AND_FORMAT),
    ],
)
def test_topic_and_address_are_needed(field: str, quirk: Quirk, empty: str | None) -> None:
    """Without topic or address, or with an empty one, a new webhook or a change is refused by the field's quirk."""
    fields = {"topic": UPDATED, "address": ADDRESS}
    for given_ in ({**fields, field: empty}, {key: value for key, value in fields.items() if key != field}):
        with pytest.raises(BadField, match=exactly(f"{field}: is required")) as refused:
            new_webhook(3, 5678, ME, given_, NOW)
        assert refused.value.quirk is quirk
    with pytest.raises(BadField, match=exactly(f"{field}: must not be empty")) as refused:
        changed_webhook(made(), {field: empty}, LATER)
    assert refused.value.quirk is quirk


@pytest.mark.parametrize(
    "fields,quirk,field",
    [
        ({"topic": "customers/moved"}, Quirk.W03_TOPICS, "topic"),
        ({"format": "yaml"}, Quirk.W04_ADDRESS_AND_FORMAT, "format"),
        ({"address": "ftp://receiver.example/"}, Quirk.W17_ADDRESS_SYNTAX, "address"),
        ({"filter": {"fields": ["name"]}}, Quirk.W09_KEY_OF_ATTRIBUTE_FILTERS, "filter.fields"),
        ({"filter": {"attributes": ["reference_id"]}}, Quirk.W08_ATTRIBUTE_FILTERS, "filter.attributes"),
        ({"filter": {"attributes": ["name", "names"]}}, Quirk.W08_ATTRIBUTE_FILTERS, "filter.attributes"),
        (
            {"topic": CREATED, "filter": {"attributes": ["name"]}},
            Quirk.W16_ATTRIBUTES_OF_OTHER_TOPICS,
            "filter.attributes",
        ),
        ({"headers": {"X-Kounta-A": "1"}}, Quirk.W05_WEBHOOK_HEADERS, "headers"),
        ({"headers": {"Cookie": "1"}}, Quirk.W05_WEBHOOK_HEADERS, "headers"),
        ({"headers": {"X-A": "1\r\n"}}, Quirk.W05_WEBHOOK_HEADERS, "headers"),
    ],
    ids=str,
)
def test_a_refusal_cites_the_quirk_and_names_the_field(fields: dict[str, Any], quirk: Quirk, field: str) -> None:
    """A new webhook and a change are refused for the same reasons."""
    assert refusal(fields) == (quirk, field)


def test_of_a_header_that_is_named_twice_the_last_counts() -> None:
    """T19: names of headers are compared without regard to case."""
    assert made(headers={"X-A": "1", "Authorization": "a", "x-a": "2"}).headers == {"x-a": "2", "Authorization": "a"}


@given(st.from_regex(re.compile(HEADER_NAME), fullmatch=True) | st.text("xX-kKountaé ", max_size=9))
def test_the_names_of_headers_are_as_described(name: str) -> None:
    """W05: the pattern in the OpenAPI document matches exactly the accepted names."""
    if re.fullmatch(HEADER_NAME, name):
        assert made(headers={name: ""}).headers == {name: ""}
    else:
        assert refusal({"headers": {name: ""}}) == (Quirk.W05_WEBHOOK_HEADERS, "headers")


@given(st.text(max_size=8), st.text(max_size=8))
@example("X-Kounta", "1")
@example("x-kOUNTA-b", "1")
@example("Authorization", "Bearer x")
@example("X-A", "\t")
@example("X-A", "\x7f")
@example("X-\n", "1")
def test_a_header_is_taken_if_it_is_one_and_ours_to_set(name: str, value: str) -> None:
    """Authorization or X-*, not X-Kounta*, of the characters that RFC 9110 permits."""
    lower = name.lower()
    ours = lower == "authorization" or (lower.startswith("x-") and not lower.startswith("x-kounta"))
    tchars = set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    sound = set(name) <= tchars and all(one == "\t" or " " <= one <= "~" for one in value)
    if ours and sound:
        assert made(headers={name: value}).headers == {name: value}
    else:
        assert refusal({"headers": {name: value}}) == (Quirk.W05_WEBHOOK_HEADERS, "headers")


# --- addresses


@given(
    st.sampled_from(["http", "https", "HTTP"]),
    st.from_regex(r"[a-z0-9]([a-z0-9-]{0,5}[a-z0-9])?(\.[a-z]{2,3})?|127\.0\.0\.1|\[::1\]", fullmatch=True),
    st.none() | st.integers(1, 65_535),
    st.from_regex(r"(/[A-Za-z0-9._~!$&'()*+,;=:@%-]{0,5}){0,3}(\?[a-z=&%0-9/]{0,5})?(#[a-z]{0,3})?", fullmatch=True),
)
def test_an_address_of_sound_parts_is_sound(scheme: str, host: str, port: int | None, rest: str) -> None:
    """An address may have scheme, host, port, and any path, query and fragment of a URL."""
    assert address_problem(f"{scheme}://{host}{'' if port is None else f':{port}'}{rest}") is None


@pytest.mark.parametrize(
    "address,reason",
    [
        ("", "must begin with http:// or https://"),
        ("receiver.example", "must begin with http:// or https://"),
        ("//receiver.example", "must begin with http:// or https://"),
        ("file:///etc/passwd", "must begin with http:// or https://"),
        ("gopher://receiver.example", "must begin with http:// or https://"),
        ("http:receiver.example", "must name a host and, if any, a port from 1 to 65535"),
        ("http://", "must name a host and, if any, a port from 1 to 65535"),
        ("http://:80/", "must name a host and, if any, a port from 1 to 65535"),
        ("http://receiver.example:0/", "must name a host and, if any, a port from 1 to 65535"),
        ("http://receiver.example:65536/", "is not a URL"),
        ("http://receiver.example:-1/", "is not a URL"),
        ("http://receiver.example:x/", "is not a URL"),
        ("http://[::1/", "is not a URL"),
        ("http://[x]/", "is not a URL"),
        ("http://robin@receiver.example/", "must not contain a user or a password"),
        ("http://:secret@receiver.example/", "must not contain a user or a password"),
        ("http://@receiver.example/", "must not contain a user or a password"),
    ],
)
def test_each_error_of_an_address_has_its_reason(address: str, reason: str) -> None:
    """The refusal gives the reason and cites W17."""
    assert address_problem(address) == reason
    if address:
        assert refusal({"address": address}) == (Quirk.W17_ADDRESS_SYNTAX, "address")


@given(st.characters(exclude_categories=["Cs"]), st.integers(0, 3))
@example("\\", 1)
@example("\n", 3)
@example("\u00e9", 2)
def test_no_other_character_is_part_of_an_address(character: str, place: int) -> None:
    """A character that RFC 3986 does not permit is refused in any position."""
    known = "!#$%&'()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz~"
    if character not in known:
        texts = ["", "http://receiver", ".example/a", "b?c", ""]
        assert address_problem(character.join(["".join(texts[: place + 1]), "".join(texts[place + 1 :])])) is not None


# --- signature and payload


@pytest.mark.parametrize(
    "body,token,expected",
    [
        # RFC 4231, test case 2; the others are from `openssl dgst -sha256 -hmac TOKEN`
        (
            b"what do ya want for nothing?",
            "Jefe",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            b'{"id":1,"first_name":"Zo\xc3\xab"}',
            "fake-signature-token",
            "f5312288c98f2f6e48ab8c21706cdc427e9a0b1f544a9ca047d85152f76b4e00",
        ),
        (b"x", "t\u00f6ken", "25f13f393105b5c9d94b8d75a67c16100f96946eb2a6b0f274bc164a75ab3f1e"),
    ],
)
def test_the_signature_is_that_of_the_standard(body: bytes, token: str, expected: str) -> None:
    """The signature is lower-case hex HMAC-SHA256, with the token as UTF-8."""
    assert signature(body, token) == expected


def test_the_payload_has_the_listener_s_reference_id() -> None:
    """Of one change, each of two applications gets its own reference id."""
    other = {"client_id": OTHER, "client_secret": "other-secret"}
    kounta = FakeKounta(applications=[other], webhook_mode="collect")
    own = kounta.application.client_id
    for client_id in (own, OTHER):
        kounta.webhooks.add(UPDATED, ADDRESS, client_id=client_id)
    ids = {own: "mine", OTHER: "theirs"}
    customer = kounta.customers.add(first_name="Al", phone="1", reference_ids=ids)
    assert Caller(kounta).http.put(f"{CUSTOMERS}/{customer.id}", json={"first_name": "Bo"}).status_code == 200
    payloads = {one.webhook.client_id: kounta.webhooks.payload(one) for one in kounta.webhooks.deliveries}
    assert {client_id: record["reference_id"] for client_id, record in payloads.items()} == ids
    assert {record["first_name"] for record in payloads.values()} == {"Bo"}
    assert "theirs" not in json.dumps(payloads[own])
