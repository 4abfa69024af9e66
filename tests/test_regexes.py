"""Tests that no regular expression of the package backtracks: no repetition could take what follows it."""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

import fakekounta

if sys.version_info >= (3, 11):
    from re import _constants as codes
    from re import _parser as parser
else:
    import sre_constants as codes
    import sre_parse as parser

# All of ASCII, and one character of each further kind that our patterns distinguish
ALPHABET = frozenset([*map(chr, range(256)), "\u0664", "\u3000", "\ud800", "\ufffe", "\U0001f600"])
CATEGORIES: dict[Any, Callable[[str], bool]] = {
    codes.CATEGORY_DIGIT: str.isdigit,
    codes.CATEGORY_NOT_DIGIT: lambda character: not character.isdigit(),
    codes.CATEGORY_SPACE: str.isspace,
    codes.CATEGORY_NOT_SPACE: lambda character: not character.isspace(),
    codes.CATEGORY_WORD: lambda character: character.isalnum() or character == "_",
    codes.CATEGORY_NOT_WORD: lambda character: not (character.isalnum() or character == "_"),
}
MANY = 100  # a repetition that may go on for longer counts as one without an end
# These read responses and records of a verification, our own routes, and the settings file of the user who starts the
# fake, never text from strangers
TRUSTED = ("fakekounta.verify", "fakekounta.openapi", "fakekounta.settings.toml_lines")
# Pytest has to import these first, or it warns in sessions that tests run later
PLUGINS = ("fakekounta.pytest_plugin.pytest_",)

HARMLESS = {
    "fakekounta.settings.hosts._HOST": "after the last label one dot is tried twice, and nothing else",
    "fakekounta.wire.origin._HOST": "as above",
}


def patterns() -> Iterator[Any]:
    for module in pkgutil.walk_packages(fakekounta.__path__, "fakekounta."):
        if not module.name.startswith((*TRUSTED, *PLUGINS, "fakekounta.__main__")):
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, re.Pattern) and f"{module.name}.{name}" not in HARMLESS:
                    yield pytest.param(value, id=f"{module.name}.{name}")


class Follow:
    """The characters that can follow each place of a pattern, and the repetitions that could match them, too."""

    def __init__(self) -> None:
        self.greedy: list[str] = []

    def sequence(self, items: Sequence[Any], after: frozenset[str]) -> frozenset[str]:
        """Return the characters that the items can begin with, if these characters can follow them."""
        for item in reversed(items):
            after = self.item(item, after)
        return after

    def item(self, item: Any, after: frozenset[str]) -> frozenset[str]:
        code, argument = item
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            least, most, body = argument
            return self._repeat(least, most, body, after)
        if code is codes.SUBPATTERN:
            return self.sequence(argument[3], after)
        if code is codes.BRANCH:
            return frozenset().union(*(self.sequence(branch, after) for branch in argument[1]))
        if code in (codes.AT, codes.ASSERT, codes.ASSERT_NOT):
            return after
        return _characters(item)

    def _repeat(self, least: int, most: Any, body: Any, after: frozenset[str]) -> frozenset[str]:
        first = self.sequence(body, frozenset())
        if most is codes.MAXREPEAT or most > MANY:
            inner = self.sequence(body, after | first)
            if inner & after:
                self.greedy.append(f"{body} before {sorted(inner & after)[:5]}")
        else:
            inner = self.sequence(body, after | (first if most > 1 else frozenset()))
        return inner | (after if least == 0 else frozenset())


def _characters(item: Any) -> frozenset[str]:
    """Return the characters of the alphabet that one item matches."""
    return frozenset(character for character in ALPHABET if _takes(item, character))


def _takes(item: Any, character: str) -> bool:
    code, argument = item
    if code is codes.ANY:
        return True
    if code is codes.IN:
        negated = argument[0][0] is codes.NEGATE
        return any(_takes(one, character) for one in argument if one[0] is not codes.NEGATE) is not negated
    if code is codes.RANGE:
        return bool(argument[0] <= ord(character) <= argument[1])
    if code is codes.CATEGORY:
        return CATEGORIES[argument](character)
    assert code in (codes.LITERAL, codes.NOT_LITERAL), code
    return (ord(character) == argument) is (code is codes.LITERAL)


def backtracking(pattern: re.Pattern[Any]) -> list[str]:
    """Return the repetitions that could also match the characters of what follows them."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    follow = Follow()
    tree: Any = parser.parse(text, pattern.flags & ~re.UNICODE)
    follow.sequence(list(tree), frozenset())
    return follow.greedy


@pytest.mark.parametrize("pattern", list(patterns()))
def test_no_pattern_of_ours_backtracks(pattern: re.Pattern[Any]) -> None:
    """No pattern of ours backtracks, so its time is linear in the length of the text."""
    assert backtracking(pattern) == []


@pytest.mark.parametrize("text", ["(a+)+b", "a*a*b", "[^/]+a[^/]+b", "(a|ab)*c*a", ".*.*x", r"\d+\d+!"])
def test_patterns_that_backtrack_are_found(text: str) -> None:
    """The check finds patterns that backtrack."""
    assert backtracking(re.compile(text, re.DOTALL)) != []


@pytest.mark.parametrize("text", ["a+b", "[^@]+@[^@.]+(\\.[^@.]+)+", "(?:x|y)*z", "a{1,63}(\\.a{1,63})*", "[0-9]+"])
def test_patterns_that_do_not_backtrack_pass(text: str) -> None:
    """The check accepts patterns that do not backtrack."""
    assert backtracking(re.compile(text)) == []
