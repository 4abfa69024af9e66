"""Make the exact bytes of a delivery: a record as JSON or XML (W10)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from fakekounta import __version__
from fakekounta.core.records import Record
from fakekounta.core.webhooks import signature

SIGNATURE_HEADER = "X-Kounta-Signature"

_SIGNATURE_KEY = "HTTP_" + SIGNATURE_HEADER.upper().replace("-", "_")
_CHAIN = re.compile(r"^fakekounta/\S+ \(caused by ([0-9]{1,9}) deliveries\)$")
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
# What XML 1.0 does not allow; naming what it allows instead takes 10 ms to compile
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CONTENT_TYPES = {"json": "application/json", "xml": "application/xml"}


def to_json(value: Any) -> bytes:
    """Return compact UTF-8 JSON."""
    return _encode(value).encode("utf-8")


def payload(record: Record, form: str, name: str = "customer") -> tuple[str, bytes]:
    """Return content type and bytes of a delivery of a record of this name in the format "json" or "xml"."""
    return _CONTENT_TYPES[form], to_json(record) if form == "json" else to_xml(name, record)


def delivery_headers(
    content_type: str, body: bytes, token: str, subscribed: Mapping[str, str], *, caused_by: int = 0
) -> list[tuple[str, str]]:
    """Return the headers of a delivery: the signature of its exact bytes (W11), and those of the webhook (W05).

    If the delivery is part of a chain, the user agent says how many deliveries in a row caused it (W20).
    """
    chain = f" (caused by {caused_by} deliveries)" if caused_by else ""
    return [
        ("Content-Type", content_type),
        (SIGNATURE_HEADER, signature(body, token)),
        ("User-Agent", f"fakekounta/{__version__}{chain}"),
        *subscribed.items(),
    ]


def deliveries_before(environ: Mapping[str, Any]) -> int:
    """Return how many deliveries in a row caused a request, by its headers (W20); 0 if it is not a delivery.

    A delivery is recognized by its signature, because every delivery has one, and no webhook can set this header (W05).
    A receiver that sends a request without these headers cannot be distinguished from other clients.
    """
    if _SIGNATURE_KEY not in environ:
        return 0
    found = _CHAIN.search(environ.get("HTTP_USER_AGENT", ""))
    return 1 + (int(found[1]) if found else 0)


def is_delivery(environ: Mapping[str, Any]) -> bool:
    """Return whether a request is a delivery of this or another fake; the control surface refuses these (W20)."""
    return _SIGNATURE_KEY in environ


def to_xml(name: str, value: Mapping[str, Any]) -> bytes:
    """Return UTF-8 XML in the old conventions (W19): `type` is `number`, `boolean` or `date`, an empty element is null.

    Characters that XML does not allow become U+FFFD.
    """
    root = _element(name, value)
    # XML parsers read a bare carriage return as a line feed
    text: str = ET.tostring(root, encoding="unicode").replace("\r", "&#13;")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()


def _element(name: str, value: Any) -> ET.Element:
    element = ET.Element(name)
    if isinstance(value, Mapping):
        element.extend(_element(key, item) for key, item in value.items())
    elif isinstance(value, bool):
        element.set("type", "boolean")
        element.text = "true" if value else "false"
    elif isinstance(value, (int, float)):
        element.set("type", "number")
        element.text = str(value)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        element.set("type", "array")
        element.extend(_element(name.removesuffix("s"), item) for item in value)
    elif value is not None:
        if name.endswith("_at"):
            element.set("type", "date")
        element.text = _NOT_XML.sub("\ufffd", value)
    return element
