"""The schemas of documents that the fake reads, with the bounds of their values, from the field declarations."""

from __future__ import annotations

from math import isfinite
from typing import Any

from fakekounta.core.fields import Field
from fakekounta.core.kinds import Kind, Moment, Number, Whole
from fakekounta.core.measures import AboveZero
from fakekounta.core.references import References
from fakekounta.core.resources import Nested, Parts, Resource
from fakekounta.core.values import MOST_WHOLE
from fakekounta.openapi.kinds import INTEGER, closed, or_null, schema_of
from fakekounta.openapi.paths import MOMENT, Document, array_of
from fakekounta.schemas.customers import MAX_ID


def taken_object(resource: Resource[Any]) -> Document:
    """Return the schema of the documents that `Resource.values_in` reads."""
    properties = {name: _field(field) for name, field in resource.by_name.items()}
    return closed(properties, [name for name, field in resource.by_name.items() if not field.required])


def _field(field: Field) -> Document:
    schema = taken(field.kind)
    if field.name == "id":
        schema = {**schema, "maximum": min(schema["maximum"], MAX_ID)}
    return schema if field.required else or_null(schema)


def taken(kind: Kind) -> Document:
    """Return the schema of a value of this kind in a document that the fake reads."""
    if isinstance(kind, (Whole, Number)):
        return bounded(kind)
    if isinstance(kind, Moment):
        return MOMENT
    if isinstance(kind, References):
        return array_of({**INTEGER, "minimum": 1, "maximum": MOST_WHOLE})
    if isinstance(kind, Parts) and isinstance(kind.shape, Resource):
        return array_of(taken_object(kind.shape))
    if isinstance(kind, Nested) and isinstance(kind.shape, Resource):
        return taken_object(kind.shape)
    return schema_of(kind, {})


def bounded(kind: Whole | Number) -> Document:
    """Return the schema of a number within the bounds of its kind."""
    lower = "exclusiveMinimum" if isinstance(kind, AboveZero) else "minimum"
    bounds = {lower: kind.least, "maximum": kind.most}
    return {**schema_of(kind, {}), **{name: bound for name, bound in bounds.items() if isfinite(bound)}}
