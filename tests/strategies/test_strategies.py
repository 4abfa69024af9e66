"""Tests that the fake accepts the bodies that the strategies draw, and returns the records that they draw."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from fakekounta import CompanyProfile, FakeKounta
from fakekounta import strategies as fs
from fakekounta.core.customers import EDITABLE
from tests.caller import COMPANY, CUSTOMERS, Caller
from tests.choices import IN_LINES, NO_CLEARING
from tests.shares import examples

KOUNTA = FakeKounta(webhook_mode="collect")
CALLER = Caller(KOUNTA)
SETTINGS = settings(max_examples=examples(80), database=None, deadline=None)
JAMIE: dict[str, Any] = {
    "first_name": "Jamie",
    "last_name": "Lee",
    "email": "jamie@example.com",
    "phone": "02 1",
    "mobile": "04 1",
}


def created(body: dict[str, Any]) -> dict[str, Any]:
    """Return the record of a new customer."""
    answer = CALLER.http.post(CUSTOMERS, json=body)
    assert answer.status_code == 201, answer.text
    return dict(CALLER.http.get(answer.headers["Location"]).json())


@SETTINGS
@given(fs.new_customers())
def test_new_customers_are_taken(body: dict[str, Any]) -> None:
    """A POST is 201, `kounta.customers.add` and a seed accept the same body, and all of it is stored."""
    with KOUNTA.fresh():
        record = created(body)
        texts = {name: value for name, value in body.items() if isinstance(value, str)}
        assert {name: record[name] or "" for name in texts} == texts
        assert record["tags"] == (body.get("tags") or [])
        assert record["reference_id"] == (body.get("reference_id") or "")
    with KOUNTA.fresh(seed=[body]) as kounta:
        (seeded,) = kounta.customers.all()
    with KOUNTA.fresh() as kounta:
        assert kounta.customers.add(**body) == seeded


@SETTINGS
@given(fs.new_customers(blanks=False))
def test_without_blanks_each_field_has_a_value(body: dict[str, Any]) -> None:
    """With `blanks=False` a field has a value or is absent."""
    assert not [name for name, value in body.items() if value is None or value == ""]
    assert not [part for value in body.values() if isinstance(value, dict) for part in value.values() if not part]
    with KOUNTA.fresh():
        created(body)


@SETTINGS
@given(st.lists(fs.new_customers(), max_size=4, unique_by=fs.mobile_key), st.sampled_from(["exact", "digits"]))
def test_several_customers_with_a_mobile_each_are_taken(bodies: list[dict[str, Any]], comparison: str) -> None:
    """Lists that are unique by `mobile_key` never contradict C14, under each comparison of numbers."""
    with KOUNTA.fresh(assumptions={"A11": comparison}) as kounta:
        for body in bodies:
            created(body)
        assert len(kounta.customers) == len(bodies)


def test_mobile_key_takes_bodies_records_and_customers() -> None:
    """The key is the same for each spelling and kind of object; objects without a mobile all differ."""
    with KOUNTA.fresh() as kounta:
        customer = kounta.customers.add(**JAMIE)
    assert fs.mobile_key(JAMIE) == fs.mobile_key({"mobile": "(04)1"}) == fs.mobile_key(customer)
    assert fs.mobile_key({}) != fs.mobile_key({}) != fs.mobile_key({"mobile": ""})


@SETTINGS
@given(fs.customer_changes(), st.sampled_from(["email", "phone", "mobile"]))
def test_changes_are_taken_whoever_is_changed(body: dict[str, Any], contact: str) -> None:
    """A PUT is 200, whichever contact the customer has."""
    with KOUNTA.fresh() as kounta:
        customer = kounta.customers.add(first_name="Jamie", **{contact: JAMIE[contact]})
        answer = CALLER.change(customer.id, **body)
        assert answer.status_code == 200, answer.text


@SETTINGS
@given(st.data(), st.sets(st.sampled_from(["email", "phone", "mobile"]), min_size=1))
def test_changes_of_a_customer_are_taken(data: st.DataObject, contacts: set[str]) -> None:
    """With `of` some contacts are cleared, never the last; a customer and its record give the same."""
    with KOUNTA.fresh() as kounta:
        customer = kounta.customers.add(first_name="Jamie", **{name: JAMIE[name] for name in contacts})
        of = CALLER.record(customer.id) if data.draw(st.booleans()) else customer
        answer = CALLER.change(customer.id, **data.draw(fs.customer_changes(of=of)))
        assert answer.status_code == 200, answer.text


@SETTINGS
@given(fs.customer_changes(blanks=False))
def test_changes_without_blanks_clear_nothing(body: dict[str, Any]) -> None:
    """With `blanks=False` a change is accepted even if clearing is refused."""
    with KOUNTA.fresh(assumptions=NO_CLEARING) as kounta:
        customer = kounta.customers.add(**{**JAMIE, "mobile": None})
        assert CALLER.change(customer.id, **body).status_code == 200


@pytest.mark.parametrize("cleared", [{"email": None}, {"phone": ""}, {"email": "", "phone": None}])
def test_changes_with_a_contact_cleared_send_another(cleared: dict[str, Any]) -> None:
    """If the caller clears a contact of an unknown customer, the body has another one."""

    @SETTINGS
    @given(fs.customer_changes(**cleared))
    def check(body: dict[str, Any]) -> None:
        assert any(body.get(name) for name in ("email", "phone", "mobile"))
        assert cleared.items() <= body.items()

    check()


FORMS: list[dict[str, str]] = [
    {},
    {"A04": "email"},
    {"A04": "primary_email_address"},
    IN_LINES,
    {"A06": "omitted"},
    {"A18": "always"},
]


@SETTINGS
@given(st.data(), st.sampled_from(FORMS), st.sampled_from(["Australia/Melbourne", "Asia/Kathmandu"]))
def test_customers_are_what_the_fake_answers(data: st.DataObject, assumptions: dict[str, str], zone: str) -> None:
    """A drawn record equals the response to a GET of a customer with the same body and time."""
    body = data.draw(fs.new_customers())
    with KOUNTA.fresh(assumptions=assumptions, companies=[CompanyProfile(timezone=zone)]) as kounta:
        customer = kounta.customers.add(**body, id=data.draw(fs.customers())["id"])
        now = CALLER.record(customer.id)["created_at"]
        kounta.clock.freeze(now)
        parts = {name: body.get(name, fs.ABSENT) for name in EDITABLE}
        own = {"id": customer.id, "created_at": now, "updated_at": now}
        fixed = fs.customers(assumptions=assumptions, **own, **parts)
        assert data.draw(fixed) == CALLER.record(customer.id)


@SETTINGS
@given(fs.customers())
def test_records_can_be_sent_back(record: dict[str, Any]) -> None:
    """A drawn record is accepted whole by PUT (C17), and its dates have the API's form (T06)."""
    assert record["created_at"] == record["updated_at"]
    with KOUNTA.fresh() as kounta:
        customer = kounta.customers.add(id=record["id"], first_name="Jamie", email="jamie@example.com")
        kounta.clock.freeze(record["created_at"])
        answer = CALLER.change(customer.id, **record)
        times = dict.fromkeys(("created_at", "updated_at"))
        assert {**answer.json(), **times} == {**record, **times}


@SETTINGS
@given(fs.webhooks())
def test_webhooks_are_taken(body: dict[str, Any]) -> None:
    """A POST is 201, and the record has the sent values."""
    with KOUNTA.fresh() as kounta:
        answer = CALLER.http.post(f"{COMPANY}/webhooks", json=body)
        assert answer.status_code == 201, answer.text
        record = CALLER.http.get(answer.headers["Location"]).json()
        assert (record["topic"], record["address"]) == (body["topic"], body["address"])
        assert record["headers"] == (body.get("headers") or {})
        assert kounta.webhooks.add(**body).topic == body["topic"]


@SETTINGS
@given(st.data(), st.sampled_from(["customers/created", "customers/updated", "customers/deleted", "orders/completed"]))
def test_webhook_filters_are_taken(data: st.DataObject, topic: str) -> None:
    """A filter drawn for a topic is accepted with it."""
    drawn = data.draw(fs.webhook_filters(topic=topic))
    with KOUNTA.fresh() as kounta:
        kounta.webhooks.add(topic, "http://127.0.0.1:1/", filter=drawn)


@SETTINGS
@given(st.data())
def test_each_part_alone_is_taken(data: st.DataObject) -> None:
    """Names, emails, numbers, tags, reference ids and addresses are accepted in their fields; no text is empty."""
    texts = {
        "first_name": fs.names(),
        "email": fs.emails(),
        "phone": fs.phones(),
        "mobile": fs.mobiles(),
        "reference_id": fs.reference_ids(),
    }
    body: dict[str, Any] = data.draw(st.fixed_dictionaries(texts))
    assert all(body.values())
    body |= {"tags": data.draw(fs.tags()), "primary_address": data.draw(fs.addresses())}
    with KOUNTA.fresh():
        created(body)


# --- keywords --------------------------------------------------------------------------------------------------


@SETTINGS
@given(
    fs.new_customers(
        first_name="Ada",
        email=fs.emails(domain="shop.example"),
        phone=None,
        mobile=fs.ABSENT,
        tags=...,
        image=fs.ABSENT,
    )
)
def test_parts_are_values_strategies_or_left_out(body: dict[str, Any]) -> None:
    """A value is used unchanged, also null; a strategy is drawn from; ABSENT is no key; `...` is the default."""
    assert body["first_name"] == "Ada"
    assert body["email"].endswith("@shop.example")
    assert body["phone"] is None
    assert not {"mobile", "image"} & body.keys()


@SETTINGS
@given(fs.new_customers(email=fs.ABSENT, phone=st.none()))
def test_a_contact_that_is_left_to_us_is_sent_if_it_must(body: dict[str, Any]) -> None:
    """If two contacts are given without a value, the third has one."""
    assert body["mobile"]


@SETTINGS
@given(
    fs.addresses(country="NZ", city=fs.ABSENT),
    fs.webhooks(topic="customers/created", address="http://127.0.0.1:9/", headers={"X-A": "1"}),
    fs.webhook_filters(attributes=["name"], site_ids=fs.ABSENT),
    fs.phones(form="02 ####"),
    fs.mobiles(form="04## ##"),
    fs.tags(tag=st.sampled_from(["a", "b"]), min_size=1, max_size=2),
    fs.names(min_size=3, max_size=20),
)
def test_parts_of_parts(
    address: dict[str, Any],
    webhook: dict[str, Any],
    chosen: dict[str, Any],
    phone: str,
    mobile: str,
    tags: list[str],
    name: str,
) -> None:
    """Each strategy has its own parts."""
    assert address["country"] == "NZ"
    assert "city" not in address
    assert webhook.items() >= {"topic": "customers/created", "address": "http://127.0.0.1:9/"}.items()
    assert not (webhook.get("filter") or {}).get("attributes")
    assert chosen == {"attributes": ["name"]}
    assert phone.startswith("02 ")
    assert phone[3:].isdecimal()
    assert [len(part) for part in phone.split(" ")] == [2, 4]
    assert mobile[:2] == "04"
    assert [len(part) for part in mobile.split(" ")] == [4, 2]
    assert 1 <= len(tags) <= 2
    assert set(tags) <= {"a", "b"}
    assert 3 <= len(name) <= 20


@pytest.mark.parametrize(
    "strategy", ["new_customers", "customer_changes", "customers", "refused_customers", "addresses", "webhooks"]
)
def test_unknown_parts_are_refused_by_name(strategy: str) -> None:
    """An unknown keyword is a TypeError that lists the known ones, when the strategy is made."""
    with pytest.raises(TypeError, match=rf"^{strategy}\(\) has no part 'e_mail'; it has \w+, "):
        getattr(fs, strategy)(e_mail="a@b.co")


def test_customers_of_parts_that_cannot_be() -> None:
    """A record of a customer that the API would refuse is an error with the reason."""

    @SETTINGS
    @given(fs.customers(email="nonsense"))
    def check(_: Any) -> None:
        """Never called."""

    with pytest.raises(InvalidArgument, match="no customer with such parts: email: is not an email address"):
        check()


@pytest.mark.parametrize(
    "strategy, text",
    [
        (fs.new_customers(), "new_customers()"),
        (fs.customers(first_name="Ada", email=...), "customers(first_name='Ada')"),
        (fs.refused_customers(phone=fs.phones()), "refused_customers(phone=drawn(phones()))"),
        (fs.names(), "names(min_size=1, max_size=5000)"),
        (fs.webhooks(), "webhooks()"),
    ],
)
def test_messages_show_the_call(strategy: st.SearchStrategy[Any], text: str) -> None:
    """The repr of a strategy is the call that made it."""
    assert repr(strategy).replace("call=", "") == f"drawn({text})"
