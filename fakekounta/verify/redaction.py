"""Hide secrets in all output of a run: those of its flags, and those in responses.

The names of secret fields are in core/messages.py. That module hides them in parsed messages, this one in any text.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote, quote_plus

from fakekounta.core.messages import SECRET_HEADERS, SECRET_NAMES

HIDDEN = "<redacted>"
_HEADERS = SECRET_HEADERS | {"set-cookie", "x-kounta-signature"}
_KEYS = "|".join(sorted(SECRET_NAMES))
_IN_JSON = re.compile(rf'("(?:{_KEYS})"\s*:\s*")([^"\\]*)(")')
_IN_FORM = re.compile(rf"((?:^|[?&\s])(?:{_KEYS})=)([^&\s\"'<>]+)")
_SCHEME = re.compile(r"\b((?:Basic|Bearer|OAuth) )[A-Za-z0-9+/=_.~-]{6,}", re.IGNORECASE)
_TOKEN = re.compile(r"\b[0-9a-f]{40}\b")


class Secrets:
    """Hides known secrets, values of fields with secret names, and texts that look like a token."""

    def __init__(self, applications: Iterable[tuple[str, str]] = (), others: Iterable[str] = ()) -> None:
        self._known: set[str] = set()
        for client_id, secret in applications:
            self._learn(secret)
            for pair in (f"{client_id}:{secret}", f"{secret}:{client_id}", f"{client_id}:{secret}x"):
                self._learn(base64.b64encode(pair.encode()).decode())
        for other in others:
            self._learn(other)

    def _learn(self, secret: str) -> None:
        if secret:
            self._known |= {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}

    def learn_from(self, body: bytes) -> None:
        """Remember the tokens in a response's body, so that they are hidden wherever they occur again."""
        for match in _IN_JSON.finditer(body[:10_000].decode("utf-8", "replace")):
            if len(match[2]) >= 16:
                self._learn(match[2])

    def hide(self, text: str) -> str:
        """Return the text without secrets."""
        for secret in sorted(self._known, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        text = _IN_JSON.sub(rf"\1{HIDDEN}\3", text)
        text = _IN_FORM.sub(rf"\1{HIDDEN}", text)
        return _TOKEN.sub(HIDDEN, _SCHEME.sub(rf"\1{HIDDEN}", text))

    def hide_headers(self, headers: Sequence[tuple[str, str]]) -> dict[str, str]:
        """Return the headers by name, without secrets."""
        return {name: HIDDEN if name.lower() in _HEADERS else self.hide(value) for name, value in headers}
