"""Turn Werkzeug's rules into OpenAPI paths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from werkzeug.routing import Map, Rule

Document = dict[str, Any]

VERSION = "3.1.0"
_WITHOUT = frozenset(("HEAD", "OPTIONS"))
_METHODS = ("GET", "POST", "PUT", "DELETE")  # an order in which a new fake can answer all
_CONVERTED = re.compile(r"<(?:[^<>:]+:)?([^<>:]+)>")


class Endpoint(NamedTuple):
    """A path in OpenAPI's spelling, a method in lower case, and the name of their endpoint."""

    path: str
    method: str
    endpoint: str


def endpoints_of(url_map: Map) -> Iterator[Endpoint]:
    """Yield the endpoints, without HEAD and OPTIONS, which Werkzeug adds to each rule."""
    for rule in sorted(url_map.iter_rules(), key=lambda rule: rule.rule):
        for method in sorted((rule.methods or set()) - _WITHOUT, key=_METHODS.index):
            yield Endpoint(_path(rule), method.lower(), str(rule.endpoint))


def names_in(path: str) -> list[str]:
    """Return the names of a path's parameters."""
    return re.findall(r"{([^{}]+)}", path)


def ref(kind: str, name: str) -> Document:
    """Return a reference to a component."""
    return {"$ref": f"#/components/{kind}/{name}"}


def array_of(schema: Document) -> Document:
    """Return the schema of an array."""
    return {"type": "array", "items": schema}


def nullable(schema: Document) -> Document:
    """Return the schema that also accepts null, for a schema with a type."""
    return {**schema, "type": [schema["type"], "null"]}


def or_null(schema: Document) -> Document:
    """Return the schema that also accepts null, for a schema without a type."""
    return {"anyOf": [schema, {"type": "null"}]}


def exactly(pattern: str) -> Document:
    """Return the schema of a text that matches the pattern as a whole."""
    return {"type": "string", "pattern": f"^({pattern})$"}


# Without the first and the last accepted year: there the offset decides.
_YEAR = "(197[1-9]|19[89][0-9]|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-7])"
_DAY = "(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
MOMENT: Document = {**exactly(f"{_YEAR}-{_DAY}T{_TIME}"), "format": "date-time"}
"""The schema of a moment that every call accepts."""


def content(schema: Document, media: str = "application/json") -> Document:
    """Return the content of a body."""
    return {"content": {media: {"schema": schema}}}


def _path(rule: Rule) -> str:
    return _CONVERTED.sub(r"{\1}", rule.rule)
