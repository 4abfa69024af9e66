"""Refusals: exceptions for the API's error responses. Each names its quirk; the web layer knows the statuses."""

from __future__ import annotations

import re

from fakekounta.catalogue.quirks import Quirk

_TOKEN_WORDS = re.compile("invalid|expired")


def without_token_words(text: str) -> str:
    """Return the text without the two lower-case words that clients take for an expired token (T11)."""
    return _TOKEN_WORDS.sub(lambda word: word.group().capitalize(), text)


class Refusal(Exception):
    """A request is refused because of a quirk; `description` is a sentence for the client."""

    def __init__(self, quirk: Quirk, description: str) -> None:
        super().__init__(description)
        self.quirk = quirk
        self.description = description


class BadRequest(Refusal):
    """The request itself cannot be understood."""


class BadField(Refusal):
    """A field has a value that is not allowed; the description names the field and the reason."""

    def __init__(self, quirk: Quirk, field: str, reason: str) -> None:
        super().__init__(quirk, f"{field}: {reason}")
        self.field = field
        self.reason = reason


class CallerRefused(Refusal):
    """The caller is refused, whatever it asks for (K07, K08)."""


class NotFound(Refusal):
    """There is no such record, or none that this application may see."""


class RedirectRefused(Refusal):
    """The redirect URI is not registered."""


class OtherCompany(Refusal):
    """The credentials belong to another company."""


class MobileTaken(Refusal):
    """Another customer of the company has this mobile number."""


class Unauthorized(Refusal):
    """The credentials are missing or unknown."""


class TokenRefused(Refusal):
    """The access token is unknown or has expired; `code` is the OAuth error code."""

    def __init__(self, quirk: Quirk, code: str, description: str) -> None:
        super().__init__(quirk, description)
        self.code = code


class GrantRefused(Refusal):
    """The token endpoint refuses; `code` is the OAuth error code."""

    def __init__(self, quirk: Quirk, code: str, description: str) -> None:
        super().__init__(quirk, description)
        self.code = code
