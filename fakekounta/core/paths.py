"""Path patterns, such as `/customers`, `/customers/*` and `/v1/companies/5678/webhooks`.

A path is read once, character by character, while the bits of a number hold all positions in the pattern that a match
can have reached. So the time depends on the path's length only: there is no backtracking.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import lru_cache

LONGEST = 256
_PARTS = re.compile(r"\*\*|\*|\{[^{}/]*\}")
_VERSION, _COMPANIES = "/v1", "/v1/companies/"
_EXTENSION = ".json"


class PathPattern:
    """A pattern for whole paths. Its constructor raises ValueError for one that is too long or can never match.

    `*` and `{id}` stand for one part of the path or a piece of it, `**` for any number of parts. The prefix
    `/v1/companies/{company_id}` may be left out, and `.json` at the end does not count (T04).
    """

    def __init__(self, pattern: str) -> None:
        _check(pattern)
        text = pattern.removesuffix(_EXTENSION)
        self._literals = _PARTS.split(text)
        self._wanted: dict[str, int] = {"/": 0}  # by character: the positions that want this character
        self._part = 0  # the positions that want one or more characters other than a slash
        self._anything = 0  # the positions that stay for any character
        self._end = 0
        self._read(text)
        self._ends = 1 << self._end
        self._literal(_EXTENSION)
        self._ends |= 1 << self._end

    def _read(self, text: str) -> None:
        end = 0
        for part in _PARTS.finditer(text):
            self._literal(text[end : part.start()])
            if part.group() == "**":
                self._anything |= 1 << self._end
            else:
                self._part |= 1 << self._end
                self._end += 1
            end = part.end()
        self._literal(text[end:])

    def _literal(self, text: str) -> None:
        for character in text:
            self._wanted[character] = self._wanted.get(character, 0) | 1 << self._end
            self._end += 1

    def matches(self, path: str) -> bool:
        """Return whether the pattern matches this path."""
        starts, places = _starts(path), 0
        wanted, part, anything = self._wanted, self._part, self._anything
        for index, character in enumerate(path):
            if index in starts:
                places |= 1
            here = wanted.get(character, 0)
            if character == "/":
                places = (places & here) << 1 | places & anything
            else:  # a part that has begun, one position further, may continue
                places = (places & (here | part)) << 1 | places & (anything | part << 1)
        if len(path) in starts:
            places |= 1
        return places & self._ends != 0

    def quick_test(self) -> Callable[[str], bool]:
        """Return a test that equals `matches` and is faster for paths that mostly do not match.

        It first looks for texts that must be in the path and at its end.
        """
        last = self._literals[-1]
        longest, ends = max(self._literals, key=len), (last, f"{last}{_EXTENSION}")
        return lambda path: path.endswith(ends) and longest in path and self.matches(path)


def _check(pattern: str) -> None:
    if len(pattern) > LONGEST:
        raise ValueError(f"path: must have at most {LONGEST} characters, not {len(pattern)}")
    if not pattern.startswith(("/", "*")):
        raise ValueError(f"path: must begin with / or *, such as /customers/*, not {pattern!r}")
    if "?" in pattern or "#" in pattern:
        raise ValueError(f"path: {pattern!r} has a query; a pattern is for the path only")


def _starts(path: str) -> Collection[int]:
    """Return the positions at which a match may begin: the start of the path, and after the prefix."""
    if not path.startswith(_VERSION):
        return (0,)
    if not path.startswith(_COMPANIES):
        return (0, len(_VERSION))
    first = len(_COMPANIES) + 1  # a company id has at least one character; a pattern may begin within it with `*`
    slash = path.find("/", len(_COMPANIES))
    return {0, len(_VERSION), *range(first, (len(path) if slash < 0 else slash) + 1)}


@lru_cache(maxsize=256)
def path_pattern(pattern: str) -> PathPattern:
    """Return the cached pattern of a text. Raise ValueError as PathPattern does."""
    return PathPattern(pattern)


def path_test(pattern: str) -> Callable[[str], bool]:
    """Return the pattern's quick test. Raise ValueError as PathPattern does."""
    return path_pattern(pattern).quick_test()


def path_matches(pattern: str, path: str) -> bool:
    """Return whether the pattern matches this path. Raise ValueError as PathPattern does."""
    return path_pattern(pattern).matches(path)
