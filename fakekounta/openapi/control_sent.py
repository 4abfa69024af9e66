"""The schemas of request bodies for the control surface: customers and webhooks as for the API, clock, faults."""

from __future__ import annotations

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.openapi.control_faults import fault_schemas
from fakekounta.openapi.paths import MOMENT, Document, array_of, nullable, or_null, ref
from fakekounta.openapi.sent import sent_schemas
from fakekounta.schemas.customers import MAX_ID

_TEXT: Document = {"type": "string"}
_FLAG: Document = {"type": "boolean"}
_TEXTS: Document = {"type": "object", "additionalProperties": _TEXT}


def between(least: float, most: float) -> Document:
    """Return the schema of a number between two bounds."""
    return {"type": "number", "minimum": least, "maximum": most}


def sent_to_control(assumptions: Assumptions) -> dict[str, Document]:
    """Return the schemas of request bodies by name."""
    known = sent_schemas(assumptions)
    clock = {"frozen": _FLAG, "now": or_null(MOMENT), "rate": _above_0(1_000_000)}
    new_customer, new_fault = ref("schemas", "NewCustomer"), ref("schemas", "NewFault")
    webhook = {**known["NewWebhook"]["properties"], "client_id": _TEXT, "company_id": {"type": ["integer", "null"]}}
    return {
        "NewCustomer": _new_customer(known["NewCustomer"]),
        "NewCustomers": {"oneOf": [new_customer, array_of(new_customer)]},
        "CustomerChanges": {key: one for key, one in known["CustomerChanges"].items() if key != "additionalProperties"},
        "SentAddress": known["SentAddress"],
        "SentFilter": known["SentFilter"],
        "NewWebhook": {**known["NewWebhook"], "properties": webhook, "additionalProperties": False},
        "WebhookChanges": {**known["WebhookChanges"], "additionalProperties": False},
        "ClockChanges": _closed({**clock, "advance_seconds": {"type": "number", "minimum": 0}}),
        **fault_schemas(),
        "NewFaults": {"oneOf": [new_fault, array_of(new_fault)]},
    }


def _new_customer(known: Document) -> Document:
    more = {"id": {"type": "integer", "minimum": 1, "maximum": MAX_ID}, "reference_ids": nullable(_TEXTS)}
    return {**known, "properties": {**known["properties"], **more}, "additionalProperties": False}


def _closed(properties: Document) -> Document:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _above_0(most: float) -> Document:
    return {"type": "number", "exclusiveMinimum": 0, "maximum": most}
