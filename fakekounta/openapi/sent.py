"""The schemas of request bodies for the faked API.

A body is valid if the API accepts it, unless the reason to refuse it is outside the body. Types come from the field
declarations, the rest from the rules of the core. Rules about several fields are expressed by `not`, because generators
of clients ignore it; `anyOf` would hide the fields from them.
"""

from __future__ import annotations

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.core.countries import country_codes
from fakekounta.core.customers import (
    ADDRESS,
    CONTACTS,
    CUSTOMER,
    EMAIL,
    any_text_is_email,
    country_in_any_case,
    refuses_clearing,
)
from fakekounta.core.resources import Shape
from fakekounta.core.web_urls import WEB_URL
from fakekounta.core.webhooks import (
    ANY_ATTRIBUTES,
    ATTRIBUTES,
    EVERY_TOPIC,
    FILTER,
    FORMATS,
    HEADER_NAME,
    HEADER_VALUE,
    TOPICS,
    UPDATED,
    WEBHOOK,
    has_every_topic,
)
from fakekounta.openapi.kinds import sent_schema
from fakekounta.openapi.paths import Document, exactly, nullable
from fakekounta.web.customers import refuses_other_fields
from fakekounta.web.oauth import GRANTS, PARAMETERS

_TEXT: Document = {"type": "string"}
_NAME: Document = {"type": "string", "minLength": 1}
_NESTED = {ADDRESS.name: "SentAddress", FILTER.name: "SentFilter"}


def sent_schemas(assumptions: Assumptions) -> dict[str, Document]:
    """Return the schemas of request bodies by name, under these assumptions."""
    return {
        "NewCustomer": _new_customer(assumptions),
        "CustomerChanges": _customer_changes(assumptions),
        "SentAddress": _sent(ADDRESS, country=_country(assumptions)),
        "NewWebhook": {**_webhook(assumptions, format={"enum": [*FORMATS, None]}), "required": ["topic", "address"]},
        "WebhookChanges": _webhook(assumptions, format={"enum": [*FORMATS]}),
        "SentFilter": _filter(),
        "TokenForm": _token_request(_TEXT),
        "TokenJson": _token_request(nullable(_TEXT)),
    }


def _sent(shape: Shape, **known: Document) -> Document:
    """Return the schema of a body; `known` are stricter schemas of some fields. Further keys are accepted, too."""
    return sent_schema(shape, _NESTED, known)


# --- customers -------------------------------------------------------------------------------------------------


def _customer(assumptions: Assumptions) -> Document:
    known = _sent(CUSTOMER, first_name=_NAME, email=_email(assumptions))
    if refuses_other_fields(assumptions):
        known["additionalProperties"] = False
    return known


def _new_customer(assumptions: Assumptions) -> Document:
    """Return the schema of a new customer, which needs a name and at least one contact (C09)."""
    nothing: Document = {"enum": ["", None]}
    no_contact = {"properties": dict.fromkeys(CONTACTS, nothing)}
    return {**_customer(assumptions), "required": ["first_name"], "not": no_contact}


def _customer_changes(assumptions: Assumptions) -> Document:
    known = _customer(assumptions)
    if refuses_clearing(assumptions):
        known["properties"] = {name: _uncleared(one) for name, one in known["properties"].items()}
    return known


def _uncleared(schema: Document) -> Document:
    """Return the schema that refuses null and the empty text."""
    if "oneOf" in schema:
        return dict(schema["oneOf"][0])
    kind = schema["type"][0] if isinstance(schema["type"], list) else schema["type"]
    return {**schema, "type": kind, **({"minLength": 1} if kind == "string" else {})}


def _email(assumptions: Assumptions) -> Document:
    """Return the schema of an email; the empty text counts as no email."""
    return nullable(_TEXT if any_text_is_email(assumptions) else exactly(f"({EMAIL})?"))


def _country(assumptions: Assumptions) -> Document:
    """Return the schema of a country code (C12); the empty text counts as none."""
    codes = sorted(country_codes())
    if not country_in_any_case(assumptions):
        return {"enum": ["", *codes, None]}
    either_case = ("".join(f"[{letter}{letter.lower()}]" for letter in code) for code in codes)
    return nullable(exactly(f"({'|'.join(either_case)})?"))


# --- webhooks --------------------------------------------------------------------------------------------------


def _webhook(assumptions: Assumptions, **known: Document) -> Document:
    headers = {
        "type": ["object", "null"],
        "propertyNames": {"pattern": f"^({HEADER_NAME})$"},
        "additionalProperties": exactly(HEADER_VALUE),
    }
    topic: Document = {"enum": list(EVERY_TOPIC if has_every_topic(assumptions) else TOPICS)}
    sent = _sent(WEBHOOK, topic=topic, address=exactly(WEB_URL), headers=headers, **known)
    return {**sent, "not": _filter_in_vain()}


def _filter() -> Document:
    """Return the schema of a filter (W09): unknown keys may only be null. The topic decides about the attributes."""
    return {**_sent(FILTER), "additionalProperties": {"type": "null"}}


def _filter_in_vain() -> Document:
    """Return the schema of attributes for a topic that has none (W16), or not these (W08)."""
    others = [topic for topic in EVERY_TOPIC if topic not in (UPDATED, *ANY_ATTRIBUTES)]
    unknown = {"contains": {"not": {"enum": list(ATTRIBUTES)}}}
    return {"anyOf": [_filtered(others, {"minItems": 1}), _filtered([UPDATED], unknown)]}


def _filtered(topics: list[str], attributes: Document) -> Document:
    """Return the schema of a webhook for these topics whose filter has such attributes."""
    listed = {"attributes": {"type": "array", **attributes}}
    sent = {"type": "object", "properties": listed, "required": ["attributes"]}
    return {"properties": {"topic": {"enum": topics}, "filter": sent}, "required": ["topic", "filter"]}


# --- tokens ----------------------------------------------------------------------------------------------------


def _token_request(text: Document) -> Document:
    """Return the schema of a token request (O04). Each encoding has its own, so that clients can choose by it."""
    properties = {**dict.fromkeys(PARAMETERS, text), "grant_type": {"enum": list(GRANTS)}}
    return {"type": "object", "properties": properties, "required": ["grant_type"]}
