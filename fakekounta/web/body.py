"""Read the body of the current request."""

from __future__ import annotations

from typing import Any

from flask import request

from fakekounta.schemas.parsing import parse_object


def json_object() -> dict[str, Any]:
    """Return the body of the request, a JSON object. Raise BadRequest for other bodies (T15)."""
    return parse_object(request.get_data(cache=True))
