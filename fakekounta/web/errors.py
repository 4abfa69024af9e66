"""Turn refusals into responses: the table of statuses and codes, and the error shape (T10, T11)."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.errors import (
    BadField,
    BadRequest,
    CallerRefused,
    Conflict,
    GrantRefused,
    MobileTaken,
    NotFound,
    OtherCompany,
    RedirectRefused,
    Refusal,
    TokenRefused,
    Unauthorized,
    Unchangeable,
    UnknownInBody,
    without_token_words,
)
from fakekounta.core.journal import Entry
from fakekounta.core.messages import Message
from fakekounta.schemas.payloads import to_json
from fakekounta.web.answers import JSON_TYPE, empty_answer, json_answer, text_answer
from fakekounta.web.exchange import Exchange
from fakekounta.web.negotiation import NotAcceptable
from fakekounta.web.rate_limit import LimitExceeded

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# If nobody knows the status, it is the choice of an assumption.
_STATUS: dict[type[Refusal], int | Quirk] = {
    BadRequest: 400,
    CallerRefused: 403,
    NotAcceptable: 406,
    NotFound: 404,
    Unauthorized: 401,
    TokenRefused: 401,
    GrantRefused: 400,
    RedirectRefused: Quirk.O13_AUTHORIZE_REFUSES,
    OtherCompany: Quirk.A16_OTHER_COMPANY,
    MobileTaken: Quirk.A07_TAKEN_MOBILE,
    UnknownInBody: Quirk.D55_UNKNOWN_IN_BODY,
    Unchangeable: 400,
    Conflict: 409,
    BadField: Quirk.A17_VALIDATION_ERROR,
}
_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "request_timeout",
    409: "conflict",
    413: "payload_too_large",
    414: "uri_too_long",
    417: "expectation_failed",
    422: "unprocessable_entity",
    431: "header_fields_too_large",
    500: "server_error",
}
# The phrases of RFC 9110, which Python follows since 3.13
_RENAMED = {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}
_HTTP_QUIRKS = {404: Quirk.K05_NOT_MODELLED, 405: Quirk.T16_WRONG_METHOD, 413: Quirk.T17_BODY_LIMIT}


def refused(refusal: Refusal, exchange: Exchange) -> Response:
    """Return the response to a refusal."""
    exchange.is_because_of(refusal.quirk)
    if isinstance(refusal, LimitExceeded):  # R03
        return limit_exceeded()
    if refusal.quirk is Quirk.O09_NO_CREDENTIALS:
        return challenged(exchange)
    chosen = _STATUS[type(refusal)]
    if isinstance(chosen, Quirk) and chosen is not refusal.quirk:
        exchange.entry.explained_by = (refusal.quirk, chosen)
    status = status_of(type(refusal), exchange.world.assumptions)
    exchange.covers(Quirk.T10_ERROR_SHAPE, *((Quirk.D37_ERRORS_OF_ORDERS,) if _is_of_orders(refusal.quirk) else ()))
    if isinstance(refusal, TokenRefused | GrantRefused) or refusal.description != without_token_words(
        refusal.description
    ):
        exchange.covers(Quirk.T11_NO_TOKEN_WORDS_IN_ERRORS)
    if isinstance(refusal, TokenRefused):
        challenge = f'Bearer realm="Service", error="{refusal.code}", error_description="{refusal.description}"'
        return json_answer(_shape(refusal.code, refusal.description), status, [("WWW-Authenticate", challenge)])
    if isinstance(refusal, GrantRefused):
        return json_answer(_shape(refusal.code, refusal.description), status, [("Cache-Control", "no-store")])
    if refusal.quirk is Quirk.O11_UNKNOWN_CLIENT:
        return json_answer(
            error_shape(status, refusal.description), status, [("WWW-Authenticate", 'Basic realm="Service"')]
        )
    description = refusal.description
    if status == HTTPStatus.NOT_FOUND and "Not Found" not in description:
        description = f"Not Found: {description}"
    return json_answer(error_shape(status, description), status)


def _is_of_orders(quirk: Quirk) -> bool:
    return quirk.id.startswith("D")


def status_of(kind: type[Refusal], assumptions: Assumptions) -> int:
    """Return the status of the refusals of this class."""
    status = _STATUS[kind]
    return int(assumptions.choice(status)) if isinstance(status, Quirk) else status


def limit_exceeded() -> Response:
    """Return the response over the rate limit (R03)."""
    return text_answer("Limit exceeded", 429, "text/plain; charset=utf-8")


def challenged(exchange: Exchange) -> Response:
    """Return the response to a request without credentials, with one challenge or one for each scheme (O09)."""
    both = exchange.world.assumptions.choice(Quirk.O09_NO_CREDENTIALS) == "both"
    schemes = ("Bearer", "Basic") if both else ("Bearer",)
    return empty_answer(401, [("WWW-Authenticate", f'{scheme} realm="Service"') for scheme in schemes])


def phrase_of(status: int) -> str:
    """Return the phrase of a status, the same under every version of Python, or "Unknown"."""
    try:
        return _RENAMED.get(status) or HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def http_refused(status: int, exchange: Exchange, headers: Iterable[tuple[str, str]] = ()) -> Response:
    """Return the response to a request that is refused before it reaches a use case."""
    exchange.covers(Quirk.T10_ERROR_SHAPE)
    quirk = _HTTP_QUIRKS.get(status)
    if quirk is not None:
        exchange.is_because_of(quirk)
    return json_answer(error_shape(status, phrase_of(status)), status, headers)


def wire_error(status: int, description: str) -> tuple[str, bytes]:
    """Return content type and body of the HTTP server's refusal of bytes that are not a request (T22)."""
    return JSON_TYPE, to_json(error_shape(status, description))


def not_understood(status: int, description: str) -> Entry:
    """Return the journal's entry for bytes that are not HTTP."""
    content_type, body = wire_error(status, description)
    return Entry(
        method="?",
        path="?",
        status=status,
        response=Message([("Content-Type", content_type)], body),
        quirks=[Quirk.T22_BAD_FRAMING],
        explained_by=(Quirk.T22_BAD_FRAMING,),
        notes=[f"no request could be read: {description}"],
    )


def refuse_namespace(
    status: int, reason: str, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """Return the response to a request that names no namespace of the fake."""
    return json_answer(error_shape(status, reason), status)(environ, start_response)


def tell_unready(reason: str, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Return the response while a part of the fake cannot be loaded."""
    return json_answer(error_shape(503, reason), 503)(environ, start_response)


def error_shape(status: int, description: str) -> dict[str, str]:
    """Return the body of an error (T10), without the words by which clients recognize an expired token (T11)."""
    return _shape(
        _CODES.get(status, "server_error" if status > 500 else "bad_request"), without_token_words(description)
    )


def _shape(code: str, description: str) -> dict[str, str]:
    return {"error": code, "error_description": description}
