"""The schemas of the bodies of requests to the control surface, and of its responses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from fakekounta.catalogue.assumptions import CHOICES, Assumptions
from fakekounta.catalogue.quirks import Basis
from fakekounta.core.applications import APPLICATION
from fakekounta.core.company import COMPANY
from fakekounta.core.customers import ADDRESS, CUSTOMER
from fakekounta.core.deliveries import ATTEMPT, DELIVERY, Disturbances
from fakekounta.core.fault_fields import MOST_SECONDS
from fakekounta.core.journal import EXCHANGE
from fakekounta.core.webhooks import WEBHOOK
from fakekounta.openapi import collections, orders
from fakekounta.openapi.control_sent import between, sent_to_control
from fakekounta.openapi.kinds import closed, document_schema, kept_schema
from fakekounta.openapi.paths import Document, array_of, ref
from fakekounta.settings.kinds import MODES
from fakekounta.worlds.state import KEYS as STATE_KEYS

_STRING: Document = {"type": "string"}
_TEXT_OR_NULL: Document = {"type": ["string", "null"]}
_INTEGER: Document = {"type": "integer"}
_INTEGER_OR_NULL: Document = {"type": ["integer", "null"]}
_NUMBER: Document = {"type": "number"}
_BOOLEAN: Document = {"type": "boolean"}
_OBJECT: Document = {"type": "object"}
_TEXTS: Document = {"type": "object", "additionalProperties": _STRING}
_MOMENT: Document = {"type": "string", "format": "date-time"}
_CHANCE: Document = {"type": "number", "minimum": 0, "maximum": 1}
_ANYTHING: Document = {}
_NAMES = {ADDRESS.name: "Address", ATTEMPT.name: "Attempt"}


def control_schemas(assumptions: Assumptions) -> dict[str, Document]:
    """Return all schemas by name."""
    return {
        "Done": _answer(status={"const": "ok"}),
        "Refusal": _answer(error={"const": "refused"}, error_description=_STRING),
        "Unserved": _answer(error=_STRING, error_description=_STRING),
        "Health": _answer(status={"const": "ok"}, version=_STRING),
        "Anything": {},
        "State": _state(),
        **_customers(),
        **sent_to_control(assumptions),
        **collections.control_schemas(_NAMES),
        **orders.control_schemas(),
        "Clock": _answer(frozen=_BOOLEAN, now=_MOMENT, rate=_NUMBER),
        **_webhooks(),
        **_deliveries(),
        **_journal(),
        **_faults(),
        **_catalogue(),
        "Namespaces": array_of(_answer(name=_STRING, customers=_INTEGER, requests=_INTEGER)),
        "OpenApi": _OBJECT,
    }


def _answer(optional: Iterable[str] = (), /, **properties: Document) -> Document:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _sent(required: Iterable[str] = (), /, **properties: Document) -> Document:
    return {"type": "object", "properties": properties, "required": [*required], "additionalProperties": False}


def _state() -> Document:
    """Return the schema of the state, without details of its parts, because other calls describe them."""
    return {
        "type": "object",
        "properties": {**dict.fromkeys(STATE_KEYS, _ANYTHING), "format": _INTEGER, "companies": array_of(_OBJECT)},
        "required": ["format"],
        "additionalProperties": False,
    }


def _customers() -> dict[str, Document]:
    parts = document_schema(ADDRESS, _NAMES)["properties"]
    return {
        "Address": {"type": "object", "properties": parts},
        "Customer": document_schema(CUSTOMER, _NAMES),
        "CustomerPage": _answer(total=_INTEGER, customers=array_of(ref("schemas", "Customer"))),
        "AddedCustomers": {"oneOf": [ref("schemas", "Customer"), array_of(ref("schemas", "Customer"))]},
    }


def _webhooks() -> dict[str, Document]:
    return {
        "Webhook": document_schema(WEBHOOK, _NAMES),
        "Webhooks": array_of(ref("schemas", "Webhook")),
    }


def _deliveries() -> dict[str, Document]:
    full: dict[str, Document] = {name: ref("schemas", name.capitalize()) for name in ("webhook", "customer")}
    own = document_schema(DELIVERY, _NAMES)["properties"]
    own |= {"webhook_id": _INTEGER_OR_NULL, "customer_id": _INTEGER_OR_NULL, "record_id": _INTEGER}
    of_webhook = document_schema(WEBHOOK, _NAMES)["properties"]
    own |= {name: of_webhook[name] for name in ("company_id", "client_id", "address")}
    full["customer"] = {"oneOf": [full["customer"], {"type": "null"}]}
    full["record"] = full["payload"] = _OBJECT
    delivery = closed({**own, **full}, full)
    chances = {one.name: _CHANCE for one in fields(Disturbances)}
    chances |= {"delay_seconds": between(0, MOST_SECONDS), "seed": {**between(0, 2**63), "type": "integer"}}
    return {
        "Attempt": document_schema(ATTEMPT, _NAMES),
        "Delivery": delivery,
        "Deliveries": array_of(ref("schemas", "Delivery")),
        "Attempts": _answer(attempts=_INTEGER),
        "Signatures": array_of(_answer(attempt=_INTEGER, sent=_TEXT_OR_NULL, right=_STRING, is_right=_BOOLEAN)),
        "Disturbances": _sent(**chances),
    }


def _journal() -> dict[str, Document]:
    exchange = {one.key: kept_schema(one, _NAMES) for one in EXCHANGE.own}
    return {
        "Message": _answer(headers=_TEXTS, body=_STRING),
        "Exchange": closed({**exchange, "target": _STRING}, ("request", "response")),  # a summary has no messages
        "ExchangePage": _answer(total=_INTEGER, requests=array_of(ref("schemas", "Exchange"))),
    }


def _faults() -> dict[str, Document]:
    """Return the schemas of fault rules in responses; docs/faults.md describes the fields other than the counts."""
    counts = dict.fromkeys(("id", "matched", "fired"), _INTEGER)
    rule = ref("schemas", "Fault")
    return {
        "Fault": {"type": "object", "properties": counts, "required": [*counts]},
        "Faults": array_of(rule),
        "AddedFaults": {"oneOf": [rule, array_of(rule)]},
    }


def _catalogue() -> dict[str, Document]:
    basis: Document = {"enum": [basis.name for basis in Basis]}
    choice = _answer(name=_STRING, meaning=_STRING)
    quirk = _answer(**dict.fromkeys(("id", "slug", "statement", "source"), _STRING), basis=basis, covered=_INTEGER)
    assumption = _answer(**dict.fromkeys(("id", "statement", "chosen"), _STRING), choices=array_of(choice))
    limit: Document = {"oneOf": [{"type": "null"}, _answer(basic=_INTEGER, oauth=_INTEGER)]}
    return {
        "Quirks": array_of(quirk),
        "Assumptions": array_of(assumption),
        "AssumptionChanges": _sent(**{quirk.id: {"enum": list(names)} for quirk, names in CHOICES.items()}),
        "Settings": _answer(
            namespace=_STRING,
            companies=array_of(document_schema(COMPANY, _NAMES)),
            applications=array_of(document_schema(APPLICATION, _NAMES)),
            assumptions=_TEXTS,
            page_size=_INTEGER,
            rate_limit=limit,
            open_auth=_BOOLEAN,
            webhook_mode={"enum": list(MODES)},
            webhook_schedule=_answer(minutes=array_of(_NUMBER), timeout_seconds=_NUMBER),
            allow_webhook_hosts=array_of(_STRING),
        ),
    }
