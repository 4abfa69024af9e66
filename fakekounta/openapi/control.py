"""Make the OpenAPI document of the control surface: paths from Flask's URL map, the rest from each view's `Call`."""

from __future__ import annotations

from http import HTTPStatus

from flask import Flask

from fakekounta import __version__
from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.control.app import DASHBOARD
from fakekounta.control.described import Call, call_of
from fakekounta.openapi.control_schemas import control_schemas
from fakekounta.openapi.examples import CONTROL_BODIES
from fakekounta.openapi.paths import VERSION, Document, Endpoint, content, endpoints_of, exactly, names_in, ref
from fakekounta.worlds.namespaces import NAME_OF_NAMESPACE

_UNSERVED = (408, 413, 414, 431, 503)
_DESCRIPTION = (
    "Calls with which tests read and change the fake itself, without requests to the API. A POST or PUT needs "
    "`Content-Type: application/json`; foreign web pages are refused. The header `X-Fakekounta-Namespace`, or "
    "`/_fakekounta/ns/NAME` before the path, names the namespace; without both, a call is about the server's own "
    "world. The token is needed only if the server was started with one. Any call can also get 408 if it takes too "
    "long to arrive, 413, 414 or 431 if its body, target or headers are too large, and 503 if the server is at a limit "
    "or cannot load a "
    "part."
)


def control_document(app: Flask, assumptions: Assumptions, *, root: str) -> Document:
    """Return the document of the control surface, without the dashboard; `root` is the URL before its paths."""
    paths: Document = {}
    for route in endpoints_of(app.url_map):
        if route.endpoint.partition(".")[0] == DASHBOARD:
            continue
        view = app.view_functions[route.endpoint]
        summary, _, more = str(view.__doc__).partition("\n")
        operation = _operation(route, call_of(view) or Call(answers="OpenApi"))
        text = {"summary": summary, **({"description": " ".join(more.split())} if more.strip() else {})}
        paths.setdefault(route.path, {})[route.method] = {**text, **operation}
    for path, item in paths.items():
        item["parameters"] = [ref("parameters", name) for name in ("namespace", *names_in(path))]
    names = {name for path in paths for name in names_in(path)}
    return {
        "openapi": VERSION,
        "info": {"title": "fakekounta's control surface", "version": __version__, "description": _DESCRIPTION},
        "servers": [{"url": root}],
        "security": [{}, {"token": []}, {"token_header": []}],
        "paths": paths,
        "components": {
            "schemas": control_schemas(assumptions),
            "parameters": _parameters(names),
            "responses": {
                "Refused": {"description": "What is wrong", **content(ref("schemas", "Refusal"))},
                "Unserved": {"description": "Refused by the HTTP server", **content(ref("schemas", "Unserved"))},
            },
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "token_header": {"type": "apiKey", "in": "header", "name": "X-Fakekounta-Token"},
            },
        },
    }


def _operation(route: Endpoint, call: Call) -> Document:
    blueprint, _, name = route.endpoint.partition(".")
    document: Document = {
        "operationId": name,
        "tags": [blueprint],
        "parameters": [{"name": name, "in": "query", "schema": dict(schema)} for name, schema in call.query.items()],
        "responses": _answers(call),
    }
    body = call.body or ("Anything" if route.method == "post" else None)
    if body is not None:
        document["requestBody"] = {"required": True, "content": {"application/json": _body(body)}}
    if not call.needs_token:
        document["security"] = []
    return document


def _body(name: str) -> Document:
    return {"schema": ref("schemas", name), "example": CONTROL_BODIES[name]}


def _answers(call: Call) -> Document:
    refusals = (400, *((401,) if call.needs_token else ()), 403, 409, *call.refusals)  # 409: one namespace too many
    return {
        str(call.status): {"description": HTTPStatus(call.status).phrase, **content(ref("schemas", call.answers))},
        **{str(status): ref("responses", "Refused") for status in refusals},
        **{str(status): ref("responses", "Unserved") for status in _UNSERVED},
    }


def _parameters(names: set[str]) -> Document:
    text: Document = {"type": "string"}
    namespace = {
        "name": "X-Fakekounta-Namespace",
        "in": "header",
        "description": "The namespace of the call",
        "schema": exactly(NAME_OF_NAMESPACE),
    }
    return {
        "namespace": namespace,
        **{name: {"name": name, "in": "path", "required": True, "schema": text} for name in sorted(names)},
    }
