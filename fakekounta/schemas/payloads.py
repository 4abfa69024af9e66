"""Make the exact bytes of a delivery: a record as JSON or XML (W10)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from fakekounta import __version__
from fakekounta.core.records import Record
from fakekounta.core.webhooks import signature

SIGNATURE_HEADER = "X-Kounta-Signature"

_SIGNATURE_KEY = "HTTP_" + SIGNATURE_HEADER.upper().replace("-", "_")
_CHAIN = re.compile(r"^fakekounta/\S+ \(caused by ([0-9]{1,9}) deliveries\)$")
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
_CONTENT_TYPES = {"json": "application/json", "xml": "application/xml"}


def to_json(value: Any) -> bytes:
    """Return compact UTF-8 JSON."""
    return _encode(value).encode("utf-8")


def payload(record: Record, form: str, name: str = "customer") -> tuple[str, bytes]:
    """Return content type and bytes of a delivery of a record of this name in the format "json" or "xml"."""
    if form == "json":
        return _CONTENT_TYPES[form], to_json(record)
    from fakekounta.schemas.xml_payloads import to_xml  # noqa: PLC0415 - few webhooks need it, and it takes 2 ms

    return _CONTENT_TYPES[form], to_xml(name, record)


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
