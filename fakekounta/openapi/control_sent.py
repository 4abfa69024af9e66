"""The schemas of what is sent to the control surface: customers and webhooks as to the API, clock, faults."""

from __future__ import annotations

from fakekounta.assumptions import Assumptions
from fakekounta.control.described import PATTERN
from fakekounta.core.fault_fields import MOST_SECONDS, OWN_HEADERS
from fakekounta.core.faults import CONNECTIONS, METHODS
from fakekounta.documents.customers import MAX_ID
from fakekounta.openapi.paths import Document, array_of, exactly, nullable, ref
from fakekounta.openapi.sent import sent_schemas

_TEXT: Document = {"type": "string"}
_SOME_TEXT: Document = {"type": "string", "minLength": 1}
_FLAG: Document = {"type": "boolean"}
_TEXTS: Document = {"type": "object", "additionalProperties": _TEXT}
# Not the ends of what is taken: there the offset decides.
_YEAR = "(197[1-9]|19[89][0-9]|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-7])"
_DAY = "(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
_MOMENT: Document = {**exactly(f"{_YEAR}-{_DAY}T{_TIME}"), "format": "date-time"}
_OWN = "|".join("".join(f"[{one.upper()}{one}]" for one in name) for name in OWN_HEADERS)
_HEADER_NAME = rf"(?!({_OWN})$)[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_FROM_TO: Document = {"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 2, "maxItems": 2}


def between(least: float, most: float) -> Document:
    """The schema of a number."""
    return {"type": "number", "minimum": least, "maximum": most}


def sent_to_control(assumptions: Assumptions) -> dict[str, Document]:
    """The schemas of bodies by name."""
    known = sent_schemas(assumptions)
    clock = {"frozen": _FLAG, "now": _or_null(_MOMENT), "rate": _above_0(1_000_000)}
    new_customer, new_fault = ref("schemas", "NewCustomer"), ref("schemas", "NewFault")
    webhook = {**known["NewWebhook"]["properties"], "client_id": _TEXT, "company_id": {"type": ["integer", "null"]}}
    return {
        "NewCustomer": _new_customer(known["NewCustomer"]),
        "NewCustomers": {"oneOf": [new_customer, array_of(new_customer)]},
        "CustomerChanges": {key: one for key, one in known["CustomerChanges"].items() if key != "additionalProperties"},
        "SentAddress": known["SentAddress"],
        "SentFilter": known["SentFilter"],
        "NewWebhook": {**known["NewWebhook"], "properties": webhook, "additionalProperties": False},
        "ClockChanges": _closed({**clock, "advance_seconds": {"type": "number", "minimum": 0}}),
        "NewFault": _closed({name: _or_null(one) for name, one in _fault().items()}),
        "NewFaults": {"oneOf": [new_fault, array_of(new_fault)]},
    }


def _new_customer(known: Document) -> Document:
    more = {"id": {"type": "integer", "minimum": 1, "maximum": MAX_ID}, "reference_ids": nullable(_TEXTS)}
    return {**known, "properties": {**known["properties"], **more}, "additionalProperties": False}


def _closed(properties: Document) -> Document:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _or_null(schema: Document) -> Document:
    return {"anyOf": [schema, {"type": "null"}]}


def _above_0(most: float) -> Document:
    return {"type": "number", "exclusiveMinimum": 0, "maximum": most}


def _whole(least: int, most: int) -> Document:
    return {"type": "integer", "minimum": least, "maximum": most}


def _fault() -> Document:
    """The fields of a fault by name; which of them go together is told on the page on faults."""
    method: Document = {"enum": list(METHODS)}
    moment = {"anyOf": [_MOMENT, between(0, MOST_SECONDS)]}
    return {
        "method": {"anyOf": [method, {**array_of(method), "minItems": 1}]},
        "path": PATTERN,
        "client_id": _SOME_TEXT,
        "company_id": _whole(1, 2**63 - 1),
        **dict.fromkeys(("since", "until"), moment),
        **dict.fromkeys(("nth", "every", "times"), _whole(1, 10**9)),
        "probability": _above_0(1),
        "seed": _whole(0, 2**63),
        "status": _whole(200, 599),
        "headers": {
            "type": "object",
            "propertyNames": {"pattern": f"^({_HEADER_NAME})$"},
            "additionalProperties": exactly(r"[ -~\u0080-\u00ff]*"),
        },
        "body": {"not": {"type": "null"}},
        **dict.fromkeys(("rate_limited", "token_expired", "after_change", "clock"), _FLAG),
        "connection": {"enum": list(CONNECTIONS)},
        "drip_seconds": _above_0(MOST_SECONDS),
        "latency_seconds": {"anyOf": [_above_0(MOST_SECONDS), _FROM_TO]},
    }
