"""The schemas of the bodies of requests to the control surface, and of its responses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fakekounta.catalogue.assumptions import CHOICES, Assumptions
from fakekounta.control.namespaces import SUMMARY
from fakekounta.core.applications import APPLICATION
from fakekounta.core.clock_fields import CLOCK
from fakekounta.core.company import COMPANY
from fakekounta.core.customers import ADDRESS, CUSTOMER
from fakekounta.core.deliveries import ATTEMPT, DELIVERY, DISTURBANCES, SCHEDULE
from fakekounta.core.journal import EXCHANGE
from fakekounta.core.rate_limit import LIMITS
from fakekounta.core.webhooks import WEBHOOK
from fakekounta.openapi import collections, orders
from fakekounta.openapi.control_sent import sent_to_control
from fakekounta.openapi.kinds import BOOLEAN, INTEGER, MOMENT_SHOWN, STRING, TEXTS, closed, document_schema, kept_schema
from fakekounta.openapi.paths import Document, array_of, exactly, nullable, ref
from fakekounta.openapi.taken import taken
from fakekounta.schemas.catalogue import ASSUMPTION, QUIRK
from fakekounta.schemas.deliveries import SIGNATURE
from fakekounta.settings.kinds import SettingKind
from fakekounta.settings.table import BY_NAME
from fakekounta.worlds.namespaces import NAME_OF_NAMESPACE
from fakekounta.worlds.state import KEYS as STATE_KEYS
from fakekounta.worlds.world_settings import SHOWN

_INTEGER_OR_NULL = nullable(INTEGER)
_OBJECT: Document = {"type": "object"}
_ANYTHING: Document = {}
_NAMES = {ADDRESS.name: "Address", ATTEMPT.name: "Attempt"}


def control_schemas(assumptions: Assumptions) -> dict[str, Document]:
    """Return all schemas by name."""
    return {
        "Done": _answer(status={"const": "ok"}),
        "Refusal": _answer(error={"const": "refused"}, error_description=STRING),
        "Unserved": _answer(error=STRING, error_description=STRING),
        "Health": _answer(status={"const": "ok"}, version=STRING),
        "Anything": {},
        "State": _state(),
        **_changes(),
        **_customers(),
        **sent_to_control(assumptions),
        **collections.control_schemas(_NAMES),
        **orders.control_schemas(),
        "Clock": document_schema(CLOCK, _NAMES),
        **_webhooks(),
        **_deliveries(),
        **_journal(),
        **_faults(),
        **_catalogue(),
        "Namespaces": array_of(document_schema(SUMMARY, _NAMES)),
        "OpenApi": _OBJECT,
    }


def _answer(optional: Iterable[str] = (), /, **properties: Document) -> Document:
    return closed(properties, optional)


def _sent(required: Iterable[str] = (), /, **properties: Document) -> Document:
    return closed(properties, properties.keys() - {*required})


def _state() -> Document:
    """Return the schema of the state, without details of its parts, because other calls describe them."""
    return {
        "type": "object",
        "properties": {**dict.fromkeys(STATE_KEYS, _ANYTHING), "format": INTEGER, "companies": array_of(_OBJECT)},
        "required": ["format"],
        "additionalProperties": False,
    }


def _changes() -> dict[str, Document]:
    difference = _answer(("before", "after"), path=STRING, before=_ANYTHING, after=_ANYTHING)
    return {
        "Change": _answer(position=INTEGER, at=MOMENT_SHOWN, differences=array_of(difference), more=INTEGER),
        "Fork": _sent(("namespace",), namespace=exactly(NAME_OF_NAMESPACE)),
    }


def _customers() -> dict[str, Document]:
    parts = document_schema(ADDRESS, _NAMES)["properties"]
    return {
        "Address": {"type": "object", "properties": parts},
        "Customer": document_schema(CUSTOMER, _NAMES),
        "CustomerPage": _answer(total=INTEGER, customers=array_of(ref("schemas", "Customer"))),
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
    own |= {"webhook_id": _INTEGER_OR_NULL, "customer_id": _INTEGER_OR_NULL, "record_id": INTEGER}
    of_webhook = document_schema(WEBHOOK, _NAMES)["properties"]
    own |= {name: of_webhook[name] for name in ("company_id", "client_id", "address")}
    full["customer"] = {"oneOf": [full["customer"], {"type": "null"}]}
    full["record"] = full["payload"] = _OBJECT
    delivery = closed({**own, **full}, full)
    return {
        "Attempt": document_schema(ATTEMPT, _NAMES),
        "Delivery": delivery,
        "Deliveries": array_of(ref("schemas", "Delivery")),
        "Attempts": _answer(attempts=INTEGER),
        "Signatures": array_of(document_schema(SIGNATURE, _NAMES)),
        "Disturbances": _sent(**{one.name: taken(one.kind) for one in DISTURBANCES.own}),
    }


def _journal() -> dict[str, Document]:
    exchange = {one.key: kept_schema(one, _NAMES) for one in EXCHANGE.own}
    return {
        "Message": _answer(headers=TEXTS, body=STRING),
        "Exchange": closed({**exchange, "target": STRING}, ("request", "response")),  # a summary has no messages
        "ExchangePage": _answer(
            ("replica",), total=INTEGER, replica=STRING, requests=array_of(ref("schemas", "Exchange"))
        ),
    }


def _faults() -> dict[str, Document]:
    """Return the schemas of fault rules in responses; docs/faults.md describes the fields other than the counts."""
    counts = dict.fromkeys(("id", "matched", "fired"), INTEGER)
    rule = ref("schemas", "Fault")
    return {
        "Fault": {"type": "object", "properties": counts, "required": [*counts]},
        "Faults": array_of(rule),
        "AddedFaults": {"oneOf": [rule, array_of(rule)]},
    }


def _catalogue() -> dict[str, Document]:
    return {
        "Quirks": array_of(document_schema(QUIRK, _NAMES)),
        "Assumptions": array_of(document_schema(ASSUMPTION, _NAMES)),
        "AssumptionChanges": _sent(**{quirk.id: {"enum": list(names)} for quirk, names in CHOICES.items()}),
        "Settings": _answer(
            namespace=STRING,
            companies=array_of(document_schema(COMPANY, _NAMES)),
            applications=array_of(document_schema(APPLICATION, _NAMES)),
            **{name: _setting(BY_NAME[name].kind) for name in SHOWN},
        ),
    }


_BY_KIND: Mapping[str, Document] = {
    "assumptions": TEXTS,
    "flag": BOOLEAN,
    "rate_limit": {"oneOf": [{"type": "null"}, document_schema(LIMITS, _NAMES)]},
    "schedule": document_schema(SCHEDULE, _NAMES),
    "texts": array_of(STRING),
    "whole": INTEGER,
}


def _setting(kind: SettingKind) -> Document:
    """Return the schema of the value of a setting, as `worlds.world_settings` writes it."""
    return {"enum": list(kind.choices)} if kind.choices else _BY_KIND[kind.name]
