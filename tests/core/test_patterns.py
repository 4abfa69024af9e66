"""Tests of path patterns: what they match, and that matching takes time linear in the length of the path."""

from __future__ import annotations

import re
import sys
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekounta import FakeKounta
from fakekounta.core.paths import LONGEST, path_matches, path_test
from tests.sockets import unhurried

_PARTS = re.compile(r"\*\*|\*|\{[^{}/]*\}")
PIECES = ("/", "a", "b", "*", "**", "{id}", ".json", "/v1", "/companies", "/v1/companies/5", "é", "\n")
PATTERNS = st.tuples(st.sampled_from("/*"), st.lists(st.sampled_from(PIECES), max_size=6)).map(
    lambda drawn: drawn[0] + "".join(drawn[1])
)
PATHS = st.lists(
    st.sampled_from(("/", "a", "b", "ab", ".json", "/v1", "/companies", "/v1/companies/5", "é", "\n", "*")), max_size=8
).map("".join)


def by_regex(pattern: str) -> re.Pattern[str]:
    """Return the pattern as a regular expression, which backtracks."""
    text = pattern.removesuffix(".json")
    regex, end = "", 0
    for part in _PARTS.finditer(text):
        regex += re.escape(text[end : part.start()]) + (".*" if part.group() == "**" else "[^/]+")
        end = part.end()
    return re.compile(rf"(?:/v1(?:/companies/[^/]+)?)?{regex}{re.escape(text[end:])}(?:\.json)?", re.DOTALL)


@unhurried
@given(pattern=PATTERNS, path=PATHS)
def test_a_pattern_matches_what_it_says(pattern: str, path: str) -> None:
    """A pattern, and its quick test, match the same as the regular expression."""
    expected = by_regex(pattern).fullmatch(path) is not None
    assert path_matches(pattern, path) is expected
    assert path_test(pattern)(path) is expected


def steps(pattern: str, path: str) -> int:
    """Return how many lines of Python run to match a path; each handles numbers of at most a few hundred bits."""
    count = 0

    def trace(_: FrameType, event: str, __: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    path_matches(pattern, "")  # it is parsed and cached
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        path_matches(pattern, path)
    finally:
        sys.settrace(before)
    return count


EVIL = ("/**a**a**a**b", "/*a*a*a*a*a*b", "/" + "**a" * 80, "/**" + "*a" * 80 + "b", "/" + "{x}" * 80, "**" * 100)


@pytest.mark.parametrize("pattern", EVIL, ids=range(len(EVIL)))
@pytest.mark.parametrize("before", ["/", "/v1/companies/"])
def test_steps_grow_with_the_path_and_no_faster(pattern: str, before: str) -> None:
    """Two or four times the letters take at most two or four times the steps, for any pattern."""
    one, two, four = (steps(pattern, before + "a" * number) for number in (500, 1_000, 2_000))
    assert two <= 2 * one
    assert four <= 2 * two
    assert four <= 10 * 2_000


@pytest.mark.parametrize("pattern", ["/customers/" + "a" * LONGEST, "/**a" * 1_000], ids=["literal", "stars"])
def test_a_pattern_is_bounded_in_length(pattern: str) -> None:
    """A pattern that is too long is refused in each way in, with the reason; one at the limit is accepted."""
    kounta = FakeKounta()
    with pytest.raises(ValueError, match=f"path: must have at most {LONGEST} characters, not {len(pattern)}"):
        kounta.faults.add(status=503, path=pattern)
    with pytest.raises(ValueError, match="path: must have at most"):
        kounta.requests.find(path=pattern)
    with kounta.httpx_client() as client:
        answer = client.get("/_fakekounta/requests", params={"path": pattern})
        assert (answer.status_code, "at most" in answer.json()["error_description"]) == (400, True)
    kounta.faults.add(status=503, path=pattern[:LONGEST])
