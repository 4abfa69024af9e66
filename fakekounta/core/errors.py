"""Refusals: exceptions for the API's error responses. Each names its quirk; the web layer knows the statuses."""

from __future__ import annotations

import re

from fakekounta.catalogue.quirks import Quirk

_TOKEN_WORDS = re.compile("invalid|expired")


def without_token_words(text: str) -> str:
    """Return the text without the two lower-case words by which clients recognize an expired token (T11)."""
    return _TOKEN_WORDS.sub(lambda word: word.group().capitalize(), text)


class Refusal(Exception):
    """Signals that a request is refused because of a quirk; `description` is a sentence for the client."""

    def __init__(self, quirk: Quirk, description: str) -> None:
        super().__init__(description)
        self.quirk = quirk
        self.description = description


class BadRequest(Refusal):
    """Signals that the request cannot be parsed."""


class BadField(Refusal):
    """Signals that a field has an invalid value; the description names the field and the reason."""

    def __init__(self, quirk: Quirk, field: str, reason: str) -> None:
        super().__init__(quirk, f"{field}: {reason}")
        self.field = field
        self.reason = reason


class CallerRefused(Refusal):
    """Signals that the caller is refused, whatever its request is (K07, K08)."""


class NotFound(Refusal):
    """Signals that there is no such record, or none that this application may see."""


class RedirectRefused(Refusal):
    """Signals that the redirect URI is not registered."""


class OtherCompany(Refusal):
    """Signals that the credentials belong to another company."""


class MobileTaken(Refusal):
    """Signals that another customer of the company has this mobile number."""


class UnknownInBody(BadField):
    """Signals a field with the id of a record that does not exist."""


class Unchangeable(Refusal):
    """Signals a change that the state of the record does not allow."""


class Conflict(Refusal):
    """Signals a change that contradicts what is there."""


class Unauthorized(Refusal):
    """Signals that the credentials are missing or unknown."""


class TokenRefused(Refusal):
    """Signals that the access token is unknown or has expired; `code` is the OAuth error code."""

    def __init__(self, quirk: Quirk, code: str, description: str) -> None:
        super().__init__(quirk, description)
        self.code = code


class GrantRefused(Refusal):
    """Signals that the token endpoint refuses a request; `code` is the OAuth error code."""

    def __init__(self, quirk: Quirk, code: str, description: str) -> None:
        super().__init__(quirk, description)
        self.code = code
