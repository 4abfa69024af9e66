"""The limit for nested JSON, the same on every Python and at every depth of the stack."""

from __future__ import annotations

import json
from typing import Any

MOST_NESTED = 100
"""Levels of arrays and objects. Code that walks a document needs some stack frames for each; Python has a thousand."""


def is_nested_too_deeply(value: Any) -> bool:
    """Return whether a JSON value has more than MOST_NESTED levels of arrays and objects."""
    level = [value]
    for _ in range(MOST_NESTED):
        level = [part for parent in level for part in _parts(parent) if isinstance(part, (dict, list))]
        if not level:
            return False
    return True


def _parts(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def read_json(text: str | bytes) -> Any:
    """Return the JSON value. Raise ValueError for invalid JSON, and for JSON that is nested too deeply."""
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if is_nested_too_deeply(value):
        raise ValueError("it is nested too deeply")
    return value
