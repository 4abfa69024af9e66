"""Compare responses with what a test expects. `Unexpected` says where they differ, for `fakekounta verify`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import httpx

from fakekounta.core.differences import MISSING, first_difference, shown


class Unexpected(AssertionError):
    """Signals that a response is not as expected.

    `path` is the place of the first difference: such as "$.tags[0]", "status", "header X-Pages" or "body".
    """

    def __init__(self, path: str, complaint: str) -> None:
        super().__init__(f"{path}: {complaint}")
        self.path = path


def expect(got: Any, expected: Any, at: str = "$") -> None:
    """Raise Unexpected if a value at a place of the response is not the expected one; 1 and true are different."""
    _compare(got, expected, at, partial=False)


def expect_keys(got: AbstractSet[Any] | Mapping[str, Any], expected: AbstractSet[Any], at: str = "$") -> None:
    """Raise Unexpected if an object lacks one of these keys; it may have others."""
    _compare(got, expected, at, partial=True)


def expect_parts(got: Mapping[str, Any], expected: Mapping[str, Any], at: str = "$") -> None:
    """Raise Unexpected if a key of an object has another value than expected, or is missing. Others do not count."""
    _compare({key: got[key] for key in expected if key in got}, expected, at, partial=False)


def expect_form(got: str, pattern: str, at: str) -> None:
    """Raise Unexpected if a text at a place of the response has not the form of a regular expression."""
    if re.fullmatch(pattern, got) is None:
        raise Unexpected(at, f"expected the form {pattern}, got {shown(got)}")


def expect_that(condition: object, at: str, complaint: str) -> None:
    """Raise Unexpected with a complaint about a place of the response, unless a condition holds."""
    if not condition:
        raise Unexpected(at, complaint)


def expect_status(answer: httpx.Response, *expected: int) -> None:
    """Raise Unexpected if the status of a response is none of these."""
    if answer.status_code not in expected:
        raise Unexpected("status", f"expected {' or '.join(map(str, expected))}, got {_with_error(answer)}")


def expect_success(answer: httpx.Response) -> None:
    """Raise Unexpected if the status of a response is not one of 200 to 299."""
    if not answer.is_success:
        raise Unexpected("status", f"expected 200 to 299, got {_with_error(answer)}")


def expect_client_error(answer: httpx.Response) -> None:
    """Raise Unexpected if the status of a response is not one of 400 to 499."""
    if not answer.is_client_error:
        raise Unexpected("status", f"expected 400 to 499, got {answer.status_code}")


def expect_header(answer: httpx.Response, name: str, expected: str | None = None) -> None:
    """Raise Unexpected if a response lacks a header, or if it has another value than expected."""
    got = answer.headers.get(name, MISSING)
    if got is MISSING or expected not in (None, got):
        wanted = "a value" if expected is None else shown(expected)
        raise Unexpected(f"header {name}", f"expected {wanted}, got {shown(got)}")


def expect_no_header(answer: httpx.Response, name: str) -> None:
    """Raise Unexpected if a response has a header with this name."""
    if name in answer.headers:
        raise Unexpected(f"header {name}", f"expected nothing, got {shown(answer.headers[name])}")


def expect_media_type(answer: httpx.Response, expected: str) -> None:
    """Raise Unexpected if the media type in a response's Content-Type is another one."""
    expect(answer.headers.get("Content-Type", "").partition(";")[0], expected, "header Content-Type")


def _compare(got: Any, expected: Any, at: str, *, partial: bool) -> None:
    found = first_difference(expected, got, partial=partial, path=at)
    if found is not None:
        raise Unexpected(found.path, str(found).removeprefix(f"{found.path}: "))


def _with_error(answer: httpx.Response) -> str:
    return f"{answer.status_code} {shown(answer.content)}" if answer.content else str(answer.status_code)
