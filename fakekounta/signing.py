"""Signed deliveries for unit tests of a receiver, with right and with wrong signatures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.core.clock import timestamp
from fakekounta.core.records import Records
from fakekounta.core.webhooks import TOPICS, signature
from fakekounta.core.zones import zone_of
from fakekounta.process.dataclass import dataclass
from fakekounta.schemas.customers import customer_from
from fakekounta.schemas.payloads import SIGNATURE_HEADER, delivery_headers, payload
from fakekounta.settings.settings import DEFAULT_COMPANY

HEADER = SIGNATURE_HEADER
TOKEN = "fake-signature-token"  # noqa: S105 - the documented token of the default application
_CLIENT_ID = "fake-client-id"
_NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


def sign(body: bytes, token: str = TOKEN) -> str:
    """Return the signature of these exact bytes: lower-case hex HMAC-SHA256, keyed with the signature token (W11)."""
    return signature(body, token)


def verify(body: bytes, header: str | None, token: str = TOKEN) -> bool:
    """Return whether a header is the signature of these exact bytes; upper-case hex is not (W11)."""
    return header is not None and header == signature(body, token)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """A delivery as a receiver gets it: body and headers, and the topic, which is not sent."""

    topic: str
    body: bytes
    headers: Mapping[str, str]

    def with_wrong_token(self) -> SignedRequest:
        """Return the request signed with another token."""
        return self._with_signature(signature(self.body, "another-token"))

    def with_tampered_body(self) -> SignedRequest:
        """Return the request with a blank added to its body after signing."""
        return replace(self, body=self.body + b" ")

    def without_signature(self) -> SignedRequest:
        """Return the request without the signature header."""
        return replace(self, headers={name: value for name, value in self.headers.items() if name != HEADER})

    def with_upper_case_signature(self) -> SignedRequest:
        """Return the request with its right signature in upper-case hex, which the real service does not send."""
        return self._with_signature(self.headers[HEADER].upper())

    def _with_signature(self, text: str) -> SignedRequest:
        return replace(self, headers={**self.headers, HEADER: text})


def signed_request(
    customer: Mapping[str, Any],
    topic: str = TOPICS[0],
    token: str = TOKEN,
    *,
    format: str = "json",  # noqa: A002 - the vendor's name for it
    headers: Mapping[str, str] | None = None,
) -> SignedRequest:
    """Return the delivery that a change of a customer causes (W05, W10, W11).

    Args:
        customer: The fields of a POST to the API.
        topic: The event, such as "customers/created".
        token: The application's signature token.
        format: "json" or "xml" (W04).
        headers: The webhook's own headers.

    Raises:
        BadField: The API would refuse the customer.
        ValueError: The topic or the format is unknown.
    """
    if topic not in TOPICS:
        raise ValueError(f"topic: must be one of {', '.join(TOPICS)}")
    if format not in ("json", "xml"):
        raise ValueError("format: must be json or xml")
    assumptions = Assumptions()
    made = customer_from(dict(customer), _CLIENT_ID, assumptions, customer_id=389427)
    record = Records(assumptions).full(made, _CLIENT_ID, timestamp(_NOW, zone_of(DEFAULT_COMPANY.timezone)))
    content_type, body = payload(record, format)
    return SignedRequest(
        topic=topic,
        body=body,
        headers=dict(delivery_headers(content_type, body, token, headers or {})),
    )
