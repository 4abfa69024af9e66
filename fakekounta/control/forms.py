"""Make the script of the dashboard's customer form from the field declarations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fakekounta.core.customers import CUSTOMER
from fakekounta.core.fault_fields import CHANGEABLE
from fakekounta.core.faults import CONNECTIONS, HANDSHAKES, METHODS
from fakekounta.core.fields import Field
from fakekounta.core.resources import Nested, Shape
from fakekounta.core.webhooks import ATTRIBUTES, FORMATS, TOPICS

NAME = "fields.js"


_LISTS: Mapping[str, Sequence[str]] = {
    "TOPICS": TOPICS,
    "FORMATS": FORMATS,
    "ATTRIBUTES": tuple(ATTRIBUTES),
    "METHODS": METHODS,
    "CONNECTIONS": CONNECTIONS,
    "CHANGEABLE": CHANGEABLE,
    "HANDSHAKES": HANDSHAKES,
}
"""What the form of a webhook and that of a fault offer, by the name of the script's constant."""


def fields_script() -> bytes:
    """Return the script that exports the lists, and the fields of a customer that may be set, in the form's order."""
    lists = "".join(f"export const {name} = {json.dumps(values)};\n" for name, values in _LISTS.items())
    fields = json.dumps(_fields_of(CUSTOMER), ensure_ascii=False, indent=2)
    return f"// Made of the declarations in core/.\n{lists}export const CUSTOMER = {fields};\n".encode()


def _fields_of(shape: Shape) -> list[dict[str, Any]]:
    return [_described(one) for one in shape.sent.values() if one.name in shape.by_name]


def _described(field: Field) -> dict[str, Any]:
    """Return the description of a field for the form; `nullable` says whether an empty input is sent as null."""
    about: dict[str, Any] = {"key": field.key, "name": field.name, "kind": type(field.kind).__name__}
    about |= {"label": field.label, "hint": field.hint, "nullable": field.nullable}
    if isinstance(field.kind, Nested):
        about["parts"] = _fields_of(field.kind.shape)
    return about
