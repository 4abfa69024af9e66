"""The strategies reach every combination and every edge case, and failing examples shrink to simple ones."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import product
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from fakekounta import strategies as fs
from fakekounta.core.countries import country_codes

FINDING = settings(max_examples=30_000, database=None, deadline=None, phases=[Phase.generate])
SHRINKING = settings(max_examples=5_000, database=None, deadline=None)
Claim = Callable[[Any], bool]


def reached(strategy: st.SearchStrategy[Any], claim: Claim, how: settings = FINDING) -> Any:
    """A value that the claim is true of; the same one each time, so that no run is luckier than another."""
    return find(strategy, claim, settings=how, random=Random(0))


def unreached(strategy: st.SearchStrategy[Any], claims: Mapping[str, Claim]) -> list[str]:
    """The claims that no value is true of. Each value is held against all that are left."""
    left = dict(claims)

    def was_the_last(value: Any) -> bool:
        for name in [name for name, claim in left.items() if claim(value)]:
            del left[name]
        return not left

    with suppress(NoSuchExample):
        reached(strategy, was_the_last)
    return list(left)


# --- contacts --------------------------------------------------------------------------------------------------

STATES = ("missing", "null", "empty", "value")


def state(body: dict[str, Any], name: str) -> str:
    """Which of the four states a field is in."""
    if name not in body:
        return "missing"
    if body[name] is None:
        return "null"
    return "empty" if body[name] == "" else "value"


OTHERS = ("last_name", "tags", "image", "primary_address", "shipping_address", "reference_id", "accepts_marketing")
LEFT_OUT: dict[str, Any] = dict.fromkeys(OTHERS, fs.ABSENT)
CONTACTS_ALONE = fs.new_customers(**LEFT_OUT)
ALLOWED = [states for states in product(STATES, repeat=3) if "value" in states]


def in_states(*wanted: str) -> Claim:
    """Email, phone and mobile in these states."""
    return lambda body: tuple(state(body, name) for name in ("email", "phone", "mobile")) == wanted


def test_every_combination_of_contacts_is_reached() -> None:
    """Each of email, phone and mobile missing, null, empty or given, but for the 27 without a contact (C09)."""
    assert unreached(CONTACTS_ALONE, {"-".join(states): in_states(*states) for states in ALLOWED}) == []


def test_there_are_37_combinations() -> None:
    """There are 37 combinations of fields with at least one contact."""
    assert len(ALLOWED) == 4**3 - 3**3


# --- borders ---------------------------------------------------------------------------------------------------


def is_in(wanted: str, name: str) -> Claim:
    """A field is in this state."""
    return lambda body: state(body, name) == wanted


def of_size(size: int) -> Claim:
    """So many letters."""
    return lambda text: len(text) == size


def of_kind(topic: str, form: str | None) -> Claim:
    """A webhook of this topic and format."""
    return lambda webhook: (webhook["topic"], webhook.get("format", "no format")) == (topic, form)


def only(attribute: str) -> Claim:
    """A filter for one attribute."""
    return lambda drawn: drawn.get("attributes") == [attribute]


def of_country(code: str) -> Claim:
    """An address there."""
    return lambda address: address.get("country") == code


NEW: dict[str, Claim] = {
    **{f"{name} {wanted}": is_in(wanted, name) for name in ("last_name", "image", "reference_id") for wanted in STATES},
    **{
        f"{name} {wanted}": is_in(wanted, name)
        for name in ("tags", "primary_address")
        for wanted in ("missing", "null")
    },
    "accepts_marketing null": lambda b: "accepts_marketing" in b and b["accepts_marketing"] is None,
    "accepts_marketing": lambda b: b.get("accepts_marketing") is True,
    "no marketing": lambda b: b.get("accepts_marketing") is False,
    "no tags": lambda b: b.get("tags") == [],
    "a hundred tags": lambda b: len(b.get("tags") or ()) == 100,
    "an empty address": lambda b: b.get("primary_address") == {},
    "no address": lambda b: "shipping_address" in b and b["shipping_address"] is None,
    "two addresses": lambda b: bool(b.get("primary_address")) and bool(b.get("shipping_address")),
    "every field": lambda b: len(b) == 11,
    "the least": lambda b: len(b) == 2,
}
NAMES: dict[str, Claim] = {
    "one letter": lambda n: len(n) == 1,
    **{f"{size} letters": of_size(size) for size in (50, 51, 100, 101, 255, 256, 1_000, 5_000)},
    "an apostrophe": lambda n: "'" in n,
    "a typographic apostrophe": lambda n: "\u2019" in n,
    "a combining mark": lambda n: any(map(unicodedata.combining, n)),
    "not composed": lambda n: unicodedata.normalize("NFC", n) != n,
    "right to left": lambda n: unicodedata.bidirectional(n[0]) in ("R", "AL"),
    "beyond the first plane": lambda n: max(n) > "\uffff",
    "joined emoji": lambda n: "\U0001f469\u200d" in n,
    "a blank at the end": lambda n: n.endswith(" ") and len(n) > 1,
    "nothing but blanks": lambda n: not n.strip(),
    "case that changes the length": lambda n: len(n.upper()) != len(n),
    "Han": lambda n: "CJK" in unicodedata.name(n[0], ""),
    "a plus and a percent sign": lambda n: "+" in n or "%" in n,
}
EMAILS: dict[str, Claim] = {
    "the shortest": lambda e: len(e) == 5,
    "64 before the @": lambda e: len(e.partition("@")[0]) == 64,
    "254 in all": lambda e: len(e) == 254,
    "a plus": lambda e: "+" in e,
    "an apostrophe": lambda e: "'" in e,
    "upper case": lambda e: e != e.lower(),
    "not ASCII": lambda e: not e.isascii(),
    "a domain that is not ASCII": lambda e: not e.partition("@")[2].isascii(),
}
NUMBERS: dict[str, Claim] = {
    "one digit": lambda p: len(p) == 1,
    "a leading zero": lambda p: p[0] == "0",
    "two leading zeros": lambda p: p.startswith("00"),
    "a plus": lambda p: p[0] == "+",
    "blanks": lambda p: " " in p,
    "brackets": lambda p: "(" in p,
    "forty": lambda p: len(p) == 40,
}
TAGS: dict[str, Claim] = {
    "none": lambda t: not t,
    "thirty": lambda t: len(t) == 30,
    "a hundred": lambda t: len(t) == 100,
    "one twice": lambda t: len(set(t)) < len(t) and len(t) == 2,
    "an empty one": lambda t: "" in t,
    "one with a comma": lambda t: any("," in tag for tag in t),
    "a long one": lambda t: any(len(tag) > 255 for tag in t),
}
REFERENCE_IDS: dict[str, Claim] = {
    "zero": lambda r: r == "0",
    "leading zeros": lambda r: r.startswith("00"),
    "a plus": lambda r: "+" in r,
    "a slash": lambda r: "/" in r,
    "an ampersand": lambda r: "&" in r,
    "beyond 64 bits": lambda r: r == "18446744073709551616",
    "a blank at the end": lambda r: r.endswith(" "),
    "long": lambda r: len(r) == 256,
}
ADDRESSES: dict[str, Claim] = {
    "nothing": lambda a: a == {},
    "every part": lambda a: len(a) == 5 and all(a.values()),
    "only a country": lambda a: list(a) == ["country"] and a["country"],
    "a null": lambda a: None in a.values(),
    "an empty text": lambda a: "" in a.values(),
    "two lines": lambda a: "\n" in (a.get("address") or ""),
    "nothing but nulls": lambda a: len(a) > 1 and not any(a.values()),
}
COUNTRIES = {code: of_country(code) for code in ("AU", "AD", max(country_codes()))}
"""Some codes of C12, the last of the alphabet too."""
CHANGES: dict[str, Claim] = {
    "nothing": lambda b: b == {},
    "one field": lambda b: len(b) == 1,
    "every field": lambda b: len(b) == 11,
    "a contact for another": lambda b: b.get("email", 0) is None and b.get("phone"),
    "no name": lambda b: "first_name" not in b and len(b) > 3,
}
RECORDS: dict[str, Claim] = {
    "the least id": lambda r: r["id"] == 1,
    "31 bits": lambda r: r["id"] == 2**31 - 1,
    "32 bits": lambda r: r["id"] == 2**31,
    "the last without id_str": lambda r: r["id"] == 2**53 - 1 and "id_str" not in r,
    "the first with id_str": lambda r: r["id"] == 2**53 and r["id_str"] == "9007199254740992",
    "no reference id": lambda r: r["reference_id"] == "",
    "a quarter of an hour": lambda r: r["created_at"].endswith("+05:45"),
    "before Greenwich": lambda r: r["created_at"][-6] == "-",
    "at Greenwich": lambda r: r["created_at"].endswith("+00:00"),
    "no email": lambda r: r["email"] is None and r["primary_email_address"] is None,
    "no last name": lambda r: r["last_name"] == "",
    "an address with a null": lambda r: bool(r["primary_address"]) and r["primary_address"]["city"] is None,
}
ATTRIBUTES = ("name", "phone", "mobile", "email", "address", "tags", "image", "accepts_marketing")
FILTERS: dict[str, Claim] = {
    "nothing": lambda f: f == {},
    "attributes null": lambda f: "attributes" in f and f["attributes"] is None,
    "no attributes": lambda f: f.get("attributes") == [],
    "sites null": lambda f: "site_ids" in f and f["site_ids"] is None,
    "sites": lambda f: bool(f.get("site_ids")),
    "both": lambda f: bool(f.get("site_ids")) and bool(f.get("attributes")),
    **{name: only(name) for name in ATTRIBUTES},
    "all attributes": lambda f: set(f.get("attributes") or ()) == set(ATTRIBUTES),
}
WEBHOOKS: dict[str, Claim] = {
    **{
        f"{topic} as {form}": of_kind(topic, form)
        for topic in ("customers/created", "customers/updated", "customers/deleted", "orders/completed")
        for form in ("json", "xml", None, "no format")
    },
    "no filter": lambda w: "filter" not in w,
    "filter null": lambda w: w.get("filter", 0) is None,
    "filter empty": lambda w: w.get("filter") == {},
    "attributes": lambda w: bool((w.get("filter") or {}).get("attributes")),
    "Authorization": lambda w: "Authorization" in (w.get("headers") or {}),
    "lower case": lambda w: "authorization" in (w.get("headers") or {}),
    "X-": lambda w: "X-" in (w.get("headers") or {}),
    "an empty value": lambda w: "" in (w.get("headers") or {}).values(),
    "headers null": lambda w: w.get("headers", 0) is None,
    "the first port": lambda w: ":1/" in w["address"],
    "the last port": lambda w: ":65535" in w["address"],
    "IPv6": lambda w: "[2001" in w["address"],
    "no path": lambda w: w["address"].endswith("example.com"),
    "https": lambda w: w["address"].startswith("https:"),
    "http": lambda w: w["address"].startswith("http:"),
}
BORDERS: list[tuple[str, st.SearchStrategy[Any], dict[str, Claim]]] = [
    ("new_customers", fs.new_customers(), NEW),
    ("names", fs.names(), NAMES),
    ("emails", fs.emails(), EMAILS),
    ("phones", fs.phones(), NUMBERS),
    ("mobiles", fs.mobiles(), NUMBERS),
    ("tags", fs.tags(), TAGS),
    ("reference_ids", fs.reference_ids(), REFERENCE_IDS),
    ("addresses", fs.addresses(), {**ADDRESSES, **COUNTRIES}),
    ("customer_changes", fs.customer_changes(), CHANGES),
    ("customers", fs.customers(), RECORDS),
    ("webhook_filters", fs.webhook_filters(), FILTERS),
    ("webhooks", fs.webhooks(), WEBHOOKS),
]


SELDOM = ("addresses", "webhooks")
"""Strategies that draw long until all of their borders are reached: `make test-verify` does."""


@pytest.mark.parametrize(
    "strategy, claims",
    [
        pytest.param(*border, id=name, marks=[pytest.mark.whole_verification] if name in SELDOM else [])
        for name, *border in BORDERS
    ],
)
def test_borders_are_reached(strategy: st.SearchStrategy[Any], claims: dict[str, Claim]) -> None:
    """Each border of each field is drawn."""
    assert unreached(strategy, claims) == []


# --- shrinking -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "strategy, claim, least",
    [
        (fs.new_customers(), lambda b: b["email"], {"first_name": "Ada", "email": "a@b.co"}),
        (fs.new_customers(), lambda b: b["tags"], {"first_name": "Ada", "tags": ["VIP"]}),
        (
            fs.new_customers(),
            lambda b: b["primary_address"]["country"],
            {"first_name": "Ada", "primary_address": {"country": "AU"}},
        ),
        (fs.customer_changes(), lambda b: b["mobile"] is None, {"mobile": None}),
        (fs.webhook_filters(), lambda f: f["attributes"], {"attributes": ["name"]}),
        (
            fs.refused_customers(quirks=["C12"]),
            lambda drawn: drawn.body["primary_address"]["country"] == "UK",
            {"first_name": "Ada", "primary_address": {"country": "UK"}},
        ),
    ],
)
def test_failing_examples_shrink_to_little(strategy: st.SearchStrategy[Any], claim: Claim, least: Any) -> None:
    """What is left is what matters, and the simplest contact where a body needs one."""

    def holds(drawn: Any) -> bool:
        try:
            return bool(claim(drawn))
        except (KeyError, TypeError):
            return False

    drawn = reached(strategy, holds, SHRINKING)
    body = dict(getattr(drawn, "body", drawn))
    if not least.keys() & {"attributes", "email"}:
        del body["email" if "email" in body else "phone"]
    assert body.keys() == least.keys()
    assert len(json.dumps(body)) <= len(json.dumps(least)) + 5
