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
    """Return the value of the Authorization header for these credentials."""
    return "Basic " + base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()


def form_encoded(text: str) -> str:
    """Return the text with every character percent-encoded, so that the encoding of any text shows."""
    return "".join(f"%{byte:02X}" for byte in text.encode())


def challenged_schemes(answer: httpx.Response) -> list[str]:
    """Return the schemes of a response's challenges in lower case, from one header or several."""
    challenges = ", ".join(answer.headers.get_list("WWW-Authenticate"))
    return [scheme.lower() for scheme in re.findall(r"(?:^|,)\s*([A-Za-z]+)(?= )", challenges)]


def record_id(answer: httpx.Response) -> int:
    """Return the id at the end of a response's Location."""
    return int(answer.headers["Location"].rpartition("/")[2].removesuffix(".json"))


class PreconditionFailed(AssertionError):
    """Signals that a test cannot prove its quirk, because the target contradicts a quirk that the test depends on."""

    def __init__(self, depends_on: str, complaint: str) -> None:
        super().__init__(f"this test depends on {depends_on}: {complaint}")
        self.depends_on = depends_on


def precondition(condition: object, depends_on: str, answer: httpx.Response) -> None:
    """Raise PreconditionFailed, which names the quirk, unless the condition holds."""
    if not condition:
        request = answer.request
        raise PreconditionFailed(depends_on, f"{request.method} {request.url.path} responded with {answer.status_code}")
