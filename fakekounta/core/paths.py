"""Patterns of paths, as people write them: `/customers`, `/customers/*`, `/v1/companies/5678/webhooks`."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

_BEFORE = r"(?:/v1(?:/companies/[^/]+)?)?"
_PARTS = re.compile(r"\*\*|\*|\{[^{}/]*\}")


@lru_cache(maxsize=1024)
def path_pattern(pattern: str) -> re.Pattern[str]:
    """What matches a path, whole. Raises ValueError for a pattern that no path can match.

    `*` and `{id}` stand for one part of the path, or for some of it, `**` for any number of parts. What the API's
    paths begin with, `/v1/companies/{company_id}`, may be left out, and `.json` at the end does not count (T04).
    """
    if not pattern.startswith(("/", "*")):
        raise ValueError(f"path: must begin with / or *, such as /customers/*, not {pattern!r}")
    if "?" in pattern or "#" in pattern:
        raise ValueError(f"path: {pattern!r} has a query; a pattern is of the path alone")
    text = pattern.removesuffix(".json")
    regex, end = "", 0
    for part in _PARTS.finditer(text):
        regex += re.escape(text[end : part.start()]) + (".*" if part.group() == "**" else "[^/]+")
        end = part.end()
    return re.compile(f"{_BEFORE}{regex}{re.escape(text[end:])}(?:\\.json)?", re.DOTALL)


def path_test(pattern: str) -> Callable[[str], bool]:
    """The same question as `path_matches`, for one pattern and many paths that it mostly does not match.

    Texts that must stand in the path, and at its end, say no much sooner than the pattern itself.
    """
    matches = path_pattern(pattern).fullmatch
    literals = _PARTS.split(pattern.removesuffix(".json"))
    longest, ends = max(literals, key=len), (literals[-1], f"{literals[-1]}.json")

    def test(path: str) -> bool:
        return path.endswith(ends) and longest in path and matches(path) is not None

    return test


def path_matches(pattern: str, path: str) -> bool:
    """Whether the pattern matches this path. Raises ValueError as `path_pattern` does."""
    return path_pattern(pattern).fullmatch(path) is not None
