"""What both OpenAPI documents say about the collections, made from their declarations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.collection import Collection
from fakekounta.core.computed import Computed
from fakekounta.core.fields import Field
from fakekounta.core.kinds import Kind, Moment
from fakekounta.core.references import Reference, References, Shown
from fakekounta.core.resources import Nested, Parts, Resource
from fakekounta.openapi.kinds import INTEGER, MOMENT_SHOWN, closed, document_schema, or_null, schema_of
from fakekounta.openapi.operation import Operation
from fakekounta.openapi.paths import Document, array_of, ref
from fakekounta.openapi.taken import taken_object

_ID_STR: Document = {"type": "string", "pattern": "^[0-9]+$"}
_COUNT = closed({"count": INTEGER, "updated_at": MOMENT_SHOWN})


def operations() -> Iterator[tuple[str, Operation]]:
    """Yield the endpoint and the operation of each route of the API."""
    for one in (one for one in COLLECTIONS.values() if not one.has_own_routes):
        for scopes in ((), *((scope,) for scope in one.scopes), *one.both):
            endpoint = "".join((f"list_{one.plural}", *(f"_of_{COLLECTIONS[scope].name}" for scope in scopes)))
            yield f"{one.plural}.{endpoint}", list_operation(one, scopes)
        if one.one:
            yield f"{one.plural}.get_{one.name}", Operation(answers={200: one.title})
        for other in one.holds:
            yield f"{one.plural}.list_{other}_of_{one.name}", list_operation(COLLECTIONS[other])


def list_operation(collection: Collection[Any], scopes: Iterable[str] = ()) -> Operation:
    """Return the operation of a list."""
    of_scopes = (name for scope in scopes for name in collection.scoped_filters.get(scope, ()))
    fields = ("fields",) if collection.fields else ()
    query = (*collection.filters, *of_scopes, *fields, "page")
    return Operation(query=query, answers={200: f"{collection.title}Page"})


def responses() -> Iterator[tuple[str, Document, tuple[str, ...]]]:
    """Yield name, schema and headers of each response of the API."""
    for one in COLLECTIONS.values():
        yield one.title, ref("schemas", one.title), ()
        yield f"{one.title}Page", array_of(ref("schemas", f"{one.title}Item")), ("X-Pages", "X-Next-Page")


def filters() -> dict[str, str]:
    """Return the parameters of queries that filter lists, with their descriptions."""
    known = [*(one.filters for one in COLLECTIONS.values())]
    known += [more for one in COLLECTIONS.values() for more in one.scoped_filters.values()]
    found = {name: f"{one.doc} ({one.quirk.id})." for filters in known for name, one in filters.items()}
    fields = {key: quirk for one in COLLECTIONS.values() for key, quirk in one.fields.items()}
    if fields:
        ids = ", ".join(dict.fromkeys(quirk.id for quirk in fields.values()))
        found["fields"] = f"Keys that the items get, divided by commas: {', '.join(fields)} ({ids})."
    return found


def ids() -> dict[str, int]:
    """Return the parameters of paths, each with the id in examples."""
    return {f"{one.name}_id": one.first_id for one in COLLECTIONS.values()}


# --- records of the API ------------------------------------------------------------------------------------------


def record_schemas() -> dict[str, Document]:
    """Return the schemas of the API's records and list items by name."""
    found: dict[str, Document] = {}
    for one in COLLECTIONS.values():
        computed = {key: kind for key, kind in one.computed.items() if kind.in_record}
        more = {**dict.fromkeys(one.counts, _COUNT), **{key: _computed(kind) for key, kind in computed.items()}}
        found[one.title] = _record(one.resource, more, [key for key, kind in computed.items() if kind.optional])
        found[f"{one.title}Item"] = item_schema(one)
    return found


def record_schema(resource: Resource[Any]) -> Document:
    """Return the schema of a record that no collection has of its own, such as a line of an order."""
    return _record(resource, {})


def item_schema(collection: Collection[Any]) -> Document:
    """Return the schema of a list item; what a scope leaves out and what `fields` adds is optional."""
    shown = dict(collection.resource.shown)
    left_out = [collection.resource.by_name[name].in_list for name in collection.scopes.values()]
    extra = {key: _shown(shown[key]) for key in collection.fields if key in shown}
    known = {key: kind for key, kind in collection.computed.items() if kind.in_list or key in collection.fields}
    optional = [key for key, kind in known.items() if kind.optional or not kind.in_list]
    listed = {key: _item(field) for key, field in collection.resource.listed}
    properties = {**extra, **listed, **{key: _computed(kind) for key, kind in known.items()}}
    return _with_id_str(properties, [*filter(None, left_out), *(key for key in extra if key not in listed), *optional])


def _computed(one: Computed) -> Document:
    schema = _of_kind(one.kind)
    return or_null(schema) if one.nullable else schema


def _record(resource: Resource[Any], more: Mapping[str, Document], optional: Iterable[str] = ()) -> Document:
    return _with_id_str({**{key: _shown(field) for key, field in resource.shown}, **more}, optional)


def _with_id_str(properties: Mapping[str, Document], optional: Iterable[str] = ()) -> Document:
    if "id" not in properties:
        return closed(properties, optional)
    return closed({**properties, "id_str": _ID_STR}, ("id_str", *optional))


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
        return _referred(kind.other) if kind.other.shows else INTEGER
    if isinstance(kind, References):
        return array_of(_referred(kind.other))
    if isinstance(kind, Parts) and isinstance(kind.shape, Resource):
        return array_of(closed({key: _shown(field) for key, field in kind.shape.shown}))
    if isinstance(kind, Nested) and isinstance(kind.shape, Resource):
        return _record(kind.shape, {})
    return schema_of(kind, {})


def _referred(other: Shown) -> Document:
    theirs = dict(COLLECTIONS[other.plural].resource.shown)
    return _with_id_str({key: _shown(theirs[name]) for key, name in other.shows.items()})


# --- documents of the control surface ------------------------------------------------------------------------------


def control_schemas(names: Mapping[str, str]) -> dict[str, Document]:
    """Return the schemas of the control surface by name; `names` are those of nested objects with a schema."""
    found: dict[str, Document] = {}
    for one in COLLECTIONS.values():
        new, schema = ref("schemas", f"New{one.title}"), ref("schemas", one.title)
        page = {"total": INTEGER, one.plural: array_of(schema)}
        sent = taken_object(one.resource)
        of_changes = {key: value for key, value in sent["properties"].items() if key != "id"}
        found[one.title] = document_schema(one.resource, names)
        found[f"{one.title}Page"] = closed(page)
        found[f"Added{one.titles}"] = {"oneOf": [schema, array_of(schema)]}
        required = [key for key in sent["required"] if key != "id"]
        found[f"New{one.title}"] = {**sent, "required": required}
        found[f"New{one.titles}"] = {"oneOf": [new, array_of(new)]}
        found[f"{one.title}Changes"] = {**sent, "properties": of_changes, "required": []}
    return found


def bodies() -> dict[str, Any]:
    """Return the examples of bodies for the control surface, by the name of their schema."""
    found = {}
    for one in COLLECTIONS.values():
        example = {name: field.example for name, field in one.resource.by_name.items() if field.example is not None}
        found[f"New{one.titles}"] = example
        found[f"{one.title}Changes"] = dict([*example.items()][-1:])
    return found
