"""`/authorize`, which asks the user, and `/v1/token`, which gives tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from flask import Blueprint, Response, request

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.applications import Application
from fakekounta.core.errors import BadRequest, GrantRefused, RedirectRefused, Refusal
from fakekounta.core.tokens import TOKENS, Tokens
from fakekounta.web.answers import empty_answer, json_answer
from fakekounta.web.auth import basic_pair, sent_credentials
from fakekounta.web.body import json_object
from fakekounta.web.exchange import Exchange, current
from fakekounta.web.faults import late_fault

blueprint: Blueprint = Blueprint("oauth", __name__)

GRANTS = ("authorization_code", "refresh_token", "client_credentials")
PARAMETERS = ("grant_type", "client_id", "client_secret", "code", "refresh_token", "redirect_uri")
_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"
_SHOWN = 10
_SHOWN_CHARACTERS = 200


@blueprint.get("/authorize")
def authorize() -> Response:
    """Redirect the browser back to the application at once, with a code and the state (O03)."""
    exchange, asked = current(), request.args
    applications = exchange.world.applications
    client_id, redirect_uri, state = asked.get("client_id", ""), asked.get("redirect_uri", ""), asked.get("state", "")
    _check_visit(exchange, client_id, redirect_uri, state)
    exchange.is_because_of(Quirk.O03_AUTHORIZE)
    if asked.get("response_type") == "code":
        code = applications.authorise(client_id, redirect_uri, exchange.world.clock.now())
        answer = {"code": code, "state": state}
    else:
        exchange.note("O03: response_type is not `code`; the redirect tells the application")
        answer = {"error": "unsupported_response_type", "state": state}
    joint = "&" if urlsplit(redirect_uri).query else "?"
    return empty_answer(302, [("Location", f"{redirect_uri}{joint}{urlencode(answer)}")])


def _check_visit(exchange: Exchange, client_id: str, redirect_uri: str, state: str) -> None:
    """Raise BadRequest or RedirectRefused unless the browser may be redirected; the journal gets the reason (O13)."""
    applications = exchange.world.applications
    if not client_id:
        raise _refused_visit(BadRequest, exchange, "client_id is required")
    known = applications.get(client_id)
    if known is None and not exchange.world.open_auth:
        known_ids = _quoted([one.client_id for one in applications.all()])
        raise _refused_visit(
            BadRequest, exchange, "client_id is unknown", f" ({_quoted([client_id])}); known: {known_ids}"
        )
    uris = "any" if known is None or known.any_redirect_uri else _quoted(known.redirect_uris)
    registered = f"; registered for {_quoted([client_id])}: {uris}"
    if not redirect_uri:
        raise _refused_visit(BadRequest, exchange, "redirect_uri is required", registered)
    more = f" ({_quoted([redirect_uri])}){registered}"
    if not applications.may_redirect(client_id, redirect_uri):
        raise _refused_visit(RedirectRefused, exchange, "redirect_uri is not registered", more)
    if not _is_web_url(redirect_uri):
        raise _refused_visit(RedirectRefused, exchange, "redirect_uri is not a URL to redirect to", more)
    if not state:
        raise _refused_visit(BadRequest, exchange, "state is required")


def _refused_visit(kind: type[Refusal], exchange: Exchange, reason: str, more: str = "") -> Refusal:
    exchange.note(f"O13: {reason}{more}")
    return kind(Quirk.O13_AUTHORIZE_REFUSES, reason)


def _quoted(texts: Sequence[str]) -> str:
    """Return texts for the journal on one line, at most some of them, each cut if it is long."""
    shown = [
        ascii(text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}...") for text in texts[:_SHOWN]
    ]
    return ", ".join(shown + ([f"and {len(texts) - _SHOWN} more"] if len(texts) > _SHOWN else [])) or "none"


def _is_web_url(text: str) -> bool:
    """Return whether a Location header can hold the text as an absolute URL."""
    if not text.isascii() or not text.isprintable() or " " in text or "#" in text:
        return False
    try:
        return bool(urlsplit(text).scheme)
    except ValueError:
        return False


@blueprint.post("/v1/token")
def token() -> Response:
    """Return tokens for a code, a refresh token or, for testing, the client's credentials (O04, O05)."""
    exchange = current()
    asked = _asked(exchange)
    application = _client(exchange, asked)
    if (fault := late_fault(exchange, "basic")) is not None:
        return fault
    exchange.covers(Quirk.O04_TOKEN_ENDPOINT)
    answer = _answer(_grant(exchange, application, asked))
    if shows_null_scope(exchange.world.assumptions):
        answer["scope"] = None
    return json_answer(answer, headers=[("Cache-Control", "no-store")])


def shows_null_scope(assumptions: Assumptions) -> bool:
    """Return whether a response with tokens has a `scope`, which is null (O05)."""
    return assumptions.choice(Quirk.O05_TOKEN_ANSWER) == "null_scope"


def _grant(exchange: Exchange, application: Application, asked: Mapping[str, str]) -> Tokens:
    applications, now = exchange.world.applications, exchange.world.clock.now()
    grant = asked.get("grant_type")
    if grant == "authorization_code":
        exchange.covers(Quirk.O12_CODES_ARE_USED_ONCE)
        return applications.redeem(application, _required(asked, "code"), asked.get("redirect_uri"), now)
    if grant == "refresh_token":
        return applications.refresh(application, _required(asked, "refresh_token"), now)
    if grant == "client_credentials":
        return applications.issue(application, now)
    if not grant:
        raise _refusal("invalid_request", "grant_type is required")
    raise _refusal("unsupported_grant_type", "The grant_type is not supported")


def _answer(tokens: Tokens) -> dict[str, Any]:
    return {key: value for key, value in TOKENS.record(tokens).items() if value is not None}


def _asked(exchange: Exchange) -> Mapping[str, str]:
    """Return the parameters, from a form or from JSON (O04). Raise GrantRefused (O10)."""
    content_type = exchange.environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if content_type == _FORM:
        # Not Werkzeug's form: older versions respond with 413 to invalid UTF-8
        pairs = parse_qsl(request.get_data(cache=True).decode("utf-8", "replace"), keep_blank_values=True)
        return dict(reversed(pairs))  # T20
    if content_type != _JSON:
        raise _refusal("invalid_request", f"The Content-Type must be {_FORM} or {_JSON}")
    try:
        body = json_object()
    except BadRequest as refusal:
        raise _refusal("invalid_request", refusal.description) from None
    return _texts(body)


def _texts(body: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the parameters of a body; null counts as absent. Raise GrantRefused for a value that is not a text."""
    for name in PARAMETERS:
        if not isinstance(body.get(name), (str, type(None))):
            raise _refusal("invalid_request", f"{name} must be a string")
    return {name: body[name] for name in PARAMETERS if body.get(name) is not None}


def _client(exchange: Exchange, asked: Mapping[str, str]) -> Application:
    """Return the application whose credentials are in the body or in a Basic header. Raise GrantRefused."""
    scheme, credentials = sent_credentials(exchange)
    pair = basic_pair(credentials) if scheme == "basic" else None
    if pair is None:
        pair = asked.get("client_id", ""), asked.get("client_secret", "")
    else:
        pair = _decoded_if_needed(exchange, *pair)
    application = exchange.world.applications.by_credentials(*pair)
    if application is None:
        raise _refusal("invalid_client", "The client credentials are invalid")
    exchange.asked_by(application)
    return application


def _decoded_if_needed(exchange: Exchange, client_id: str, client_secret: str) -> tuple[str, str]:
    """Return the credentials as sent or, if they are unknown, form-decoded (O14), where `+` becomes a blank."""
    decoded = unquote_plus(client_id), unquote_plus(client_secret)
    if decoded == (client_id, client_secret) or exchange.world.applications.knows(client_id, client_secret):
        return client_id, client_secret
    raw_only = exchange.world.assumptions.choice(Quirk.O14_FORM_ENCODED_BASIC) == "raw"
    return (client_id, client_secret) if raw_only else decoded


def _required(asked: Mapping[str, str], name: str) -> str:
    value = asked.get(name)
    if not value:
        raise _refusal("invalid_request", f"{name} is required")
    return value


def _refusal(code: str, description: str) -> GrantRefused:
    return GrantRefused(Quirk.O10_TOKEN_ERRORS, code, description)
