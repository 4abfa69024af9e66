"""Read the body of the current request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request

from fakekounta.core.resources import Shape
from fakekounta.schemas.parsing import parse_object
from fakekounta.schemas.schemas import checked_fields
from fakekounta.web.exchange import Exchange
from fakekounta.web.negotiation import check_content_type


def json_object() -> dict[str, Any]:
    """Return the body of the request, a JSON object. Raise BadRequest for other bodies (T15)."""
    return parse_object(request.get_data(cache=True))


def sent_fields(exchange: Exchange, shape: Shape) -> Mapping[str, Any]:
    """Return the known fields of the body. Raise BadRequest, and BadField (C22)."""
    check_content_type(exchange)
    return sent_object(exchange, shape, json_object(), "")


def sent_object(exchange: Exchange, shape: Shape, body: Any, place: str) -> Mapping[str, Any]:
    """Return the known fields of an object at this place of the body. Raise BadField (C22)."""
    unknown = [f"{place}{key}" for key in body if key not in shape.sent] if isinstance(body, dict) else []
    if unknown:
        exchange.entry.ignored_fields = (*exchange.entry.ignored_fields, *unknown)
        exchange.note(f"ignored {', '.join(unknown)}")
    return checked_fields(shape, body, place)
