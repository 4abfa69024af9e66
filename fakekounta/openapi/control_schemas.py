"""The schemas of the control surface: what its calls take and answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from fakekounta.catalogue.assumptions import CHOICES, Assumptions
from fakekounta.catalogue.quirks import Basis
from fakekounta.core.applications import Application
from fakekounta.core.customers import ADDRESS_PARTS, Customer
from fakekounta.core.deliveries import OUTCOMES, Disturbances
from fakekounta.core.fault_fields import MOST_SECONDS
from fakekounta.core.webhooks import FORMATS, TOPICS
from fakekounta.openapi.control_sent import between, sent_to_control
from fakekounta.openapi.paths import Document, array_of, ref
from fakekounta.settings.kinds import MODES
from fakekounta.worlds.state import KEYS as STATE_KEYS

_STRING: Document = {"type": "string"}
_TEXT_OR_NULL: Document = {"type": ["string", "null"]}
_INTEGER: Document = {"type": "integer"}
_NUMBER: Document = {"type": "number"}
_BOOLEAN: Document = {"type": "boolean"}
_OBJECT: Document = {"type": "object"}
_TEXTS: Document = {"type": "object", "additionalProperties": _STRING}
_MOMENT: Document = {"type": "string", "format": "date-time"}
_TOPIC: Document = {"enum": list(TOPICS)}
_CHANCE: Document = {"type": "number", "minimum": 0, "maximum": 1}
_ADDRESS: Document = {"oneOf": [ref("schemas", "Address"), {"type": "null"}]}
_ANYTHING: Document = {}
_KINDS: dict[str, Document] = {
    "id": _INTEGER,
    "first_name": _STRING,
    "last_name": _STRING,
    "tags": array_of(_STRING),
    **dict.fromkeys(("primary_address", "shipping_address"), _ADDRESS),
    "accepts_marketing": _BOOLEAN,
    "reference_ids": _TEXTS,
}


def control_schemas(assumptions: Assumptions) -> dict[str, Document]:
    """All schemas by name."""
    return {
        "Done": _answer(status={"const": "ok"}),
        "Refusal": _answer(error={"const": "refused"}, error_description=_STRING),
        "Unserved": _answer(error=_STRING, error_description=_STRING),
        "Health": _answer(status={"const": "ok"}, version=_STRING),
        "Anything": {},
        "State": _state(),
        **_customers(),
        **sent_to_control(assumptions),
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
    """Its parts are described where they have calls of their own."""
    return {
        "type": "object",
        "properties": {**dict.fromkeys(STATE_KEYS, _ANYTHING), "format": _INTEGER, "companies": array_of(_OBJECT)},
        "required": ["format"],
        "additionalProperties": False,
    }


def _customers() -> dict[str, Document]:
    names = [one.name for one in fields(Customer)]
    return {
        "Address": {"type": "object", "properties": dict.fromkeys(ADDRESS_PARTS, _TEXT_OR_NULL)},
        "Customer": _answer(**{name: _KINDS.get(name, _TEXT_OR_NULL) for name in names}),
        "CustomerPage": _answer(total=_INTEGER, customers=array_of(ref("schemas", "Customer"))),
        "AddedCustomers": {"oneOf": [ref("schemas", "Customer"), array_of(ref("schemas", "Customer"))]},
    }


def _webhooks() -> dict[str, Document]:
    webhook = _answer(
        **dict.fromkeys(("id", "company_id"), _INTEGER),
        **dict.fromkeys(("client_id", "address"), _STRING),
        topic=_TOPIC,
        format={"enum": list(FORMATS)},
        filter=_OBJECT,
        headers=_TEXTS,
        **dict.fromkeys(("created_at", "updated_at"), _MOMENT),
    )
    return {
        "Webhook": webhook,
        "Webhooks": array_of(ref("schemas", "Webhook")),
    }


def _deliveries() -> dict[str, Document]:
    attempt = _answer(
        **dict.fromkeys(("number",), _INTEGER),
        at=_MOMENT,
        status={"type": ["integer", "null"]},
        error=_TEXT_OR_NULL,
        duration_seconds=_NUMBER,
        headers=_TEXTS,
        body=_STRING,
    )
    full = {"webhook": ref("schemas", "Webhook"), "customer": ref("schemas", "Customer"), "payload": _OBJECT}
    delivery = _answer(
        full,
        **dict.fromkeys(("id", "webhook_id", "company_id", "customer_id", "earlier_attempts"), _INTEGER),
        **dict.fromkeys(("client_id", "address"), _STRING),
        topic=_TOPIC,
        outcome={"enum": list(OUTCOMES)},
        **dict.fromkeys(("occurred_at", "due_at"), _MOMENT),
        attempts=array_of(ref("schemas", "Attempt")),
        **full,
    )
    chances = {one.name: _CHANCE for one in fields(Disturbances)}
    chances |= {"delay_seconds": between(0, MOST_SECONDS), "seed": {**between(0, 2**63), "type": "integer"}}
    return {
        "Attempt": attempt,
        "Delivery": delivery,
        "Deliveries": array_of(ref("schemas", "Delivery")),
        "Attempts": _answer(attempts=_INTEGER),
        "Signatures": array_of(_answer(attempt=_INTEGER, sent=_TEXT_OR_NULL, right=_STRING, is_right=_BOOLEAN)),
        "Disturbances": _sent(**chances),
    }


def _journal() -> dict[str, Document]:
    messages = dict.fromkeys(("request", "response"), ref("schemas", "Message"))
    exchange = _answer(
        messages,  # a summary has none
        **dict.fromkeys(("number", "status"), _INTEGER),
        at={"type": ["string", "null"], "format": "date-time"},
        duration_ms=_NUMBER,
        **dict.fromkeys(("method", "path", "query", "target"), _STRING),
        **dict.fromkeys(("client_id", "fault"), _TEXT_OR_NULL),
        **messages,
        **dict.fromkeys(("quirks", "notes", "ignored_fields"), array_of(_STRING)),
    )
    return {
        "Message": _answer(headers=_TEXTS, body=_STRING),
        "Exchange": exchange,
        "ExchangePage": _answer(total=_INTEGER, requests=array_of(ref("schemas", "Exchange"))),
    }


def _faults() -> dict[str, Document]:
    """Return the schemas of fault rules; the fields besides the counts are described on the page about faults."""
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
    company = _answer(id=_INTEGER, name=_STRING, timezone=_STRING)
    kinds = {"company_id": _INTEGER, "redirect_uris": array_of(_STRING), "any_redirect_uri": _BOOLEAN}
    kinds |= dict.fromkeys(("access_token", "refresh_token"), _TEXT_OR_NULL)
    application = _answer(**{one.name: kinds.get(one.name, _STRING) for one in fields(Application)})
    quirk = _answer(**dict.fromkeys(("id", "slug", "statement", "source"), _STRING), basis=basis, met=_INTEGER)
    assumption = _answer(**dict.fromkeys(("id", "statement", "chosen"), _STRING), choices=array_of(choice))
    limit: Document = {"oneOf": [{"type": "null"}, _answer(basic=_INTEGER, oauth=_INTEGER)]}
    return {
        "Quirks": array_of(quirk),
        "Assumptions": array_of(assumption),
        "AssumptionChanges": _sent(**{quirk.id: {"enum": list(names)} for quirk, names in CHOICES.items()}),
        "Settings": _answer(
            namespace=_STRING,
            companies=array_of(company),
            applications=array_of(application),
            assumptions=_TEXTS,
            page_size=_INTEGER,
            rate_limit=limit,
            open_auth=_BOOLEAN,
            webhook_mode={"enum": list(MODES)},
        ),
    }
