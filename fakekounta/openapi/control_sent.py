"""The schemas of request bodies for the control surface: customers and webhooks as for the API, clock, faults."""

from __future__ import annotations

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.core.clock_fields import CLOCK_CHANGES
from fakekounta.core.fields import Field
from fakekounta.openapi.control_faults import fault_schemas
from fakekounta.openapi.paths import Document, array_of, nullable, or_null, ref
from fakekounta.openapi.sent import sent_schemas
from fakekounta.openapi.taken import taken
from fakekounta.schemas.customers import MAX_ID

_TEXT: Document = {"type": "string"}
_TEXTS: Document = {"type": "object", "additionalProperties": _TEXT}


def sent_to_control(assumptions: Assumptions) -> dict[str, Document]:
    """Return the schemas of request bodies by name."""
    known = sent_schemas(assumptions)
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
        "ClockChanges": _closed({key: _change(one) for key, one in CLOCK_CHANGES.sent.items()}),
        **fault_schemas(),
        "NewFaults": {"oneOf": [new_fault, array_of(new_fault)]},
    }


def _new_customer(known: Document) -> Document:
    more = {"id": {"type": "integer", "minimum": 1, "maximum": MAX_ID}, "reference_ids": nullable(_TEXTS)}
    return {**known, "properties": {**known["properties"], **more}, "additionalProperties": False}


def _closed(properties: Document) -> Document:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _change(field: Field) -> Document:
    schema = taken(field.kind)
    return or_null(schema) if field.nullable else schema
