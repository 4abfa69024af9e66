"""Tests of the fake's part in a report: exchanges of a failed test, and requests that are not modelled."""

from __future__ import annotations

import pytest

ASK = """
import httpx
import pytest

def ask(kounta, path="/v1/companies/me.json", **options):
    return httpx.get(kounta.url + path, auth=kounta.auth, verify=False, **options)
"""
GAP = "/v1/companies/5678/cashups.json"


@pytest.fixture(autouse=True)
def own_project(pytester: pytest.Pytester) -> None:
    """Turn warnings into errors in the session within this one."""
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider --strict-markers\nfilterwarnings = error\n")


def run(pytester: pytest.Pytester, code: str, *arguments: str) -> pytest.RunResult:
    """Run these tests in a session within this one."""
    pytester.makepyfile(ASK + code)
    return pytester.runpytest_inprocess("-p", "no:xdist", *arguments)


def test_a_failed_test_shows_its_exchanges(pytester: pytest.Pytester) -> None:
    """The report has requests, responses and quirks of the failed test, and none of other tests."""
    result = run(
        pytester,
        """
def test_before(fakekounta):
    ask(fakekounta, "/v1/companies/me/customers.json?email=of.another@example.com")

def test_fails(fakekounta):
    place = fakekounta.url + "/v1/companies/me/customers.json"
    httpx.post(place, json={"first_name": "Jamie"}, auth=fakekounta.auth, verify=False)
    assert ask(fakekounta).status_code == 500
""",
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- Exchanges with fakekounta -*",
            "#1 POST /v1/companies/me/customers.json -> 400  [[]*C09*",
            '*> {"first_name":*"Jamie"}',
            '*< {"error":*',
            "    C09: A new customer needs `first_name` and at least one of `email`, `phone`, `mobile`.",
            "    A17: *",
            "#2 GET /v1/companies/me.json -> 200*",
        ]
    )
    result.stdout.no_fnmatch_line("*of.another*")
    result.stdout.no_fnmatch_line("*Basic*")


def test_a_test_that_uses_no_fake_shows_nothing(pytester: pytest.Pytester) -> None:
    """A test without the fake, or without requests, has no such section."""
    result = run(
        pytester,
        """
def test_asks(fakekounta):
    ask(fakekounta)

def test_other():
    assert 0

def test_asks_nothing(fakekounta):
    assert 0
""",
    )
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.no_fnmatch_line("*Exchanges with*")


def test_only_the_newest_exchanges_are_shown(pytester: pytest.Pytester) -> None:
    """Twenty are shown, with the number of the others."""
    result = run(
        pytester,
        """
def test_fails(fakekounta):
    with fakekounta.httpx_client() as client:
        for number in range(22):
            client.get(f"/v1/companies/me.json?number={number}")
    assert 0
""",
    )
    result.stdout.fnmatch_lines(["*Exchanges with*", "(2 earlier ones are left out)", "#3 *number=2 -> 401*"])
    result.stdout.no_fnmatch_line("*number=1 *")


@pytest.mark.usefixtures("hypothesis_plugin")
def test_the_exchanges_of_the_smallest_example_are_shown(pytester: pytest.Pytester) -> None:
    """With Hypothesis and a fresh world the report has those of the smallest failing example."""
    result = run(
        pytester,
        """
from hypothesis import given, settings, strategies as st

@settings(deadline=None, database=None)
@given(number=st.integers(0, 1000))
def test_fails(fakekounta_server, number):
    with fakekounta_server.fresh() as kounta:
        ask(kounta, f"/v1/companies/me.json?number={number}")
        assert number < 500
""",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Exchanges with*", "#1 GET /v1/companies/me.json?number=500 -> 200*"])
    assert str(result.stdout).count("number=500 ->") == 1


@pytest.mark.parametrize("fixture", ["fakekounta", "fakekounta_server"])
def test_what_is_not_modelled_fails_the_test(pytester: pytest.Pytester, fixture: str) -> None:
    """K05: the test fails at teardown with the reason, whether or not it expected the 404; the next one passes."""
    result = run(
        pytester,
        f"""
def test_gap({fixture}):
    with {fixture}.fresh() as kounta:
        assert ask(kounta, "{GAP}").json()["error"] == "not_found"

def test_next({fixture}):
    ask({fixture})
""",
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(
        ["*ERROR at teardown of test_gap*", f"*does not model what this test requested (K05): GET {GAP}"]
    )


def test_a_customer_that_is_not_there_is_modelled(pytester: pytest.Pytester) -> None:
    """The 404 of an unknown customer does not fail the test."""
    result = run(pytester, 'def test_it(fakekounta):\n    ask(fakekounta, "/v1/companies/me/customers/1.json")\n')
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    "mark, ini, option, errors",
    [
        ("", "", "", 1),
        ("allow_unmodelled=True", "", "", 0),
        ("", "true", "", 0),
        ("", "", "--fakekounta-allow-unmodelled", 0),
        ("allow_unmodelled=False", "true", "", 1),
        ("allow_unmodelled=False", "", "--fakekounta-allow-unmodelled", 1),
        ("", "false", "--fakekounta-allow-unmodelled", 0),
    ],
)
def test_it_can_be_allowed(pytester: pytest.Pytester, mark: str, ini: str, option: str, errors: int) -> None:
    """The marker overrides the option, and the option the ini key."""
    if ini:
        pytester.makeini(f"[pytest]\nfakekounta_allow_unmodelled = {ini}\n")
    code = f"@pytest.mark.fakekounta({mark})\ndef test_gap(fakekounta):\n    ask(fakekounta, {GAP!r})\n"
    result = run(pytester, code, *([option] if option else []))
    result.assert_outcomes(passed=1, errors=errors)


def test_a_fixture_that_asks_at_teardown_is_seen(pytester: pytest.Pytester) -> None:
    """The check comes after the teardown of the test's own fixtures."""
    result = run(
        pytester,
        f"""
@pytest.fixture
def tidy(fakekounta):
    yield
    ask(fakekounta, "{GAP}")

def test_gap(tidy):
    pass
""",
    )
    result.assert_outcomes(passed=1, errors=1)


def test_nothing_is_carried_over(pytester: pytest.Pytester) -> None:
    """A test gets neither the unmodelled request of one that failed in teardown nor exchanges of a failed example."""
    result = run(
        pytester,
        f"""
@pytest.fixture
def broken(fakekounta):
    yield
    raise KeyError("on purpose")

def test_gap(broken, fakekounta):
    ask(fakekounta, "{GAP}")

def test_next(fakekounta):
    pass

def test_example(fakekounta_server):
    with fakekounta_server.fresh() as kounta:
        ask(kounta, "/v1/companies/me.json?of=an-example")
        raise KeyError("on purpose")

def test_after(fakekounta):
    assert 0
""",
    )
    result.assert_outcomes(passed=2, failed=2, errors=1)
    assert str(result.stdout).count("of=an-example ->") == 1


def test_a_setup_that_fails_shows_its_exchanges(pytester: pytest.Pytester) -> None:
    """Requests of a fixture count as the test's."""
    result = run(
        pytester,
        """
@pytest.fixture
def jamie(fakekounta):
    ask(fakekounta, "/v1/companies/me.json?from=a-fixture")
    raise KeyError("on purpose")

def test_it(jamie):
    pass
""",
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*Exchanges with fakekounta*", "#1 *from=a-fixture -> 200*"])
