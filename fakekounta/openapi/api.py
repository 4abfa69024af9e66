"""Make the OpenAPI document of the faked API: the paths from Flask's URL map, the rest from tables of the code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask

from fakekounta import __version__
from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.errors import OtherCompany
from fakekounta.openapi import collections, menu, orders
from fakekounta.openapi.examples import BODIES, PARAMETERS, WEBHOOKS
from fakekounta.openapi.operation import Operation, Refusals
from fakekounta.openapi.operations import OPERATIONS, statements_of
from fakekounta.openapi.paths import VERSION, Document, Endpoint, array_of, content, endpoints_of, names_in, ref
from fakekounta.openapi.schemas import api_schemas
from fakekounta.settings.settings import DEFAULT_APPLICATION
from fakekounta.web.app import may_delete_customers
from fakekounta.web.customers import redirects_with_page
from fakekounta.web.errors import status_of
from fakekounta.web.exchange import creates_with_body

_EXTENSION = ".json"
_UNSERVED = (408, 414, 431, 503)
_DESCRIPTION = (
    "The part of Kounta's API that fakekounta fakes, as it behaves under the assumptions in `x-assumptions`. "
    "`x-quirks` of an operation are the ids of the quirks that it can cover; `x-quirks` of this document has their "
    "statements. Each path exists with `.json`, and without it for requests whose Accept header admits JSON. HEAD is "
    "GET without a body, OPTIONS lists the methods of a path. Any request can also get 408 if it takes too long to "
    "arrive, 414 or 431 if its target or its headers are too large (T22), and 503 if the server is at a limit or "
    "cannot load a part of the fake. A company has at most 10,000 webhooks; one more is refused like an invalid field "
    "(A17). Lists of orders can be narrowed by further filters in the path, before and after `orders` and in any order "
    "(D02), such as `/sites/1640/orders/complete/discounted`: the document has those with one filter, one scope, or "
    "both. Nothing here was verified against the real service."
)
_TEXT: Document = {"type": "string"}
_SOME_TEXT: Document = {"type": "string", "minLength": 1}
_TEXT_OR_TEXTS: Document = {"anyOf": [_TEXT, array_of(_TEXT)]}  # T20: of a repeated parameter, the first counts


def api_document(app: Flask, assumptions: Assumptions, *, root: str) -> Document:
    """Return the API's document under these assumptions; `root` is the URL before its paths."""
    paths: Document = {}
    for route in endpoints_of(app.url_map):
        if route.endpoint == orders.UNDESCRIBED or not _is_there(route, assumptions):
            continue
        view = app.view_functions[route.endpoint]
        for path in (route.path, route.path + _EXTENSION) if route.path.startswith("/v1/") else (route.path,):
            operation = _operation(route, path, OPERATIONS[route.endpoint], assumptions)
            operation["summary"] = str(view.__doc__).partition("\n")[0]
            paths.setdefault(path, {})[route.method] = operation
    for path, item in paths.items():
        item["parameters"] = [_in_path(name, path) for name in names_in(path)]
    return {
        "openapi": VERSION,
        "info": {"title": "Kounta API, as fakekounta fakes it", "version": __version__, "description": _DESCRIPTION},
        "servers": [{"url": root}],
        "paths": paths,
        "components": {
            "schemas": {name: _with_examples(name, one) for name, one in api_schemas(assumptions).items()},
            "parameters": _parameters(),
            "responses": _responses(assumptions),
            "headers": _headers(),
            "securitySchemes": _security_schemes(root),
        },
        "x-assumptions": dict(assumptions),
        "x-quirks": _statements(),
    }


def _is_there(route: Endpoint, assumptions: Assumptions) -> bool:
    """Return whether the path supports the method under these assumptions."""
    return route.endpoint != "customers.delete_customer" or may_delete_customers(assumptions)


def _operation(route: Endpoint, path: str, known: Operation, assumptions: Assumptions) -> Document:
    with_extension = path != route.path
    name = route.endpoint.partition(".")[2]
    document: Document = {
        "operationId": name + ("_json" if with_extension else ""),
        "tags": [route.endpoint.partition(".")[0]],
        "parameters": [
            ref("parameters", one) for one in (*known.query, *(("X-Page",) if "page" in known.query else ()))
        ],
        "responses": _answers(known, assumptions, with_extension=with_extension),
        "security": [] if known.is_open else [{name: []} for name in ("basic", "bearer", "oauth", "oauth_header")],
        "x-quirks": _ids(statements_of(route.endpoint)),
    }
    if known.bodies:
        bodies = {media: _body(name) for media, name in known.bodies}
        # A body with two encodings is not declared as required, although O10 refuses a request without one:
        # openapi-python-client uses the type of an absent body for all such bodies, and imports it only for optional
        # ones.
        document["requestBody"] = {"required": len(bodies) == 1, "content": bodies}
        if known.is_open:
            document["description"] = "The client's credentials are sent in the body, or in a Basic header (O04)."
    return document


def _body(name: str) -> Document:
    return {"schema": ref("schemas", name), "example": BODIES[name]}


def _with_examples(name: str, schema: Document) -> Document:
    """Return the schema with an example of each property: tools fill their forms from these, not from the body's."""
    shown = BODIES.get(name, {})
    properties = {
        key: {**one, "example": shown[key]} if key in shown and "$ref" not in one else one
        for key, one in schema.get("properties", {}).items()
    }
    return {**schema, "properties": properties} if properties else schema


def _answers(known: Operation, assumptions: Assumptions, *, with_extension: bool) -> Document:
    answers, refusals = dict(known.answers), known.refusals
    if not known.is_open:
        refusals = (*refusals, OtherCompany, 404, *(() if with_extension else (406,)))
        answers.update({401: "Unauthorized", 429: "LimitExceeded"})
    answers.update(dict.fromkeys(_statuses((*refusals, 403, *_UNSERVED), assumptions), "Refused"))  # 403: K07, K08
    return {str(status): ref("responses", name) for status, name in sorted(answers.items())}


def _statuses(refusals: Refusals, assumptions: Assumptions) -> Iterable[int]:
    return (one if isinstance(one, int) else status_of(one, assumptions) for one in refusals)


def _ids(quirks: Iterable[Quirk]) -> list[str]:
    given = set(quirks)
    return [quirk.id for quirk in Quirk if quirk in given]


def _statements() -> Document:
    used = set().union(*map(statements_of, OPERATIONS))
    return {
        quirk.id: {"basis": quirk.basis.name, "statement": quirk.statement, "source": quirk.source}
        for quirk in Quirk
        if quirk in used
    }


# --- components ------------------------------------------------------------------------------------------------

_QUERY: Mapping[str, str] = {
    "email": "Redirects to the customer with this email address (C04).",
    "mobile": "Redirects to the customer with this mobile number (C06).",
    "first_name": "With last_name and phone: redirects to the customer (C05).",
    "last_name": "See first_name.",
    "phone": "See first_name.",
    "reference_id": "The customers to which the application gave this reference id (C02, C11).",
    **collections.filters(),
    **orders.QUERY_DOCS,
    "page": "Which page, counted from 1 (P04).",
    "client_id": "The client id of the application (O03).",
    "redirect_uri": "A redirect URI that is registered for the application (O03).",
    "state": "Any text; the redirect repeats it beside the code (O03).",
    "response_type": "`code` (O03).",
}
_ID: Document = {"type": "integer", "minimum": 0}
_IN_PATH: Mapping[str, Document] = {
    "company_id": {"type": "string", "pattern": "^(me|[0-9]{1,20})$"},
    **dict.fromkeys(("customer_id", "address_id", "webhook_id", *collections.ids()), _ID),
    **dict.fromkeys(("line_number", "payment_number"), _ID),
    "sale_id": _SOME_TEXT,
    "filter": orders.FILTER,
}


_REQUIRED: Mapping[str, Document] = {**dict.fromkeys(("client_id", "redirect_uri"), _TEXT), "state": _SOME_TEXT}


def _in_path(name: str, path: str) -> Document:
    if name != "webhook_id":
        return ref("parameters", name)
    example = WEBHOOKS[path.endswith(_EXTENSION)]
    return {"name": name, "in": "path", "required": True, "schema": _IN_PATH[name], "example": example}


def _parameters() -> Document:
    in_path: Document = {name: {"in": "path", "required": True, "schema": one} for name, one in _IN_PATH.items()}
    del in_path["webhook_id"]
    in_query: Document = {
        name: {"in": "query", "description": text, "schema": _TEXT_OR_TEXTS} for name, text in _QUERY.items()
    }
    needed = {name: {**in_query[name], "required": True, "schema": one} for name, one in _REQUIRED.items()}
    page: Document = {"in": "header", "description": "Which page, counted from 0 (P02).", "schema": _TEXT}
    return {
        name: {"name": name, **one, **({"example": PARAMETERS[name]} if name in PARAMETERS else {})}
        for name, one in {**in_path, **in_query, **needed, "X-Page": page}.items()
    }


def _responses(assumptions: Assumptions) -> Document:
    with_body, html = creates_with_body(assumptions), redirects_with_page(assumptions)
    item, address, webhook = (ref("schemas", name) for name in ("CustomerItem", "AddressItem", "Webhook"))
    created: dict[str, Any] = {
        f"{name}Created": _response(201, ref("schemas", name) if with_body else None, "Location")
        for name in ("Customer", "Webhook", "Order")
    }
    created["Added"] = _response(201, None, "Location")
    declared = (*collections.responses(), *menu.responses(), *orders.responses(assumptions))
    of_collections = {name: _response(200, schema, *headers) for name, schema, headers in declared}
    return {
        **of_collections,
        "Customer": _response(200, ref("schemas", "Customer")),
        "CustomerPage": _response(200, array_of(item), "X-Pages", "X-Next-Page"),
        "Address": _response(200, address),
        "AddressPage": _response(200, array_of(address), "X-Pages", "X-Next-Page"),
        "Webhook": _response(200, webhook),
        "WebhookPage": _response(200, array_of(webhook), "X-Pages", "X-Next-Page"),
        "Company": _response(200, ref("schemas", "Company")),
        "Tokens": _response(200, ref("schemas", "Tokens"), "Cache-Control"),
        **created,
        "Gone": _response(204, None),
        "Found": {**_response(302, None, "Location"), **(content(_TEXT, "text/html") if html else {})},
        "Authorised": _response(302, None, "Location"),
        "Refused": {"description": "What is wrong (T10)", **content(ref("schemas", "Error"))},
        "Unauthorized": {
            **_response(401, None, "WWW-Authenticate"),
            "description": "Unauthorized; an `Error` if credentials were sent, no body if there were none (O09)",
        },
        "LimitExceeded": {**_response(429, None), **content({"const": "Limit exceeded"}, "text/plain")},
    }


def _response(status: int, schema: Document | None, *headers: str) -> Document:
    limit = ("X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset")
    return {
        "description": HTTPStatus(status).phrase,
        "headers": {name: ref("headers", name) for name in (*headers, *limit)},
        **({} if schema is None else content(schema)),
    }


def _headers() -> Document:
    whole = {"schema": {"type": "integer", "minimum": 0}}
    return {
        "Location": {"required": True, "description": "The URL of the record (C15, A02, A03)", "schema": _TEXT},
        "X-Pages": {"required": True, "description": "The number of pages (P02)", **whole},
        "X-Next-Page": {"description": "The next page's URL, absent on the last (P03)", "schema": _TEXT},
        "Cache-Control": {"required": True, "schema": {"const": "no-store"}},
        "WWW-Authenticate": {"required": True, "schema": _TEXT},
        "X-Ratelimit-Limit": {"description": "If there is a limit (R02)", **whole},
        "X-Ratelimit-Remaining": {"description": "If there is a limit (R02)", **whole},
        "X-Ratelimit-Reset": {"description": "Unix seconds, if there is a limit (R02)", **whole},
    }


def _security_schemes(root: str) -> Document:
    token = f"{root}/v1/token"
    code = {"authorizationUrl": f"{root}/authorize", "tokenUrl": token, "refreshUrl": token, "scopes": {}}
    client = {"tokenUrl": f"{token}{_EXTENSION}", "scopes": {}}
    pair = f"`{DEFAULT_APPLICATION.client_id}` and `{DEFAULT_APPLICATION.client_secret}`"
    access = f"`{DEFAULT_APPLICATION.access_token}`"
    return {
        "basic": {"type": "http", "scheme": "basic", "description": f"Client id and client secret (O01): {pair}"},
        "bearer": {"type": "http", "scheme": "bearer", "description": f"An access token (O02): {access}"},
        "oauth_header": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": f"The same as Bearer, with the word `OAuth` before the access token (O02): {access}",
        },
        "oauth": {"type": "oauth2", "flows": {"authorizationCode": code, "clientCredentials": client}},
    }
