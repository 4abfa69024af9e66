"""The schemas of fault rules in requests: one for each effect, with the fields that it can be combined with.

JSON Schema cannot compare two values. So the schemas do not say that `until` is later than `since`, and that the first
of two `latency_seconds` is at most the second.
"""

from __future__ import annotations

from collections.abc import Mapping

from fakekounta.control.described import PATTERN
from fakekounta.core.fault_fields import (
    BODILESS,
    BOUNDED,
    BROWSER,
    CHANGEABLE,
    CONTROL,
    OF_REQUESTS,
    OPEN,
    OWN_HEADERS,
)
from fakekounta.core.faults import CONNECTIONS, METHODS
from fakekounta.core.measures import MOST_SECONDS
from fakekounta.openapi.paths import MOMENT, Document, array_of, exactly, or_null
from fakekounta.openapi.taken import taken

_DRIP = "drip"
_FLAG: Document = {"type": "boolean"}
_OWN = "|".join("".join(f"[{one.upper()}{one}]" for one in name) for name in OWN_HEADERS)
_HEADER_NAME = rf"(?!({_OWN})$)[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_METHOD: Document = {"enum": list(METHODS)}


def _number(most: float) -> Document:
    return {"type": "number", "exclusiveMinimum": 0, "maximum": most}


_LATENCY: Document = {
    "anyOf": [
        _number(MOST_SECONDS),
        {
            "type": "array",
            "prefixItems": [{"type": "number", "minimum": 0, "maximum": MOST_SECONDS}, _number(MOST_SECONDS)],
            "minItems": 2,
            "maxItems": 2,
        },
    ]
}
_WHEN: Mapping[str, Document] = {
    "method": {"anyOf": [_METHOD, {**array_of(_METHOD), "minItems": 1}]},
    "path": {**PATTERN, "pattern": f"^(?!{CONTROL})[/*][^?#]*$"},
    "client_id": {"type": "string", "minLength": 1},
    "company_id": taken(BOUNDED["company_id"]),
    "since": {"anyOf": [MOMENT, {"type": "number", "minimum": 0, "maximum": MOST_SECONDS}]},
    "until": {"anyOf": [MOMENT, _number(MOST_SECONDS)]},
    **{name: taken(BOUNDED[name]) for name in ("nth", "every", "times")},
    "probability": _number(1),
    "seed": taken(BOUNDED["seed"]),
    "latency_seconds": _LATENCY,
    "clock": _FLAG,
    "disabled": _FLAG,
}
_STATUS = taken(BOUNDED["status"])
_ANSWER: Mapping[str, Document] = {
    "headers": {
        "type": "object",
        "propertyNames": {"pattern": f"^({_HEADER_NAME})$"},
        "additionalProperties": exactly(r"[ -~\u0080-\u00ff]*"),
    },
    "body": {"not": {"type": "null"}},
    "after_change": _FLAG,
}
_FLAGS = ("rate_limited", "token_expired", "after_change", "clock", "disabled")
_EFFECTS = (
    *("status", "headers", "body", "rate_limited", "token_expired"),
    *("connection", "handshake", "drip_seconds", "after_change"),
)


def fault_schemas() -> dict[str, Document]:
    """Return the schemas by name; `NewFault` accepts all that one of the others accepts."""
    cuts = [one for one in CONNECTIONS if one in CHANGEABLE]
    others = [one for one in CONNECTIONS if one not in (*CHANGEABLE, _DRIP)]
    kinds = {
        "AnswerFault": _fault("status", status=_STATUS, **_ANSWER),
        "RateLimitFault": _fault("rate_limited", rate_limited={"const": True}),
        "TokenFault": _fault("token_expired", token_expired={"const": True}),
        "CutFault": _fault("connection", connection={"enum": cuts}, after_change=_FLAG),
        "DripFault": _fault("connection", connection={"const": _DRIP}, drip_seconds=_number(MOST_SECONDS)),
        **({"ConnectionFault": _fault("connection", connection={"enum": others})} if others else {}),
        "HandshakeFault": _fault("handshake", handshake=taken(BOUNDED["handshake"])),
        "LatencyFault": _fault("latency_seconds"),
    }
    either = [{"$ref": f"#/components/schemas/{name}"} for name in kinds]
    return {**kinds, "NewFault": {"anyOf": either, "not": {"anyOf": _contradictions()}}, "FaultChanges": _changes()}


def _changes() -> Document:
    """Return the schema of changes to a rule; which of them go together depends on the rule."""
    known = {
        **_WHEN,
        **_ANSWER,
        "status": _STATUS,
        **dict.fromkeys(("rate_limited", "token_expired"), _FLAG),
        **{name: taken(BOUNDED[name]) for name in ("connection", "handshake")},
        "drip_seconds": _number(MOST_SECONDS),
    }
    properties = {name: or_null(one) for name, one in known.items()}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _fault(required: str, **effect: Document) -> Document:
    """Return the schema of a fault with this effect. Null, and false for a flag, count as absent."""
    properties: dict[str, Document] = {name: _if_any(name, one) for name, one in {**_WHEN, **effect}.items()}
    properties |= {name: _if_any(name, None) for name in _EFFECTS if name not in effect}
    properties[required] = {**_WHEN, **effect}[required]
    return {"type": "object", "properties": properties, "required": [required], "additionalProperties": False}


def _if_any(name: str, schema: Document | None) -> Document:
    if schema is None:
        return or_null({"const": False}) if name in _FLAGS else {"type": "null"}
    return or_null(schema)


def _contradictions() -> list[Document]:
    """Return the schemas of combinations of fields that every effect refuses."""
    by_seconds, by_moment = {"type": "number"}, {"type": "string"}
    nobody = [*BROWSER, *(f"{one}.json" for one in BROWSER)]
    tokenless = [*OPEN, *(f"{one}.json" for one in OPEN)]
    askers = ("client_id", "company_id", "rate_limited", "token_expired")
    return [
        *(_given(name, "handshake") for name in OF_REQUESTS),
        _given("nth", "every"),
        _given("nth", times={"type": "integer", "minimum": 2}),
        {**_given("seed"), "not": {"anyOf": [_given("probability"), _given("latency_seconds")]}},
        {**_given(clock={"const": True}), "not": _given("latency_seconds")},
        _given(since=by_seconds, until=by_moment),
        _given(since=by_moment, until=by_seconds),
        _given(status={"enum": list(BODILESS)}, body={"not": {"enum": ["", None]}}),
        {**_given(path={"enum": nobody}), "anyOf": [_given(one) for one in askers]},
        _given("token_expired", path={"enum": tokenless}),
    ]


def _given(*names: str, **values: Document) -> Document:
    """Return the schema of an object that has these fields."""
    there = {name: {"not": {"enum": [False, None]}} for name in names} | values
    return {"properties": there, "required": [*there]}
