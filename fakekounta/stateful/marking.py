"""Whose customers are whose, in a company that has others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TAG = "fakekounta-machine"


def marked(fields: Mapping[str, Any], mark: str) -> dict[str, Any]:
    """Return the fields with the mark in everything that customers are found by or clash with; unchanged for "".

    Emails and reference ids get it in front of their distinguishing part, phone numbers at their end; tags say who made
    the customer.
    """
    return {name: _marked(name, value, mark) for name, value in fields.items()} if mark else dict(fields)


def _marked(name: str, value: Any, mark: str) -> Any:
    if name == "tags":
        return [f"{TAG}-{mark}", *(value or ())]
    if not value:
        return value
    if name in ("email", "reference_id"):
        return f"{mark}.{value}"
    return f"{value}{mark}" if name in ("phone", "mobile") else value
