"""Tests that the URL pattern in the OpenAPI document matches exactly the accepted addresses (W17)."""

from __future__ import annotations

import re
from ipaddress import ip_address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fakekounta.core.web_urls import WEB_URL
from fakekounta.core.webhooks import address_problem

PATTERN = re.compile(WEB_URL)


def is_version_6(text: str) -> bool:
    try:
        return ip_address(text).version == 6
    except ValueError:
        return False


@given(st.from_regex(PATTERN, fullmatch=True))
def test_matching_addresses_are_accepted(url: str) -> None:
    """The API accepts each address that matches the pattern."""
    assert address_problem(url) is None


@given(st.text("ab[]:/?#@%1056.-", max_size=12))
@example("][::")
@example("[::1].example")
@example("a:00065535")
@example("a:65536")
@example("a:0")
def test_other_addresses_are_refused(rest: str) -> None:
    """The API refuses an address that does not match, also if the standard library accepts it."""
    url = f"http://{rest}"
    assert (address_problem(url) is None) == bool(PATTERN.fullmatch(url))


@given(st.ip_addresses(v=6).map(str) | st.text(":1f.", max_size=20))
@example("::ffff:1.2.3.4")
@example("1:2:3:4:5:6:7::")
@example("127.0.0.1")
def test_brackets_hold_ipv6(host: str) -> None:
    """The result is that of the standard library."""
    url = f"http://[{host}]:80/"
    assert bool(PATTERN.fullmatch(url)) == is_version_6(host) == (address_problem(url) is None)


@pytest.mark.parametrize("after", range(8))
@pytest.mark.parametrize("before", range(8))
def test_ipv6_is_shortened_anywhere(before: int, after: int) -> None:
    """Two colons stand for one piece or more, in any position; the last two pieces may be an IPv4 address."""
    tails = [":".join("f" * after)]
    if after > 1:
        tails.append(":".join(["f"] * (after - 2) + ["1.2.3.4"]))
    for tail in tails:
        host = f"{':'.join('1' * before)}::{tail}"
        assert is_version_6(host) == (before + after < 8)
        assert bool(PATTERN.fullmatch(f"http://[{host}]")) == (before + after < 8)


@pytest.mark.parametrize(
    "url", ["http://a\n", "http://a/\n", "http://u@a", "ftp://a", "http:///a", "http://a b", "//a"]
)
def test_these_are_refused(url: str) -> None:
    """These are refused, also with a line end behind them, which `$` would permit."""
    assert address_problem(url) is not None
    assert PATTERN.fullmatch(url) is None
