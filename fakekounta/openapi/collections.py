"""What both OpenAPI documents say about the collections, made from their declarations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.fields import Field
from fakekounta.core.kinds import Kind, Moment, Number, Reference, Whole
from fakekounta.core.resources import Nested, Resource
from fakekounta.openapi.kinds import INTEGER, MOMENT_SHOWN, closed, document_schema, or_null, schema_of
from fakekounta.openapi.operation import Operation
from fakekounta.openapi.paths import MOMENT, Document, array_of, ref
from fakekounta.schemas.customers import MAX_ID

_ID_STR: Document = {"type": "string", "pattern": "^[0-9]+$"}
_COUNT = closed({"count": INTEGER, "updated_at": MOMENT_SHOWN})


def operations() -> Iterator[tuple[str, Operation]]:
    """Yield the endpoint and the operation of each route of the API."""
    for one in COLLECTIONS.values():
        query = (*one.filters, "page")
        yield f"{one.plural}.list_{one.plural}", Operation(query=query, answers={200: f"{one.title}Page"})
        if one.one:
            yield f"{one.plural}.get_{one.name}", Operation(answers={200: one.title})
        for scope in one.scopes:
            endpoint = f"{one.plural}.list_{one.plural}_of_{COLLECTIONS[scope].name}"
            yield endpoint, Operation(query=query, answers={200: f"{one.title}Page"})


def responses() -> Iterator[tuple[str, Document, tuple[str, ...]]]:
    """Yield name, schema and headers of each response of the API."""
    for one in COLLECTIONS.values():
        yield one.title, ref("schemas", one.title), ()
        yield f"{one.title}Page", array_of(ref("schemas", f"{one.title}Item")), ("X-Pages", "X-Next-Page")


def filters() -> dict[str, str]:
    """Return the parameters of queries that filter lists, with their descriptions."""
    return {name: str(wanted.__doc__) for one in COLLECTIONS.values() for name, wanted in one.filters.items()}


def ids() -> dict[str, int]:
    """Return the parameters of paths, each with the id in examples."""
    return {f"{one.name}_id": one.first_id for one in COLLECTIONS.values()}


# --- records of the API ------------------------------------------------------------------------------------------


def record_schemas() -> dict[str, Document]:
    """Return the schemas of the API's records and list items by name."""
    found: dict[str, Document] = {}
    for one in COLLECTIONS.values():
        found[one.title] = _record(one.resource, dict.fromkeys(one.counts, _COUNT))
        found[f"{one.title}Item"] = _with_id_str({key: _item(field) for key, field in one.resource.listed})
    return found


def _record(resource: Resource[Any], more: Mapping[str, Document]) -> Document:
    return _with_id_str({**{key: _shown(field) for key, field in resource.shown}, **more})


def _with_id_str(properties: Mapping[str, Document]) -> Document:
    return closed({**properties, "id_str": _ID_STR}, ("id_str",)) if "id" in properties else closed(properties)


def _shown(field: Field) -> Document:
    schema = _of_kind(field.kind)
    return or_null(schema) if field.nullable else schema


def _item(field: Field) -> Document:
    schema = INTEGER if isinstance(field.kind, Reference) else _of_kind(field.kind)
    return or_null(schema) if field.nullable else schema


def _of_kind(kind: Kind) -> Document:
    if isinstance(kind, Moment):
        return MOMENT_SHOWN
    if isinstance(kind, Reference):
        other = COLLECTIONS[kind.plural].resource
        return _with_id_str({key: _shown(field) for key, field in other.shown if key in kind.shows})
    if isinstance(kind, Nested) and isinstance(kind.shape, Resource):
        return _record(kind.shape, {})
    return schema_of(kind, {})


# --- documents of the control surface ------------------------------------------------------------------------------


def control_schemas(names: Mapping[str, str]) -> dict[str, Document]:
    """Return the schemas of the control surface by name; `names` are those of nested objects with a schema."""
    found: dict[str, Document] = {}
    for one in COLLECTIONS.values():
        new, schema = ref("schemas", f"New{one.title}"), ref("schemas", one.title)
        page = {"total": INTEGER, one.plural: array_of(schema)}
        sent = _sent(one.resource)
        of_changes = {key: value for key, value in sent["properties"].items() if key != "id"}
        found[one.title] = document_schema(one.resource, names)
        found[f"{one.title}Page"] = closed(page)
        found[f"Added{one.titles}"] = {"oneOf": [schema, array_of(schema)]}
        required = [key for key in sent["required"] if key != "id"]
        found[f"New{one.title}"] = {**sent, "required": required}
        found[f"New{one.titles}"] = {"oneOf": [new, array_of(new)]}
        found[f"{one.title}Changes"] = {**sent, "properties": of_changes, "required": []}
    return found


def _sent(resource: Resource[Any]) -> Document:
    """Return the schema of the documents that `Resource.values_in` reads."""
    properties = {name: _taken(field) for name, field in resource.by_name.items()}
    return closed(properties, [name for name, field in resource.by_name.items() if not field.required])


def _taken(field: Field) -> Document:
    schema = _taken_of_kind(field.kind)
    if field.name == "id":
        schema = {**schema, "maximum": min(schema["maximum"], MAX_ID)}
    return schema if field.required else or_null(schema)


def _taken_of_kind(kind: Kind) -> Document:
    if isinstance(kind, (Whole, Number)):
        return {**schema_of(kind, {}), "minimum": kind.least, "maximum": kind.most}
    if isinstance(kind, Moment):
        return MOMENT
    if isinstance(kind, Nested) and isinstance(kind.shape, Resource):
        return _sent(kind.shape)
    return schema_of(kind, {})


def bodies() -> dict[str, Any]:
    """Return the examples of bodies for the control surface, by the name of their schema."""
    found = {}
    for one in COLLECTIONS.values():
        example = {name: field.example for name, field in one.resource.by_name.items() if field.example is not None}
        found[f"New{one.titles}"] = example
        found[f"{one.title}Changes"] = dict([*example.items()][-1:])
    return found
