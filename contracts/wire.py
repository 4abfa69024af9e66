"""Requests of exact bytes."""

from __future__ import annotations

import httpx

from contracts.target import KountaTarget


def wire(target: KountaTarget, request_line: str, *headers: str, body: bytes = b"") -> httpx.Response:
    """Return the response to a request of exact bytes, with Accept for JSON and the application's credentials."""
    lines = [
        request_line,
        f"Host: {httpx.URL(target.url).netloc.decode()}",
        f"Authorization: {target.application.basic}",
        "Accept: application/json",
        "Connection: close",
        *headers,
    ]
    method = request_line.partition(" ")[0]
    return target.send_bytes("\r\n".join([*lines, "", ""]).encode("latin-1") + body, method=method)
