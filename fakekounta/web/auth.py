"""Authenticate requests (O01, O02)."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.applications import Application
from fakekounta.core.errors import Unauthorized
from fakekounta.web.exchange import Exchange
from fakekounta.wire.clients.call import HEADERS

LONGEST_CACHED = 256
"""Longer credentials are not cached, so that no client can fill the memory with them."""
_TOKEN_SCHEMES = ("bearer", "oauth")


def authenticate(exchange: Exchange) -> str:
    """Set the exchange's application; returns "basic" or "oauth". Raises Unauthorized, TokenRefused."""
    scheme, credentials = sent_credentials(exchange)
    if scheme == "basic":
        exchange.asked_by(_by_basic(exchange, credentials))
        exchange.covers(Quirk.O01_BASIC, Quirk.T01_BASE_PATH_V1)
        return "basic"
    if scheme in _TOKEN_SCHEMES:
        world = exchange.world
        exchange.asked_by(world.applications.by_access_token(_text(credentials.strip()), world.clock.now()))
        exchange.covers(Quirk.O02_BEARER, Quirk.T01_BASE_PATH_V1)
        return "oauth"
    raise Unauthorized(Quirk.O09_NO_CREDENTIALS, "No credentials")


def sent_credentials(exchange: Exchange) -> tuple[str, str]:
    """Return the scheme in lower case and the text after it, which is empty if the header was sent more than once."""
    header: str = exchange.environ.get("HTTP_AUTHORIZATION", "")
    scheme, _, credentials = header.partition(" ")
    if "," in header:  # WSGI joins repeated headers by a comma
        names = [name.lower() for name, _ in exchange.environ.get(HEADERS, ())]
        times = names.count("authorization") + names.count(b"authorization")
        if times > 1:
            exchange.note(f"the header Authorization was sent {times} times, so its credentials are not known")
            return scheme.lower(), ""
    return scheme.lower(), credentials


def sent_token(exchange: Exchange) -> str:
    """Return the access token of an authenticated request."""
    return _text(exchange.environ["HTTP_AUTHORIZATION"].partition(" ")[2].strip())


def _by_basic(exchange: Exchange, credentials: str) -> Application:
    pair = _known_pair(credentials) if len(credentials) <= LONGEST_CACHED else basic_pair(credentials)
    application = None if pair is None else exchange.world.applications.by_credentials(*pair)
    if application is None:
        raise Unauthorized(Quirk.O11_UNKNOWN_CLIENT, "The client id or the client secret is wrong")
    return application


def basic_pair(credentials: str) -> tuple[str, str] | None:
    """Return client id and secret of a Basic header, or None if they cannot be read."""
    try:
        text = base64.b64decode(credentials.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    client_id, colon, client_secret = text.partition(":")
    return (client_id, client_secret) if colon else None


_known_pair = lru_cache(maxsize=256)(basic_pair)  # clients send the same credentials with every request


def _text(header: str) -> str:
    # WSGI decodes headers as latin-1; a token beyond ASCII was sent as UTF-8
    return header if header.isascii() else header.encode("latin-1", "replace").decode("utf-8", "replace")
