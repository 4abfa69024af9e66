"""The body of the request that is being answered."""

from __future__ import annotations

from typing import Any

from flask import request

from fakekounta.schemas.parsing import parse_object


def json_object() -> dict[str, Any]:
    """Return the body, which must be a JSON object. Raise BadRequest (T15)."""
    return parse_object(request.get_data(cache=True))
