"""Preconditions of contract tests, and helpers to read credentials and responses."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

import httpx


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The credentials of one registered application."""

    client_id: str
    client_secret: str
    signature_token: str | None = None

    @property
    def basic(self) -> str:
        return basic(self.client_id, self.client_secret)


def basic(client_id: str, client_secret: str) -> str:
    """The Authorization header that carries these credentials."""
    return "Basic " + base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()


def form_encoded(text: str) -> str:
    """The text with every character percent-encoded that may be: no text is too plain to tell."""
    return "".join(f"%{byte:02X}" for byte in text.encode())


def challenged_schemes(answer: httpx.Response) -> list[str]:
    """The schemes of an answer's challenges, in lower case, one header or several."""
    challenges = ", ".join(answer.headers.get_list("WWW-Authenticate"))
    return [scheme.lower() for scheme in re.findall(r"(?:^|,)\s*([A-Za-z]+)(?= )", challenges)]


def record_id(answer: httpx.Response) -> int:
    """The id at the end of an answer's Location."""
    return int(answer.headers["Location"].rpartition("/")[2].removesuffix(".json"))


class PreconditionFailed(AssertionError):
    """A test cannot prove its own quirk, because the target contradicts another quirk that the test depends on."""

    def __init__(self, depends_on: str, complaint: str) -> None:
        super().__init__(f"this test depends on {depends_on}: {complaint}")
        self.depends_on = depends_on


def precondition(condition: object, depends_on: str, answer: httpx.Response) -> None:
    """Raise PreconditionFailed, which names the quirk, unless the condition holds."""
    if not condition:
        request = answer.request
        raise PreconditionFailed(depends_on, f"{request.method} {request.url.path} was answered {answer.status_code}")
