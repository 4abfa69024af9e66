"""Make the script of the dashboard's customer form from the field declarations."""

from __future__ import annotations

import json
from typing import Any

from fakekounta.core.customers import CUSTOMER
from fakekounta.core.fields import Field
from fakekounta.core.resources import Nested, Shape

NAME = "fields.js"


def fields_script() -> bytes:
    """Return the script that exports the settable fields of a customer, in the order of the form."""
    fields = json.dumps(_fields_of(CUSTOMER), ensure_ascii=False, indent=2)
    return f"// Made of the declarations in core/customers.py.\nexport const CUSTOMER = {fields};\n".encode()


def _fields_of(shape: Shape) -> list[dict[str, Any]]:
    return [_described(one) for one in shape.sent.values() if one.name in shape.by_name]


def _described(field: Field) -> dict[str, Any]:
    """Return the description of a field for the form; `nullable` says whether an empty input is sent as null."""
    about: dict[str, Any] = {"key": field.key, "name": field.name, "kind": type(field.kind).__name__}
    about |= {"label": field.label, "hint": field.hint, "nullable": field.nullable}
    if isinstance(field.kind, Nested):
        about["parts"] = _fields_of(field.kind.shape)
    return about
