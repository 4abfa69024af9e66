"""Check the formats of request and response (T02, T03)."""

from __future__ import annotations

from werkzeug.http import parse_accept_header

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.errors import BadRequest, Refusal
from fakekounta.web.exchange import Exchange

_JSON = "application/json"
_PLAIN_ACCEPTS = frozenset((_JSON, "*/*"))  # the value of nearly all clients, which needs no parsing


class NotAcceptable(Refusal):
    """Signals that the client does not accept JSON."""


def check_accept(exchange: Exchange) -> None:
    """Raise NotAcceptable unless the path's extension or the Accept header admits JSON (T03)."""
    if exchange.extension:
        exchange.covers(Quirk.T04_EXTENSION_BEFORE_QUERY)
        return
    accept = exchange.environ.get("HTTP_ACCEPT")
    if accept in _PLAIN_ACCEPTS:
        return
    if accept is None:
        raise NotAcceptable(
            Quirk.T03_FORMAT_BY_EXTENSION_OR_ACCEPT, "The path has no .json and the request no Accept header"
        )
    if not _admits_json(accept):
        raise NotAcceptable(
            Quirk.T03_FORMAT_BY_EXTENSION_OR_ACCEPT,
            "The path has no .json and Accept does not admit application/json",
        )


def _admits_json(accept: str) -> bool:
    """Return whether an Accept value admits JSON. The most specific matching range decides, without parameters."""
    qualities = {
        media_range.partition(";")[0].strip().lower(): quality for media_range, quality in parse_accept_header(accept)
    }
    return next((qualities[one] > 0 for one in (_JSON, "application/*", "*/*") if one in qualities), False)


def check_content_type(exchange: Exchange) -> None:
    """Raise BadRequest unless the Content-Type of the body is JSON (T02)."""
    content_type: str = exchange.environ.get("CONTENT_TYPE", "")
    if content_type.partition(";")[0].strip().lower() != _JSON:
        raise BadRequest(Quirk.T02_JSON_CONTENT_TYPE, "The Content-Type of a body must be application/json")
