"""What `make docs` writes into docs/control-api.md: each call of the control surface, from its OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fakekounta import FakeKounta

Schema = dict[str, Any]
_MOST_VALUES = 20
_LIMITS = {
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "minLength": "characters: at least",
    "maxLength": "characters: at most",
    "minItems": "items: at least",
    "maxItems": "items: at most",
}


def control_calls() -> str:
    """Return all calls by their tags, and then all schemas, as Markdown."""
    document = FakeKounta().openapi(control=True)
    calls: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                text = _call(f"{method.upper()} {path}", operation)
                calls.setdefault(operation.get("tags", ["others"])[0], []).append(text)
    parts = [f"## Calls: {tag}\n\n{''.join(texts)}" for tag, texts in sorted(calls.items())]
    schemas = document["components"]["schemas"]
    return "".join([*parts, "## Schemas\n\n", *(_section(*schema) for schema in schemas.items())]).rstrip("\n") + "\n"


def _call(head: str, operation: Schema) -> str:
    lines = [f"### `{head}`", "", operation["summary"]]
    if "description" in operation:
        lines += ["", operation["description"]]
    lines.append("")
    lines += [f"- `?{one['name']}=`: {_type(one['schema'])}" for one in operation["parameters"]]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body:
        example = f", such as `{json.dumps(body['example'], ensure_ascii=False)}`" if "example" in body else ""
        lines.append(f"- body: {_type(body['schema'])}{example}")
    lines += [
        f"- {status}: {_response(response)}"
        for status, response in operation["responses"].items()
        if "content" in response
    ]
    return "\n".join(lines) + "\n\n"


def _response(response: Schema) -> str:
    (media,) = response["content"].values()
    return _type(media["schema"])


def _section(name: str, schema: Schema) -> str:
    return "\n".join([f"### {name}", "", *_body(schema)]) + "\n\n"


def _body(schema: Schema) -> Iterator[str]:
    properties = schema.get("properties")
    if not properties:
        yield _type(schema)
        return
    if "description" in schema:
        yield from (schema["description"], "")
    yield from ("| field | value |", "|---|---|")
    required = schema.get("required", ())
    for name, value in properties.items():
        note = "" if name in required else "; may be absent"
        yield f"| `{name}` | {_type(value).replace('|', '&#124;')}{note} |"


def _type(schema: Schema | bool) -> str:
    """Return what a schema admits, in one line."""
    if isinstance(schema, bool) or not schema:
        return "any JSON"
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return (" and " if key == "allOf" else " or ").join(map(_type, schema[key]))
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return _one_of([f"`{json.dumps(value)}`" for value in schema["enum"]])
    return _plain(schema)


def _one_of(values: list[str]) -> str:
    if len(values) > _MOST_VALUES:
        return f"one of {len(values)} texts, such as {', '.join(values[:3])}; the document has all"
    return f"one of {', '.join(values)}"


def _plain(schema: Schema) -> str:
    kinds = schema.get("type", "any JSON")
    text = " or ".join(kinds) if isinstance(kinds, list) else kinds
    if "items" in schema:
        text = f"array of {_type(schema['items'])}"
    elif schema.get("properties"):
        text = f"object with {', '.join(f'`{name}`' for name in schema['properties'])}"
    elif isinstance(schema.get("additionalProperties"), dict):
        text = f"object whose values are {_type(schema['additionalProperties'])}"
    if "format" in schema:
        text += f" ({schema['format']})"
    return "".join([text, *(f", {words} {schema[key]:,}" for key, words in _LIMITS.items() if key in schema)])
