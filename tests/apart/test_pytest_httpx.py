"""Tests of interception together with pytest-httpx, which needs one version of httpx."""

from __future__ import annotations

import pytest

TESTS = """
import httpx
import pytest

URL = "https://api.kounta.com/v1/companies/5678/customers.json"


@pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "api.kounta.com")
@pytest.mark.fakekounta(intercept=True)
def test_it(fakekounta, httpx_mock):
    httpx_mock.add_response(url="https://shop.example/stock", json={"left": 1})
    assert httpx.get(URL, auth=fakekounta.auth, timeout=60).status_code == 200
    assert httpx.get("https://shop.example/stock").json() == {"left": 1}
    assert len(fakekounta.requests) == 1


def test_what_it_mocks_itself_meets_no_guard(fakekounta, httpx_mock):
    httpx_mock.add_response(url=URL, json=[])
    assert httpx.get(URL).json() == []
"""


def test_beside_pytest_httpx(pytester: pytest.Pytester) -> None:
    """pytest-httpx answers for another host and lets the real name pass."""
    pytester.makepyfile(TESTS)
    pytester.runpytest_subprocess("-p", "no:xdist", "-p", "no:cacheprovider", timeout=240).assert_outcomes(passed=2)
