"""Hide secrets in all output of a run: those of its flags, and those in responses."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from urllib.parse import quote, quote_plus

from fakekounta.core.redaction import SECRET_HEADERS, secret_values, text_without_secrets

HIDDEN = "<redacted>"
_HEADERS = SECRET_HEADERS | {"set-cookie", "x-kounta-signature"}
_LEAST_CHARACTERS = 16
"""How long a value must be to be hidden wherever it occurs; a shorter one might be a word."""


class Secrets:
    """The secrets of a run: those of its flags, and the tokens that the server issued."""

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
        for value in secret_values(body[:10_000].decode("utf-8", "replace")):
            if len(value) >= _LEAST_CHARACTERS:
                self._learn(value)

    def hide(self, text: str) -> str:
        """Return the text without known secrets, values of secret names, and what looks like a token."""
        for secret in sorted(self._known, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return text_without_secrets(text, HIDDEN)

    def hide_headers(self, headers: Sequence[tuple[str, str]]) -> dict[str, str]:
        """Return the headers by name, without secrets."""
        return {name: HIDDEN if name.lower() in _HEADERS else self.hide(value) for name, value in headers}
