"""Tests of deeply nested JSON: it is refused at one depth on any stack, and causes no error in later code."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from fakekounta import FakeKounta
from fakekounta.core.errors import BadRequest
from fakekounta.core.nesting import MOST_NESTED, is_nested_too_deeply, read_json
from fakekounta.schemas.parsing import parse_json
from tests.sockets import arranged, attempt

LIST = "/v1/companies/me/customers"
OPENINGS = {"array": ("[", "]"), "object": ('{"a":', "}")}


def nested(depth: int, kind: str = "array", innermost: str = "1") -> str:
    opening, closing = OPENINGS[kind]
    return opening * depth + innermost + closing * depth


def deep_in_the_stack(frames: int, call: Callable[[], Any]) -> Any:
    return call() if frames <= 0 else deep_in_the_stack(frames - 1, call)


@pytest.mark.parametrize("kind", OPENINGS)
def test_the_depth_is_counted_in_arrays_and_objects(kind: str) -> None:
    """A hundred nested arrays and objects are read, one more is not."""
    assert parse_json(nested(MOST_NESTED, kind).encode()) == json.loads(nested(MOST_NESTED, kind))
    with pytest.raises(BadRequest, match="nested too deeply"):
        parse_json(nested(MOST_NESTED + 1, kind).encode())


def test_brackets_in_a_text_are_no_nesting() -> None:
    """Brackets in a text, or one after the other, do not count as nested."""
    assert parse_json(json.dumps("[" * 5000).encode()) == "[" * 5000
    assert parse_json(json.dumps([[]] * 5000).encode()) == [[]] * 5000


def test_the_depth_of_the_stack_does_not_matter() -> None:
    """The same depth is read if half of Python's frames are in use."""
    text = nested(MOST_NESTED)
    half = sys.getrecursionlimit() // 2
    assert deep_in_the_stack(half, lambda: parse_json(text.encode())) == json.loads(text)


@pytest.mark.parametrize("depth", [MOST_NESTED + 1, 500, 1026, 3000, 100_000])
def test_json_that_is_nested_too_deeply_is_refused(depth: int) -> None:
    """The error is the same whether or not Python's own reader fails."""
    with pytest.raises(ValueError, match="nested too deeply"):
        read_json(nested(depth))


def test_the_innermost_may_be_empty() -> None:
    """An empty array counts as one."""
    assert not is_nested_too_deeply(json.loads(nested(MOST_NESTED - 1, innermost="[]")))
    assert is_nested_too_deeply(json.loads(nested(MOST_NESTED, innermost="[]")))


@pytest.mark.parametrize(
    "method,target",
    [
        ("POST", LIST),
        ("POST", "/v1/token"),
        ("POST", "/v1/companies/me/webhooks"),
        ("POST", "/_fakekounta/customers"),
        ("POST", "/_fakekounta/faults"),
        ("PUT", "/_fakekounta/state"),
        ("PUT", "/_fakekounta/assumptions"),
        ("PUT", "/_fakekounta/clock"),
    ],
)
def test_no_route_fails_with_nested_json(fakekounta_server: FakeKounta, method: str, target: str) -> None:
    """Nested JSON is refused, or accepted where anything is; the journal shows it, also with a secret in it."""
    with arranged(fakekounta_server) as kounta:
        for depth in (MOST_NESTED - 2, MOST_NESTED + 1, 300, 700, 1026, 5000):
            for secret in ("", '"client_secret":"s",'):
                body = f'{{"first_name":"Robin","email":"r@example.com",{secret}"body":{nested(depth)}}}'
                answer = attempt(kounta, method, target, body=body.encode())
                assert answer.status < 500
                assert answer.status >= 400 or depth < MOST_NESTED
        for shown in ("/_fakekounta/requests", "/_fakekounta/state"):
            assert attempt(kounta, "GET", shown).status == 200
