"""JSON schemas made from the field declarations: of bodies, records, and documents of the control surface."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fakekounta.core.deliveries import ChangedRecord
from fakekounta.core.exchange_kinds import OneMessage
from fakekounta.core.fields import Field
from fakekounta.core.kinds import (
    Body,
    Choice,
    Flag,
    Items,
    Kind,
    Moment,
    Number,
    Private,
    Text,
    TextByName,
    Texts,
    Whole,
    by_kind,
)
from fakekounta.core.measures import Minutes
from fakekounta.core.orders.kinds import Wholes
from fakekounta.core.references import References
from fakekounta.core.resources import Many, Nested, Parts, Resource, Shape
from fakekounta.core.values import MOST_WHOLE
from fakekounta.openapi.paths import Document, array_of, nullable, ref

STRING: Document = {"type": "string"}
INTEGER: Document = {"type": "integer"}
NUMBER: Document = {"type": "number"}
BOOLEAN: Document = {"type": "boolean"}
TEXTS: Document = {"type": "object", "additionalProperties": STRING}

MOMENT_SHOWN: Document = {
    "type": "string",
    "pattern": "^[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}[+-][0-9]{2}:[0-9]{2}$",
}
"""The schema of a moment in a record (T06)."""

Names = Mapping[str, str]
"""The names of the component schemas of nested objects, by the name of the shape."""

_PLAIN: Mapping[type[Kind], Callable[[Any], Document]] = {
    Text: lambda _: STRING,
    Body: lambda _: STRING,
    Choice: lambda kind: {"enum": list(kind.options)},
    Flag: lambda _: BOOLEAN,
    Whole: lambda _: INTEGER,
    Minutes: lambda _: array_of(NUMBER),
    Number: lambda _: NUMBER,
    Moment: lambda _: {"type": "string", "format": "date-time"},
    Texts: lambda _: array_of(STRING),
    Wholes: lambda _: array_of({**INTEGER, "minimum": -MOST_WHOLE, "maximum": MOST_WHOLE}),
    Items: lambda _: array_of({"not": {"type": "null"}}),
    TextByName: lambda _: TEXTS,
    Private: lambda _: TEXTS,
    ChangedRecord: lambda _: {"type": "object"},
    OneMessage: lambda _: ref("schemas", "Message"),
    References: lambda _: array_of(INTEGER),
}


def schema_of(kind: Kind, nested: Names) -> Document:
    """Return the schema of a value of this kind in a document of the control surface."""
    if isinstance(kind, Many):
        return array_of(ref("schemas", nested[kind.shape.name]))
    if isinstance(kind, Nested):
        if kind.shape.name in nested:
            return ref("schemas", nested[kind.shape.name])
        return document_schema(kind.shape, nested) if isinstance(kind.shape, Resource) else {"type": "object"}
    if isinstance(kind, Parts):
        shape = kind.shape
        return array_of(document_schema(shape, nested) if isinstance(shape, Resource) else {"type": "object"})
    return by_kind(_PLAIN, kind)(kind)


def or_null(schema: Document) -> Document:
    """Return the schema that also accepts null."""
    return nullable(schema) if "type" in schema else {"oneOf": [schema, {"type": "null"}]}


def sent_schema(shape: Shape, nested: Names, known: Mapping[str, Document]) -> Document:
    """Return the schema of a body whose fields may be null; `known` are stricter schemas of some fields."""
    return {
        "type": "object",
        "properties": {key: known.get(key) or _sent(one, nested) for key, one in shape.sent.items()},
    }


def _sent(field: Field, nested: Names) -> Document:
    return or_null(STRING if isinstance(field.kind, Text) else schema_of(field.kind, nested))


def closed(properties: Mapping[str, Document], optional: Iterable[str] = ()) -> Document:
    """Return the schema of an object that has all of these keys but the optional ones, and no others."""
    left_out = frozenset(optional)
    required = [name for name in properties if name not in left_out]
    return {"type": "object", "properties": dict(properties), "required": required, "additionalProperties": False}


def document_schema(resource: Resource[Any], nested: Names, **instead: Document) -> Document:
    """Return the schema of the documents that `Resource.document` writes; `instead` replaces some of its keys."""
    return closed({one.name: kept_schema(one, nested) for one in resource.own} | instead)


def kept_schema(field: Field, nested: Names) -> Document:
    """Return the schema of the value of a field in a document."""
    schema = schema_of(field.kind, nested)
    return or_null(schema) if field.nullable else schema
