"""Make the script of the dashboard's forms from the field declarations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.collection import Collection
from fakekounta.core.customers import CUSTOMER
from fakekounta.core.fault_fields import CHANGEABLE
from fakekounta.core.faults import CONNECTIONS, HANDSHAKES, METHODS
from fakekounta.core.fields import Field, sent_only
from fakekounta.core.kinds import Choice
from fakekounta.core.orders.bodies import NEW_ORDER
from fakekounta.core.orders.order import STATUSES
from fakekounta.core.orders.pos import PAID, POSSIBLE
from fakekounta.core.orders.statuses import FIRST
from fakekounta.core.references import Reference, References
from fakekounta.core.resources import Many, Nested, Parts, Shape
from fakekounta.core.webhooks import ATTRIBUTES, FORMATS, PERHAPS, TOPICS

NAME = "fields.js"

_LISTS: Mapping[str, Sequence[str]] = {
    "TOPICS": TOPICS,
    "PERHAPS": PERHAPS,
    "FORMATS": FORMATS,
    "ATTRIBUTES": tuple(ATTRIBUTES),
    "METHODS": METHODS,
    "CONNECTIONS": CONNECTIONS,
    "CHANGEABLE": CHANGEABLE,
    "HANDSHAKES": HANDSHAKES,
    "STATUSES": STATUSES,
}
"""What the form of a webhook, that of a fault and the list of orders offer, by the name of the script's constant."""
_OF_FAKE = ("id", "created_at", "updated_at")
_OF_POS = (sent_only("register_id", Reference("registers")), sent_only("staff_member_id", Reference("staff")))
_REFERRED = {
    "site_id": "sites",
    "product_id": "products",
    "modifiers": "products",
    "customer_id": "customers",
    "method_id": "payment_methods",
}
"""The collections whose records the fields of an order's body refer to, by id."""
_REQUIRED = ("site_id", "product_id", "amount")
_CHOICES = {"status": FIRST}


def fields_script() -> bytes:
    """Return the script that exports the lists, and the fields of each form in its order."""
    exported: dict[str, Any] = {
        **_LISTS,
        "POSSIBLE": POSSIBLE,
        "CUSTOMER": _described_all(_fields_of(CUSTOMER)),
        "COLLECTIONS": {one.plural: _collection(one) for one in COLLECTIONS.values() if not one.has_own_routes},
        "RUNG_UP": _described_all((*NEW_ORDER.sent.values(), *_OF_POS)),
        "PAID": _described_all(sent_only(name, kind) for name, kind in PAID.items()),
    }
    lines = (f"export const {name} = {json.dumps(value, ensure_ascii=False)};\n" for name, value in exported.items())
    return f"// Made of the declarations in core/.\n{''.join(lines)}".encode()


def _collection(collection: Collection[Any]) -> dict[str, Any]:
    own = [one._replace(key=one.name) for one in collection.resource.own if one.name not in _OF_FAKE]
    return {"noun": collection.noun, "nouns": collection.nouns, "fields": _described_all(own)}


def _fields_of(shape: Shape) -> list[Field]:
    """Return the fields of an object that may be set, or all if the declaration does not say which."""
    settable = [one for one in shape.sent.values() if one.name in shape.by_name]
    return settable or [*(shape.by_name or shape.sent).values()]


def _described_all(fields: Iterable[Field]) -> list[dict[str, Any]]:
    return [_described(one) for one in fields]


def _described(field: Field) -> dict[str, Any]:
    """Return the description of a field for the form; `nullable` says whether an empty input is sent as null."""
    kind = field.kind
    about: dict[str, Any] = {"key": field.key, "name": field.name, "kind": type(kind).__name__}
    about |= {"label": field.label, "hint": field.hint, "nullable": field.nullable}
    about["required"] = field.required or field.name in _REQUIRED
    if isinstance(kind, (Nested, Parts, Many)):
        about["parts"] = _described_all(_fields_of(kind.shape))
    options = kind.options if isinstance(kind, Choice) else _CHOICES.get(field.name, ())
    if options:
        about["options"] = options
    plural = kind.plural if isinstance(kind, (Reference, References)) else _REFERRED.get(field.name)
    if plural is not None:
        about["plural"] = plural
    absent = field.absent
    if isinstance(absent, (bool, str)) and absent:
        about["absent"] = absent
    return about
