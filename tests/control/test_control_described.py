"""Tests of the document of the control surface: parameters, bodies, responses and refusals of each call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from werkzeug.test import Client

from fakekounta import FakeKounta, Quirk
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.orders.order import STATUSES
from fakekounta.core.orders.pos import ACTS
from tests.control.test_control_bounds import ask, says

# Parameters in brackets, the body's schema after <, the response's after the status, and 404 if the call can have it.
CALLS = """
GET /assumptions [] 200 Assumptions
PUT /assumptions [] < AssumptionChanges 200 Assumptions
GET /changes/{position} [] 200 Change 404
POST /changes/{position}/fork [] < Fork 200 Done 404
GET /changes/{position}/state [] 200 State 404
GET /clock [] 200 Clock
PUT /clock [] < ClockChanges 200 Clock
GET /control.openapi.json [] 200 OpenApi
GET /customers [company_id search sort offset limit] 200 CustomerPage 404
POST /customers [company_id announce] < NewCustomers 201 AddedCustomers 404
GET /customers/{customer_id} [company_id] 200 Customer 404
PUT /customers/{customer_id} [company_id announce] < CustomerChanges 200 Customer 404
DELETE /customers/{customer_id} [company_id announce] 200 Done 404
POST /deliver [] < Anything 200 Attempts
GET /deliveries [topic webhook_id record_id outcome limit full] 200 Deliveries
POST /deliveries/{delivery_id}/redeliver [] < Anything 201 Delivery 404
GET /deliveries/{delivery_id}/signatures [] 200 Signatures 404
GET /disturbances [] 200 Disturbances
PUT /disturbances [] < Disturbances 200 Disturbances
GET /faults [] 200 Faults
POST /faults [] < NewFaults 201 AddedFaults
DELETE /faults [] 200 Done
PUT /faults/{fault_id} [] < FaultChanges 200 Fault 404
DELETE /faults/{fault_id} [] 200 Done 404
GET /health [] 200 Health
GET /namespaces [] 200 Namespaces
DELETE /namespaces/{name} [] 200 Done 404
POST /namespaces/{name}/reset [] < Anything 200 Done 404
GET /openapi.json [] 200 OpenApi
GET /quirks [] 200 Quirks
GET /requests [method path status client_id quirk record_id after limit summary] 200 ExchangePage
DELETE /requests [] 200 Done
GET /requests/{number} [] 200 Exchange 404
POST /reset [] < Anything 200 Done
GET /settings [] 200 Settings
GET /state [] 200 State
PUT /state [] < State 200 Done
GET /webhooks [] 200 Webhooks
POST /webhooks [] < NewWebhook 201 Webhook 404
PUT /webhooks/{webhook_id} [company_id] < WebhookChanges 200 Webhook 404
DELETE /webhooks/{webhook_id} [company_id] 200 Done 404
""".strip().splitlines()
OF_A_COLLECTION = """
GET /{many} [company_id search {status}sort offset limit] 200 {One}Page 404
POST /{many} [company_id announce] < New{Many} 201 Added{Many} 404
GET /{many}/{{{one}_id}} [company_id] 200 {One} 404
PUT /{many}/{{{one}_id}} [company_id announce] < {One}Changes 200 {One} 404
DELETE /{many}/{{{one}_id}} [company_id announce] 200 Done 404
""".strip().splitlines()
CALLS += [
    line.format(
        many=plural,
        one=known.name,
        One=known.title,
        Many=known.titles,
        status="status " if "status" in known.resource.by_name else "",
    )
    for plural, known in COLLECTIONS.items()
    for line in OF_A_COLLECTION
]
CALLS += [
    "POST /cafe [company_id] < Anything 200 Done 404",
    "POST /ring_up [company_id] < RungUpOrder 201 Order 404",
    "POST /orders/{order_id}/pay [company_id] < OrderPayment 200 Order 404",
    *(f"POST /orders/{{order_id}}/{act} [company_id] < Anything 200 Order 404" for act in ACTS if act != "pay"),
]
TEXT, FLAG = {"type": "string"}, {"type": "boolean"}
PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "/customers": {
        "company_id": {**TEXT, "pattern": "^[0-9]+$"},
        "search": TEXT,
        "sort": {
            "enum": [
                *("id", "-id", "name", "-name", "email", "-email", "phone", "-phone"),
                *("reference_id", "-reference_id"),
            ]
        },
        "offset": {"type": "integer", "minimum": 0, "maximum": 10**12},
        "limit": {"type": "integer", "minimum": 1, "maximum": 10_000},
    },
    "/customers/{customer_id}": {"company_id": {**TEXT, "pattern": "^[0-9]+$"}},
    "/deliveries": {
        "topic": TEXT,
        "webhook_id": TEXT,
        "record_id": TEXT,
        "outcome": {"enum": ["pending", "delivered", "failed", "blocked", "dropped"]},
        "limit": {"type": "integer", "minimum": 1, "maximum": 10**12},
        "full": FLAG,
    },
    "/orders": {
        "company_id": {**TEXT, "pattern": "^[0-9]+$"},
        "search": TEXT,
        "status": {"enum": [*STATUSES]},
        "sort": {"enum": ["id", "-id"]},
        "offset": {"type": "integer", "minimum": 0, "maximum": 10**12},
        "limit": {"type": "integer", "minimum": 1, "maximum": 10_000},
    },
    "/requests": {
        "method": TEXT,
        "path": {**TEXT, "pattern": "^[/*][^?#]*$", "maxLength": 256},
        "status": {
            "anyOf": [{"type": "integer", "minimum": 0, "maximum": 999}, {"enum": ["2xx", "3xx", "4xx", "5xx"]}]
        },
        "client_id": TEXT,
        "quirk": {"enum": [quirk.id for quirk in Quirk]},
        "record_id": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1},
        "after": {"type": "integer", "minimum": 0, "maximum": 10**18},
        "limit": {"type": "integer", "minimum": 1, "maximum": 1_000},
        "summary": FLAG,
    },
}


@pytest.fixture
def document() -> dict[str, Any]:
    return FakeKounta().openapi(control=True)


def calls(document: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return every call, by its method and its path below the prefix."""
    return {
        (method.upper(), path.removeprefix("/_fakekounta")): call
        for path, item in document["paths"].items()
        for method, call in item.items()
        if method != "parameters"
    }


def schema_of(content: Mapping[str, Any]) -> str:
    return str(content["content"]["application/json"]["schema"]["$ref"]).rpartition("/")[2]


def line(method: str, path: str, call: Mapping[str, Any]) -> str:
    """Return the call in the form of `CALLS`."""
    names = " ".join(one["name"] for one in call["parameters"])
    sent = f" < {schema_of(call['requestBody'])}" if "requestBody" in call else ""
    success = min(call["responses"])
    ending = " 404" if "404" in call["responses"] else ""
    return f"{method} {path} [{names}]{sent} {success} {schema_of(call['responses'][success])}{ending}"


def test_every_call_is_described(document: Mapping[str, Any]) -> None:
    """Each call has its parameters, body and response, and a 404 if it can have one."""
    described = [line(method, path, call) for (method, path), call in calls(document).items()]
    assert sorted(described) == sorted(CALLS)


def test_every_call_may_be_refused(document: Mapping[str, Any]) -> None:
    """Each call has 400, 403, 409 and the server's refusals, and 401 unless it is health, which needs no token."""
    by_server = {"408", "413", "414", "431", "503"}
    for (_, path), call in calls(document).items():
        assert by_server <= set(call["responses"])
        refusals = set(call["responses"]) - {"200", "201", "404"} - by_server
        open_to_all = path == "/health"
        assert refusals == {"400", "403", "409"} | (set() if open_to_all else {"401"})
        assert call.get("security") == ([] if open_to_all else None)


TAGS = {
    "catalogue": "assumptions quirks settings",
    "cafe": "cafe",
    "changes": "changes",
    "clock": "clock",
    "customers": "customers",
    "faults": "faults",
    "namespaces": "namespaces",
    "openapi": "openapi.json control.openapi.json",
    "requests": "requests",
    "state": "health reset state",
    "webhooks": "deliver deliveries disturbances webhooks",
    **{plural: plural for plural in COLLECTIONS},
    "orders": "orders ring_up",
}


def test_calls_stand_in_groups(document: Mapping[str, Any]) -> None:
    """Each call has the tag of its subject, by which viewers group the document."""
    groups = {name: tag for tag, names in TAGS.items() for name in names.split()}
    for (_, path), call in calls(document).items():
        assert call["tags"] == [groups[path.split("/")[1]]], path


def test_parameters_have_their_schemas(document: Mapping[str, Any]) -> None:
    """The bounds of parameters are those that the calls check."""
    described = calls(document)
    for path, schemas in PARAMETERS.items():
        assert {one["name"]: one["schema"] for one in described["GET", path]["parameters"]} == schemas
    for key in (("POST", "/customers"), ("PUT", "/customers/{customer_id}"), ("DELETE", "/customers/{customer_id}")):
        schemas = {one["name"]: one["schema"] for one in described[key]["parameters"]}
        assert schemas == {"company_id": {**TEXT, "pattern": "^[0-9]+$"}, "announce": FLAG}
    assert all(one["in"] == "query" for call in described.values() for one in call["parameters"])


def test_only_health_needs_no_token() -> None:
    """Without the token every call of the document except health is 401."""
    kounta = FakeKounta(control_token="t0ken")
    for method, path in calls(kounta.openapi(control=True)):
        answer = ask(kounta, method, path.removeprefix("/").replace("{", "").replace("}", ""), {})
        assert answer.status_code == (200 if path == "/health" else 401), path


# --- what belongs to the surface as a whole ----------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/clock", "clock/", "clock//", "nothing/clock"])
def test_a_path_is_taken_as_it_is(path: str) -> None:
    """Two slashes, or a slash at the end, make another path: 404 without a redirect."""
    assert says(ask(FakeKounta(), "GET", path))[0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"])
def test_a_change_without_json_is_refused_on_every_path(method: str, content_type: str) -> None:
    """A change without JSON is 403, also on unknown paths; a DELETE needs no JSON."""
    reason = "A change needs the header Content-Type: application/json"
    headers = {"Content-Type": content_type}
    assert says(ask(FakeKounta(), method, "nothing", headers=headers)) == (403, reason)
    assert says(ask(FakeKounta(), "DELETE", "nothing", headers=headers))[0] == 404


def test_the_page_has_its_own_headers() -> None:
    """The page has the headers that isolate it from others; the address without a slash redirects to it."""
    client = Client(FakeKounta().wsgi_app)
    page = client.get("/_fakekounta/")
    assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert page.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert (page.headers["Referrer-Policy"], page.headers["X-Content-Type-Options"]) == ("no-referrer", "nosniff")
    assert (page.headers["Cache-Control"], page.content_type) == ("no-cache", "text/html; charset=utf-8")
    for prefix in ("", "/_fakekounta/ns/one"):
        moved = client.get(f"{prefix}/_fakekounta")
        assert (moved.status_code, moved.headers["Location"]) == (308, f"{prefix}/_fakekounta/")
    assert says(client.get("/_fakekounta/page/nothing.js")) == (404, "the dashboard has no such file")
    again = client.get("/_fakekounta/", headers={"If-None-Match": page.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
