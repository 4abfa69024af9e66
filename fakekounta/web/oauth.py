"""`/authorize` and `/v1/token` (O03 to O06, O10, O12, O13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, Response, request

from fakekounta.core.applications import Application, Tokens
from fakekounta.core.errors import BadRequest, GrantRefused
from fakekounta.quirks import Quirk
from fakekounta.web.answers import empty_answer, json_answer
from fakekounta.web.auth import basic_pair
from fakekounta.web.body import json_object
from fakekounta.web.exchange import Exchange, current
from fakekounta.web.faults import late_fault

blueprint = Blueprint("oauth", __name__)

GRANTS = ("authorization_code", "refresh_token", "client_credentials")
PARAMETERS = ("grant_type", "client_id", "client_secret", "code", "refresh_token", "redirect_uri")


@blueprint.get("/authorize")
def authorize() -> Response:
    """Straight back to the application, with a code and its state (O03)."""
    exchange, asked = current(), request.args
    applications = exchange.world.applications
    client_id, redirect_uri, state = asked.get("client_id", ""), asked.get("redirect_uri", ""), asked.get("state", "")
    if not (_is_web_url(redirect_uri) and applications.may_redirect(client_id, redirect_uri)):
        raise BadRequest(Quirk.O13_AUTHORIZE_REFUSES, "client_id is unknown or redirect_uri is not registered for it")
    if not state:
        raise BadRequest(Quirk.O13_AUTHORIZE_REFUSES, "state is required")
    exchange.met(Quirk.O03_AUTHORIZE)
    if asked.get("response_type") == "code":
        code = applications.authorise(client_id, redirect_uri, exchange.world.clock.now())
        answer = {"code": code, "state": state}
    else:
        answer = {"error": "unsupported_response_type", "state": state}
    joint = "&" if urlsplit(redirect_uri).query else "?"
    return empty_answer(302, [("Location", f"{redirect_uri}{joint}{urlencode(answer)}")])


def _is_web_url(text: str) -> bool:
    """Whether the text can stand in a Location header as an absolute URL."""
    if not text.isascii() or not text.isprintable() or " " in text or "#" in text:
        return False
    try:
        return bool(urlsplit(text).scheme)
    except ValueError:
        return False


@blueprint.post("/v1/token")
def token() -> Response:
    """Tokens for a code, a refresh token or, for testing, the client's own credentials (O04, O05)."""
    exchange = current()
    asked = _asked(exchange)
    application = _client(exchange, asked)
    if (fault := late_fault(exchange, "basic")) is not None:
        return fault
    exchange.met(Quirk.O04_TOKEN_ENDPOINT, Quirk.O05_TOKEN_ANSWER)
    return json_answer(_answer(_grant(exchange, application, asked)), headers=[("Cache-Control", "no-store")])


def _grant(exchange: Exchange, application: Application, asked: Mapping[str, str]) -> Tokens:
    applications, now = exchange.world.applications, exchange.world.clock.now()
    grant = asked.get("grant_type")
    if grant == "authorization_code":
        exchange.met(Quirk.O12_CODES_ARE_USED_ONCE)
        return applications.redeem(application, _required(asked, "code"), asked.get("redirect_uri"), now)
    if grant == "refresh_token":
        exchange.met(Quirk.O06_REFRESH_TOKENS_STAY)
        return applications.refresh(application, _required(asked, "refresh_token"), now)
    if grant == "client_credentials":
        return applications.issue(application, now)
    if not grant:
        raise _refusal("invalid_request", "grant_type is required")
    raise _refusal("unsupported_grant_type", "The grant_type is not supported")


def _answer(tokens: Tokens) -> dict[str, Any]:
    answer: dict[str, Any] = {"access_token": tokens.access_token}
    if tokens.refresh_token is not None:
        answer["refresh_token"] = tokens.refresh_token
    return {**answer, "expires_in": tokens.expires_in_seconds, "token_type": "Bearer"}


def _asked(exchange: Exchange) -> Mapping[str, str]:
    """The parameters, from a form or from JSON, whatever comes (O04)."""
    content_type = exchange.environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if content_type == "multipart/form-data":
        request.get_data(cache=True)  # for the journal, which comes after Werkzeug's parser
        return request.form.to_dict()
    if content_type != "application/json":
        # Not Werkzeug's form: older versions answer 413 to what is no UTF-8
        pairs = parse_qsl(request.get_data(cache=True).decode("utf-8", "replace"), keep_blank_values=True)
        return dict(reversed(pairs))  # T20
    try:
        body = json_object()
    except BadRequest as refusal:
        raise _refusal("invalid_request", refusal.description) from None
    return _texts(body)


def _texts(body: Mapping[str, Any]) -> Mapping[str, str]:
    """The parameters that are there. Raises GrantRefused for one that is no text; null is as if it was not there."""
    for name in PARAMETERS:
        if not isinstance(body.get(name), (str, type(None))):
            raise _refusal("invalid_request", f"{name} must be a string")
    return {name: body[name] for name in PARAMETERS if body.get(name) is not None}


def _client(exchange: Exchange, asked: Mapping[str, str]) -> Application:
    """The application whose credentials are in the body or in a Basic header. Raises GrantRefused."""
    scheme, _, credentials = exchange.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    pair = basic_pair(credentials) if scheme.lower() == "basic" else None
    client_id, client_secret = pair or (asked.get("client_id", ""), asked.get("client_secret", ""))
    application = exchange.world.applications.by_credentials(client_id, client_secret)
    if application is None:
        raise _refusal("invalid_client", "The client credentials are invalid")
    exchange.asked_by(application)
    return application


def _required(asked: Mapping[str, str], name: str) -> str:
    value = asked.get(name)
    if not value:
        raise _refusal("invalid_request", f"{name} is required")
    return value


def _refusal(code: str, description: str) -> GrantRefused:
    return GrantRefused(Quirk.O10_TOKEN_ERRORS, code, description)
