"""Tests of `--fakekounta-quirks` in separate projects."""

from __future__ import annotations

import json

import pytest

from fakekounta.catalogue.quirks import Basis, Quirk
from fakekounta.pytest_plugin.quirk_coverage import relevant

TESTS = """
import httpx
import pytest

def get(kounta, path, **options):
    return httpx.get(f"{kounta.url}/v1/companies/5678/customers{path}", auth=kounta.auth, verify=False, **options)

@pytest.mark.parametrize("times", [1, 3])
def test_record(fakekounta, times):
    customer = fakekounta.customers.add(first_name="Jamie", phone="1")
    for _ in range(times):
        assert get(fakekounta, f"/{customer.id}.json").status_code == 200

def test_nothing(fakekounta):
    fakekounta.customers.add(first_name="Jamie", phone="1")

@pytest.fixture(scope="module")
def listed(fakekounta_server):
    return get(fakekounta_server, ".json").json()

def test_list(listed):
    assert listed == []
"""


@pytest.fixture(autouse=True)
def own_project(pytester: pytest.Pytester) -> None:
    """Turn warnings into errors in the session within this one."""
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider --strict-markers\nfilterwarnings = error\n")
    pytester.makepyfile(test_it=TESTS)


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run a session within this one."""
    return pytester.runpytest_inprocess("-p", "no:xdist", *arguments)


def test_the_table_lists_covered_and_uncovered_quirks(pytester: pytest.Pytester) -> None:
    """The table has exchanges and tests, and the uncovered quirks of used families, DOCUMENTED first."""
    result = run(pytester, "--fakekounta-quirks")
    result.assert_outcomes(passed=4)
    assert result.ret == pytest.ExitCode.OK
    total = len(relevant(frozenset("TCPOA"), []))
    result.stdout.fnmatch_lines(
        [
            "*= quirks of the Kounta API =*",
            f"your tests covered * of {total} quirks (*%)",
            "covered        times  tests",
            "  T04               5      3  Every route exists with and without*",
            "  C01               1      1  `GET /customers` is 200*",
            "  C03               4      2  `GET /customers/{id}` is 200*",
            "not covered, DOCUMENTED",
            "  C04  `?email=` is a 302 to the customer, or 404.",
            "not covered, REPORTED",
            "  C17  *",
        ]
    )
    text = result.stdout.str()
    assert not any(
        f"  {quirk.id} " in text
        for quirk in Quirk
        if quirk.id[0] in "WRK" or (quirk.id[0] == "A" and quirk.basis is Basis.ASSUMED)
    )


def test_without_the_option_nothing_is_reported(pytester: pytest.Pytester) -> None:
    """A session without the option ends as usual."""
    assert "quirks of" not in run(pytester).stdout.str()
    assert "quirks of" not in run(pytester, "--fakekounta-quirks", "--collect-only").stdout.str()


def test_what_counts_can_be_chosen(pytester: pytest.Pytester) -> None:
    """All, or families by name; an invalid choice ends the session before it begins."""
    result = run(pytester, "--fakekounta-quirks-of", "all")
    result.stdout.fnmatch_lines([f"your tests covered * of {len(relevant('all', []))} quirks*", "not covered, ASSUMED"])
    result = run(pytester, "--fakekounta-quirks-of=webhooks")
    result.stdout.fnmatch_lines([f"your tests covered 0 of {len(relevant(frozenset('W'), []))} quirks (0%)"])
    result = run(pytester, "--fakekounta-quirks-of=cashups")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --fakekounta-quirks-of: 'cashups' is not a family of quirks; choose from *"])


@pytest.mark.parametrize("asked", ["101", "-1", "half", "nan"])
def test_a_bad_limit_ends_the_session_before_it_begins(pytester: pytest.Pytester, asked: str) -> None:
    """The limit must be a percentage."""
    result = run(pytester, f"--fakekounta-quirks-fail-under={asked}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [f"ERROR: --fakekounta-quirks-fail-under: must be a number from 0 to 100, not '{asked}'"]
    )


def test_too_few_fail_the_session(pytester: pytest.Pytester) -> None:
    """The exit status is that of failed tests, with a line that gives the reason; a failed session keeps its own."""
    result = run(pytester, "--fakekounta-quirks-fail-under", "60")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["FAIL fakekounta: *% of the quirks were covered, fewer than 60%: --fakekounta-quirks-html *"]
    )
    assert run(pytester, "--fakekounta-quirks-fail-under", "10").ret == pytest.ExitCode.OK
    nothing = run(pytester, "--fakekounta-quirks-fail-under", "60", "-k", "no_such_test")
    assert nothing.ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_the_ini_file_can_ask_for_it(pytester: pytest.Pytester) -> None:
    """Ini keys have the names of the options."""
    pytester.makeini(
        "[pytest]\nfakekounta_quirks = true\nfakekounta_quirks_of = all\nfakekounta_quirks_fail_under = 90\n"
    )
    result = run(pytester, "-p", "no:cacheprovider")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["FAIL fakekounta: *% of the quirks were covered, fewer than 90%: *"])


def test_it_is_written_as_json(pytester: pytest.Pytester) -> None:
    """The file has the same counts, and each quirk's statement; a path that cannot be written fails the session."""
    run(pytester, "--fakekounta-quirks-json", "quirks.json")
    written = json.loads((pytester.path / "quirks.json").read_text(encoding="utf-8"))
    assert written["quirks"]["C03"] == {
        "slug": "GET_BY_ID",
        "basis": "DOCUMENTED",
        "statement": Quirk.C03_GET_BY_ID.statement,
        "counts": True,
        "times": 4,
        "tests": 2,
    }
    assert (written["quirks"]["A06"]["counts"], written["quirks"]["A06"]["times"]) == (False, 4)
    assert written["covered"] + len(written["not_covered"]) == written["total"]
    assert "C04" in written["not_covered"]
    result = run(pytester, "--fakekounta-quirks-json", "no/such/folder.json")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["FAIL fakekounta: --fakekounta-quirks-json: *folder.json cannot be written: No such file*"]
    )


@pytest.mark.parametrize("arguments", [("-n", "2"), ("-n0",)])
def test_workers_of_xdist_are_added_up(pytester: pytest.Pytester, arguments: tuple[str, ...]) -> None:
    """Each exchange counts once, and the limit is checked for the sum."""
    options = ("--fakekounta-quirks-json", "quirks.json", "--fakekounta-quirks-fail-under=95")
    result = pytester.runpytest(*arguments, *options)
    result.assert_outcomes(passed=4)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["  C03               4      2  *", "FAIL fakekounta: *fewer than 95%: *"])
    assert json.loads((pytester.path / "quirks.json").read_text(encoding="utf-8"))["quirks"]["C03"]["times"] == 4


def test_deliveries_count_and_a_sweep_does_not_count_twice(pytester: pytest.Pytester) -> None:
    """Quirks of a delivery count for its test; of a sweep only the default runs count."""
    pytester.makepyfile(
        test_hook="""
        def test_delivery(fakekounta, fakekounta_receiver):
            fakekounta.webhooks.add("customers/created", fakekounta_receiver.url)
            fakekounta.customers.add(first_name="Jamie", phone="1", announce=True)
            assert len(fakekounta_receiver.received) == 1
        """
    )
    for more in ((), ("--fakekounta-sweep",)):
        result = run(pytester, "--fakekounta-quirks-of=webhooks,customers", *more)
        result.stdout.fnmatch_lines(["  C03               4      2  *", "  W10               1      1  *"])
