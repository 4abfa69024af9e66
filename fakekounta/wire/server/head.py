"""Rules for the head of a request: what this server refuses, and why."""

from __future__ import annotations

import logging
import re
from typing import Any

from httptools import HttpParserCallbackError, HttpParserError, HttpParserInvalidMethodError

from fakekounta.wire.server.bodies import BodyUnwanted, RequestRefused
from fakekounta.wire.server.message import RequestRefusal

LOG = logging.getLogger("fakekounta.http")

NOT_UNDERSTOOD = "The request could not be understood."
NO_PROXY = "This server is not a proxy."

_METHOD_TOKEN = re.compile(rb"[\r\n]*[!#$%&'*+\-.^_`|~0-9A-Za-z]+( |\Z)")


def refusal_of(error: HttpParserError, data: bytes) -> RequestRefusal | None:
    """Return why the parser refuses the data, or None if the last request was answered early."""
    cause = error.__context__
    if isinstance(cause, BodyUnwanted):
        return None
    if isinstance(cause, RequestRefused):
        return RequestRefusal(cause.status, cause.description)
    if isinstance(error, HttpParserCallbackError):
        LOG.error("reading a request failed", exc_info=cause)
        return RequestRefusal(503, "The request cannot be read now: try again later.")
    # The first bytes tell an unknown method from bytes that are not HTTP.
    if isinstance(error, HttpParserInvalidMethodError) and _METHOD_TOKEN.match(data):
        return RequestRefusal(405, "The method is not known to this server.")
    return RequestRefusal(400, NOT_UNDERSTOOD)


def head_too_large() -> RequestRefused:
    """Return the refusal of a head with too many bytes."""
    return RequestRefused(431, "The request line and headers are too large.")


def check_version(environ: dict[str, Any], version: str, *, is_host_repeated: bool) -> None:
    """Raise RequestRefused for an unknown version of HTTP, and unless HTTP/1.1 has exactly one Host header."""
    if version not in ("1.1", "1.0"):
        raise RequestRefused(400, "The HTTP version is neither 1.0 nor 1.1.")
    environ["SERVER_PROTOCOL"] = "HTTP/" + version
    if is_host_repeated or (version == "1.1" and "HTTP_HOST" not in environ):
        raise RequestRefused(400, "Exactly one Host header is required.")


def is_chunked(environ: dict[str, Any], version: str) -> bool:
    """Return whether the body comes in chunks; drop the header that says so. Raise RequestRefused for other codings."""
    coding = environ.pop("HTTP_TRANSFER_ENCODING", None)
    if coding is not None and (version == "1.0" or coding.lower() != "chunked"):
        raise RequestRefused(400, "The only transfer coding known to this server is chunked.")
    return coding is not None


def expects_continue(environ: dict[str, Any], version: str) -> bool:
    """Return whether the client waits for `100 Continue`. Raise RequestRefused for another expectation."""
    if "HTTP_EXPECT" not in environ or version != "1.1":
        return False
    if environ["HTTP_EXPECT"].lower() != "100-continue":
        raise RequestRefused(417, "The only expectation known to this server is 100-continue.")
    return True


def head_without_upgrade(environ: dict[str, Any], *, keep_alive: bool) -> bytes:
    """Return a head for the body that follows a request with an Upgrade."""
    length = environ.get("CONTENT_LENGTH")
    framing = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    connection = "keep-alive" if keep_alive else "close"
    head = f"POST / {environ['SERVER_PROTOCOL']}\r\nConnection: {connection}\r\n{framing}\r\n\r\n"
    return head.encode("latin-1")
