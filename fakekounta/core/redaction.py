"""What is secret in requests and responses, and how it is hidden: in parsed messages, and in any text."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from fakekounta.core.nesting import read_json

HIDDEN = "***"
SECRET_NAMES = frozenset(("client_secret", "access_token", "refresh_token", "code", "signature_token"))
"""Keys and parameters whose values are secret, at any place."""
SECRET_HEADERS = frozenset(("authorization", "cookie", "proxy-authorization", "x-fakekounta-token"))
_MARKS_OF_SECRETS = tuple(f'"{name}"'.encode() for name in (*sorted(SECRET_NAMES), "headers"))
_FORM = "application/x-www-form-urlencoded"

# --- messages ------------------------------------------------------------------------------------------------------


def without_secret_parameters(query: str) -> str:
    """Return a query or form with the values of secret parameters hidden, and the rest unchanged."""
    return "&".join(_shown_parameter(part) for part in query.split("&"))


def _shown_parameter(part: str) -> str:
    name, equals, value = part.partition("=")
    return f"{name}={HIDDEN}" if equals and value and unquote_plus(name) in SECRET_NAMES else part


def shown_header(name: str, value: str) -> str:
    """Return the value of a header, hidden if it is a secret; of a URL with a query, the query without secrets."""
    lower = name.lower()
    if lower == "authorization":
        return _shown_authorization(value)
    if lower in ("location", "referer") and "?" in value:
        place, _, query = value.partition("?")
        return f"{place}?{without_secret_parameters(query)}"
    return HIDDEN if lower in SECRET_HEADERS else value


def _shown_authorization(value: str) -> str:
    """Return the scheme of an Authorization value; for Basic also the client id."""
    scheme, _, rest = value.partition(" ")
    if not rest:
        return HIDDEN
    if scheme.lower() != "basic":
        return f"{scheme} {HIDDEN}"
    try:
        client_id = b64decode(rest, validate=True).decode("utf-8").partition(":")[0]
    except ValueError:
        return f"{scheme} {HIDDEN}"
    return f"{scheme} {quote_plus(client_id)}:{HIDDEN}"


def shown_body(content_type: str, content: bytes) -> bytes:
    """Return the body of a message with secrets hidden, otherwise byte for byte."""
    kind = content_type.lower()
    if not content:
        return b""
    if kind.startswith(_FORM):
        return without_secret_parameters(content.decode("latin-1")).encode("latin-1")
    if kind.startswith("multipart/"):
        return HIDDEN.encode()
    if any(mark in content for mark in _MARKS_OF_SECRETS):
        return _without_secret_values(content)
    return content


def _without_secret_values(content: bytes) -> bytes:
    try:
        shown = _hidden(read_json(content))
    except ValueError:
        return HIDDEN.encode()
    return json.dumps(shown, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _hidden_item(name, item) for name, item in value.items()}
    return [_hidden(item) for item in value] if isinstance(value, list) else value


def _hidden_item(name: str, value: Any) -> Any:
    if name in SECRET_NAMES and isinstance(value, str) and value:
        return HIDDEN
    if name == "headers" and isinstance(value, dict):  # of a webhook: they may hold the receiver's credentials
        return dict.fromkeys(value, HIDDEN)
    return _hidden(value)


# --- any text ------------------------------------------------------------------------------------------------------

# Patterns as texts, which are compiled when they are first used: no start needs them
_KEYS = "|".join(sorted(SECRET_NAMES))
_IN_JSON = rf'("(?:{_KEYS})"\s*:\s*")([^"\\]*)(")'
_IN_FORM = rf"((?:^|[?&\s])(?:{_KEYS})=)([^&\s\"'<>]+)"
_SCHEME = r"(?i)\b((?:Basic|Bearer|OAuth) )[A-Za-z0-9+/=_.~-]{6,}"
_FORTY_DIGITS = r"\b[0-9a-f]{40}\b"


def text_without_secrets(text: str, mask: str = HIDDEN) -> str:
    """Return a text with a mask for values of secret names in JSON and in forms, for credentials, and for tokens."""
    text = re.sub(_IN_JSON, rf"\1{mask}\3", text)
    text = re.sub(_IN_FORM, rf"\1{mask}", text)
    return re.sub(_FORTY_DIGITS, mask, re.sub(_SCHEME, rf"\1{mask}", text))


def secret_values(text: str) -> Iterator[str]:
    """Yield the values of secret names in the JSON of a text."""
    return (found[2] for found in re.finditer(_IN_JSON, text))
