"""What an application gets by OAuth: access tokens, authorisation codes, and the response of the token endpoint."""

from __future__ import annotations

import secrets
from datetime import datetime

from fakekounta.core.fields import declared
from fakekounta.core.kinds import Choice, Moment, Text, Whole
from fakekounta.core.resources import Resource
from fakekounta.process.dataclass import dataclass

TOKEN_SECONDS = 3600  # O05
CODE_SECONDS = 600  # O12


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """The application of a bearer token, and when it expires; `expires_at` None means never."""

    client_id: str = declared(Text(), required=True)
    expires_at: datetime | None = declared(Moment())


ACCESS_TOKEN = Resource("access token", AccessToken)
"""The declared fields of an access token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """The application and redirect URI of an authorisation code, and when it expires (O12)."""

    client_id: str = declared(Text(), required=True)
    redirect_uri: str = declared(Text(), required=True)
    expires_at: datetime = declared(Moment(), required=True)


CODE = Resource("code", Code)
"""The declared fields of an authorisation code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The response of the token endpoint; without a refresh token, `refresh_token` is None."""

    access_token: str = declared(Text(), required=True)
    refresh_token: str | None = declared(Text())
    expires_in_seconds: int = declared(Whole(), required=True, key="expires_in")
    token_type: str = declared(Choice(("Bearer",)), absent="Bearer")


TOKENS = Resource("tokens", Tokens)
"""The declared fields of the token endpoint's response (O05)."""


def new_token() -> str:
    """Return 40 random hex digits (O05)."""
    return secrets.token_hex(20)
