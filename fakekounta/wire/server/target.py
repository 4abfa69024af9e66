"""Request targets, in the forms of HTTP/1.1."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes


def split_target(target: str) -> tuple[str, str, str | None]:
    """Return the decoded path and the query of a target, and its authority if it names one.

    All text is in the "WSGI string" form: one latin-1 character for each byte.
    """
    authority = None
    if "#" in target:
        target = target.partition("#")[0]
    path, _, query = target.partition("?")
    if path[:1] != "/" and path != "*":
        # The parser accepts only the absolute form here: scheme://authority/path
        authority, _, path = path.partition("://")[2].partition("/")
        authority = authority.rpartition("@")[2]
        path = "/" + path
    if "%" in path:
        path = unquote_to_bytes(path.encode("latin-1")).decode("latin-1")
    return path, query, authority
