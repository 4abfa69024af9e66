"""Tests that the fake accepts exactly the bodies that are valid by its OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from fakekounta import FakeKounta, Quirk
from fakekounta import strategies as fs
from fakekounta.catalogue.assumptions import CHOICES, Assumptions
from fakekounta.openapi.collections import ids
from tests.caller import CUSTOMERS
from tests.choices import COUNTRY, EMAIL, NO_CLEARING, quirk
from tests.kept_past import OnePast
from tests.openapi.drive import fill_collections
from tests.shares import examples

HOOKS = "/v1/companies/5678/webhooks"
HOOK = {"topic": "customers/updated", "address": "http://127.0.0.1:9/"}
JUDGED = (quirk("ADDRESS_KEYS"), Quirk.A14_OTHER_FIELDS, COUNTRY, EMAIL)
WORLDS = [{}, *({quirk.id: name} for quirk in JUDGED for name in list(CHOICES[quirk])[1:])]


class Both:
    """A fake, and the schemas of its document."""

    def __init__(self, assumptions: Mapping[str, str], *, control: bool = False) -> None:
        self.kounta = FakeKounta(assumptions=assumptions, webhook_mode="collect")
        self.client = self.kounta.httpx_client()
        self.client.auth = httpx.BasicAuth(*self.kounta.auth)
        self.schemas = self.kounta.openapi(control=control)["components"]["schemas"]

    def valid(self, name: str, body: Any) -> bool:
        schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": self.schemas}}
        return Draft202012Validator(schema).is_valid(body)

    def post(self, path: str, body: Any) -> int:
        return self.client.post(path, json=body).status_code


@pytest.fixture(scope="module")
def both() -> Both:
    return Both({})


@pytest.mark.hypothesis
@pytest.mark.parametrize("choices", WORLDS, ids=str)
def test_new_customers(choices: dict[str, str]) -> None:
    """Bodies of the strategies are valid and accepted, or invalid and refused."""
    both, assumptions = Both(choices), Assumptions(choices)

    @settings(max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.one_of(
            fs.new_customers().map(lambda body: (body, True)),
            fs.refused_customers(assumptions=assumptions).map(lambda wrong: (wrong.body, False)),
        )
    )
    def held(drawn: tuple[Any, bool]) -> None:
        body, is_right = drawn
        if "\\n" in repr(body):
            return  # Python's `$` also matches before a line end
        both.kounta.reset()
        assert both.valid("NewCustomer", body) == is_right
        assert (both.post(CUSTOMERS, body) == 201) == is_right

    held()


CUSTOMER: dict[str, Any] = {"first_name": "Kim", "phone": "1"}


@pytest.mark.parametrize(
    "fields,is_right",
    [
        ({}, True),
        ({"first_name": ""}, False),
        ({"first_name": None}, False),
        ({"phone": ""}, False),
        ({"phone": None, "mobile": "", "email": None}, False),
        ({"phone": None, "email": "a@b.co"}, True),
        ({"email": ""}, True),
        ({"email": "a"}, False),
        ({"primary_address": None}, True),
        ({"primary_address": {"country": ""}}, True),
        ({"primary_address": {"country": "au"}}, False),
        ({"tags": [None]}, False),
        ({"other": 1}, True),
    ],
    ids=str,
)
def test_fields_of_a_customer(both: Both, fields: dict[str, Any], is_right: bool) -> None:
    """Nulls, empty texts and wrong values are accepted if valid; the control surface refuses other keys."""
    body = {**CUSTOMER, **fields}
    assert both.valid("NewCustomer", body) == is_right
    assert (both.post(CUSTOMERS, body) == 201) == is_right


@pytest.mark.parametrize(
    "fields,is_right",
    [
        ({}, True),
        ({"address": None}, False),
        ({"address": ""}, False),
        ({"address": "http://u@a/"}, False),
        ({"address": "http://[::1]:80/a"}, True),
        ({"topic": ""}, False),
        ({"format": None}, True),
        ({"format": ""}, False),
        ({"filter": {"site_ids": [None]}}, False),
        ({"filter": {"site_ids": [1, "a"]}}, True),
        ({"filter": {"attributes": ["name"]}}, True),
        ({"filter": {"attributes": ["nothing"]}}, False),
        ({"topic": "customers/created", "filter": {"attributes": ["name"]}}, False),
        ({"topic": "customers/created", "filter": {"attributes": []}}, True),
        ({"topic": "sites/updated", "filter": {"attributes": ["anything"]}}, True),
        ({"filter": {"other": 1}}, False),
        ({"filter": {"other": None}}, True),
        ({"headers": {"X-A": "b"}}, True),
        ({"headers": {"X-Kounta": "b"}}, False),
        ({"headers": {"Cookie": "b"}}, False),
        ({"headers": {"X-A": "\u00e9"}}, False),
    ],
    ids=str,
)
@pytest.mark.parametrize("control", [False, True], ids=["api", "control"])
def test_fields_of_a_webhook(control: bool, fields: dict[str, Any], is_right: bool) -> None:
    """The control surface accepts the same as the API."""
    both = Both({}, control=control)
    body = {**HOOK, **fields}
    assert both.valid("NewWebhook", body) == is_right
    assert (both.post("/_fakekounta/webhooks" if control else HOOKS, body) == 201) == is_right


@pytest.mark.parametrize("body", [{"format": None}, {"address": ""}, {"topic": None}, {"filter": None}], ids=str)
def test_changes_of_a_webhook(both: Both, body: dict[str, Any]) -> None:
    """Fields that may be omitted may not be empty."""
    both.post(HOOKS, HOOK)
    answer = both.client.put(f"{HOOKS}/1", json=body)
    assert both.valid("WebhookChanges", body) == answer.is_success == (body == {"filter": None})


@pytest.mark.parametrize("choices, is_right", [({}, True), (NO_CLEARING, False)], ids=["clears", "refused"])
@pytest.mark.parametrize("body", [{"last_name": ""}, {"tags": None}, {"shipping_address": None}], ids=str)
def test_clearing(choices: dict[str, str], is_right: bool, body: dict[str, Any]) -> None:
    """The assumption about clearing decides whether it is valid."""
    both = Both(choices)
    number = both.kounta.customers.add(**CUSTOMER).id
    assert both.valid("CustomerChanges", body) == is_right
    assert both.client.put(f"{CUSTOMERS}/{number}", json=body).is_success == is_right


@pytest.mark.parametrize("value,is_right", [(None, True), ("a", True), (7, False), ([], False), (True, False)])
def test_parameters_of_a_token_request(both: Both, value: object, is_right: bool) -> None:
    """In JSON they are strings (O10); null counts as absent."""
    body = {"grant_type": "client_credentials", "redirect_uri": value}
    assert both.valid("TokenJson", body) == is_right
    assert (both.post("/v1/token", body) == 200) == is_right


# --- the control surface -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call,name,body,is_right",
    [
        ("customers", "NewCustomers", {**CUSTOMER, "id": 7.0}, True),
        ("customers", "NewCustomers", {**CUSTOMER, "id": 7.5}, False),
        ("customers", "NewCustomers", {**CUSTOMER, "other": 1}, False),
        ("customers", "NewCustomers", {**CUSTOMER, "primary_address": {"lines": "a"}}, False),
        ("customers", "NewCustomers", {**CUSTOMER, "reference_ids": {"a": 1}}, False),
        ("customers", "NewCustomers", [{**CUSTOMER, "reference_ids": {"a": "1"}}], True),
        ("faults", "NewFaults", {"method": "GET", "status": 503.0}, True),
        ("faults", "NewFaults", {"methods": ["GET"], "status": 503}, False),
        ("faults", "NewFaults", {"path": "/a?b", "status": 503}, False),
        ("faults", "NewFaults", {"status": 503, "headers": {"date": "a"}}, False),
        ("faults", "NewFaults", {"connection": "reset", "until": "2027-01-01T00:00:00Z"}, True),
    ],
    ids=str,
)
def test_what_is_posted_to_the_control_surface(call: str, name: str, body: Any, is_right: bool) -> None:
    """Other keys are invalid, and numbers with a fraction; paths have patterns."""
    both = Both({}, control=True)
    assert both.valid(name, body) == is_right
    assert (both.post(f"/_fakekounta/{call}", body) == 201) == is_right


@pytest.mark.parametrize(
    "fields,is_right",
    [
        ({"path": "/" + "*" * 255}, True),
        ({"path": "/" + "*" * 256}, False),
        ({"path": "/_fakekounta/reset"}, False),
        ({"latency_seconds": 1}, True),
        ({"rate_limited": True}, False),
        ({"rate_limited": False, "token_expired": None, "connection": None}, True),
        ({"status": None}, False),
        ({"status": None, "latency_seconds": [0, 2]}, True),
        ({"status": None, "latency_seconds": [0, 0]}, False),
        ({"status": None, "latency_seconds": 1, "body": "a"}, False),
        ({"status": None, "connection": "drip", "drip_seconds": 2}, True),
        ({"status": None, "connection": "drip", "after_change": True}, False),
        ({"status": None, "connection": "close", "after_change": True}, True),
        ({"status": None, "connection": "truncate", "after_change": True}, False),
        ({"status": None, "token_expired": True, "path": "/token.json"}, False),
        ({"status": None, "token_expired": True, "path": "/status"}, True),
        ({"drip_seconds": 2}, False),
        ({"body": "a", "headers": {"X-A": "b"}, "after_change": True}, True),
        ({"status": 204, "body": ""}, True),
        ({"status": 204, "body": {}}, False),
        ({"nth": 1, "every": 1}, False),
        ({"nth": 1, "times": 1.0}, True),
        ({"nth": 1, "times": 2}, False),
        ({"seed": 0}, False),
        ({"seed": 0, "probability": 0.5}, True),
        ({"clock": True}, False),
        ({"clock": False}, True),
        ({"clock": True, "latency_seconds": 1}, True),
        ({"since": 1, "until": "2027-01-01T00:00:00Z"}, False),
        ({"since": 1, "until": 2}, True),
        ({"until": 0}, False),
        ({"path": "/authorize", "company_id": 5678}, False),
        ({"path": "/authorize", "company_id": None}, True),
    ],
    ids=str,
)
def test_fields_of_a_fault(fields: dict[str, Any], is_right: bool) -> None:
    """The schemas also say which fields can be combined."""
    both, body = Both({}, control=True), {"status": 503, **fields}
    assert both.valid("NewFault", body) == is_right
    assert (both.post("/_fakekounta/faults", body) == 201) == is_right


@pytest.mark.parametrize(
    "call,method,body,description",
    [
        ("faults", "POST", {"status": 503, "client_id": "nobody"}, "client_id: no application has the client id"),
        ("faults", "POST", [{"status": 503}] * 10_001, "fault: there can be 10,000 rules at most"),
        ("clock", "PUT", {"advance_seconds": 1e300}, "advance_seconds: leads beyond the end of the calendar"),
    ],
    ids=["client", "room", "calendar"],
)
def test_what_cannot_be_at_the_moment_is_a_conflict(call: str, method: str, body: Any, description: str) -> None:
    """A valid body that contradicts existing data is 409 and changes nothing."""
    both = Both({}, control=True)
    before = both.kounta.clock.freeze()
    answer = both.client.request(method, f"/_fakekounta/{call}", json=body)
    assert (answer.status_code, both.kounta.faults.all(), both.kounta.clock.now()) == (409, [], before)
    assert answer.json()["error_description"].startswith(description)


@pytest.mark.parametrize(
    "call,name,body,is_right",
    [
        ("clock", "ClockChanges", {"rate": 0}, False),
        ("clock", "ClockChanges", {"now": None, "advance_seconds": 1}, True),
        ("clock", "ClockChanges", {"now": "2026-11-23T18:40:00+11:00"}, True),
        ("clock", "ClockChanges", {"now": "yesterday"}, False),
        ("clock", "ClockChanges", {"advance_seconds": -1}, False),
        ("disturbances", "Disturbances", {"seed": 5090.0}, True),
        ("disturbances", "Disturbances", {"drop": 2}, False),
    ],
    ids=str,
)
def test_what_is_put_to_the_control_surface(call: str, name: str, body: Any, is_right: bool) -> None:
    """Ranges and times are checked."""
    both = Both({}, control=True)
    assert both.valid(name, body) == is_right
    assert both.client.put(f"/_fakekounta/{call}", json=body).is_success == is_right


def test_a_404_does_not_make_the_body_invalid() -> None:
    """A webhook of an unknown application is 409, since it may be valid at another time."""
    both = Both({}, control=True)
    body = {**HOOK, "client_id": "nobody"}
    assert both.valid("NewWebhook", body)
    assert both.post("/_fakekounta/webhooks", body) == 409


def test_the_examples_of_the_control_surface_are_taken() -> None:
    """Each call with a body has a valid example."""
    both = Both({}, control=True)
    number = both.kounta.customers.add(**CUSTOMER).id
    fill_collections(both.kounta)
    paths = both.kounta.openapi(control=True)["paths"]
    shown = [
        (path, method, item[method]) for path, item in paths.items() for method in ("post", "put") if method in item
    ]
    for path, method, operation in shown:
        fault, hook = both.kounta.faults.add(status=503), both.kounta.webhooks.add(HOOK["topic"], HOOK["address"])
        media = operation["requestBody"]["content"]["application/json"]
        assert both.valid(media["schema"]["$ref"].rpartition("/")[2], media["example"])
        both.kounta._front.past = OnePast(both.kounta)
        own = {
            "position": 1,
            "customer_id": number,
            "delivery_id": 1,
            "name": "n",
            "fault_id": fault.id,
            "webhook_id": hook.id,
        }
        target = path.format(**own, **ids())
        answer = both.client.request(method, target, json=media["example"])
        depends = any(part in path for part in ("{delivery_id}", "{name}", "/cafe"))  # /cafe needs an empty company
        assert answer.is_success or depends, f"{method} {path}: {answer.text}"
        both.kounta.restore(FakeKounta().state())
        number = both.kounta.customers.add(**CUSTOMER).id
        fill_collections(both.kounta)
