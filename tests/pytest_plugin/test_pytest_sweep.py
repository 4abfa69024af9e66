"""Tests of `--fakekounta-sweep` in separate projects."""

from __future__ import annotations

import re

import pytest

from fakekounta.pytest_plugin.findings import Findings
from fakekounta.pytest_plugin.sweeping import DEFAULT, Row
from tests.choices import EMAIL
from tests.conftest import options_without_plugins

CLIENT = """
import httpx
import pytest

def new(kounta, **fields):
    place = f"{kounta.url}/v1/companies/me/customers.json"
    fields = {"first_name": "Jamie", "phone": "1", **fields}
    return httpx.post(place, json=fields, auth=kounta.auth, verify=False)  # loading certificates takes 20 ms
"""
SYNC = """
def test_sync(fakekounta):
    assert new(fakekounta).content == b""
"""
DEPENDS = "test_it.py::test_sync depends on A01: passes with `empty`, fails with `customer`"


@pytest.fixture(autouse=True)
def own_project(pytester: pytest.Pytester) -> None:
    """Turn warnings into errors in the session within this one."""
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider --strict-markers\nfilterwarnings = error\n")


def sweep(pytester: pytest.Pytester, code: str, *arguments: str) -> pytest.RunResult:
    """Run a sweep of these tests within this session."""
    pytester.makepyfile(test_it=CLIENT + code)
    return pytester.runpytest_inprocess("-p", "no:xdist", "--fakekounta-sweep", *arguments)


def ran(result: pytest.RunResult) -> set[str]:
    """Return the node ids, without the file, of the runs of a verbose session."""
    return set(re.findall(r"^test_it\.py::(\S+) (?:PASSED|FAILED|SKIPPED|XFAIL)", result.stdout.str(), re.MULTILINE))


def table(result: pytest.RunResult) -> list[str]:
    """Return the lines of the closing table."""
    text = result.stdout.str()
    return re.split(r"^=+ .*=+$", text.split(" fakekounta sweep ")[1], flags=re.MULTILINE)[0].splitlines()[1:]


def test_a_test_that_depends_on_a_choice_is_found(pytester: pytest.Pytester) -> None:
    """A test that fails under an alternative is in the table with it, and the session fails."""
    result = sweep(pytester, SYNC, "-v")
    result.assert_outcomes(passed=4, failed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert table(result)[0] == DEPENDS
    assert "  A01  A 201 has an empty body." in table(result)
    assert ran(result) == {
        f"test_sync[{label}]" for label in ("default", "A01=customer", "A02=root_relative", "A03=always", "A03=never")
    }


def test_what_is_not_asked_is_not_run(pytester: pytest.Pytester) -> None:
    """Skipped runs do not count as passed; the table lists the assumptions that no test asked."""
    result = sweep(pytester, "def test_nothing(fakekounta): ...\ndef test_other(): ...", "-v")
    result.assert_outcomes(passed=2)
    assert ran(result) == {"test_nothing[default]", "test_other"}
    lines = table(result)
    assert lines[0] == "no test depends on an assumption"
    assert lines[2] == "1 test; 0 runs under alternatives"
    assert lines[3].startswith("not asked by any test, so the sweep says nothing about them: A01 A02 ")
    assert "100%" in result.stdout.str()


@pytest.mark.usefixtures("hypothesis_plugin")
def test_what_is_drawn_is_run_always(pytester: pytest.Pytester) -> None:
    """A property test is always run, since its next run may ask more assumptions."""
    code = """
from hypothesis import given, settings, strategies as st

@given(name=st.just("Kim"))
@settings(deadline=None, database=None)
def test_drawn(fakekounta_server, name):
    with fakekounta_server.fresh(): ...
"""
    sweep(pytester, code, "--fakekounta-sweep-only=A01,A02").assert_outcomes(passed=3)


def test_report_only_findings_do_not_fail_the_session(pytester: pytest.Pytester) -> None:
    """With --fakekounta-sweep-report-only they are expected failures; a test that fails by default still fails."""
    result = sweep(pytester, SYNC, "--fakekounta-sweep-report-only")
    result.assert_outcomes(passed=4, xfailed=1)
    assert (result.ret, table(result)[0]) == (pytest.ExitCode.OK, DEPENDS)
    result = sweep(
        pytester, "def test_bad(fakekounta): assert new(fakekounta).content", "--fakekounta-sweep-report-only"
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert table(result)[0] == "test_it.py::test_bad depends on A01: fails with `empty`, passes with `customer`"


def test_only_some_are_swept(pytester: pytest.Pytester) -> None:
    """Assumptions are selected by option, which alone does not sweep, or by ini keys."""
    result = sweep(pytester, SYNC, "-v", "--fakekounta-sweep-only", "A02, A03")
    assert ran(result) == {
        f"test_sync[{label}]" for label in ("default", "A02=root_relative", "A03=always", "A03=never")
    }
    pytester.makeini(
        "[pytest]\nfakekounta_sweep = true\nfakekounta_sweep_only = A01\nfakekounta_sweep_report_only = true\n"
    )
    result = pytester.runpytest_inprocess("-p", "no:xdist", "-v", "-p", "no:cacheprovider")
    assert ran(result) == {"test_sync[default]", "test_sync[A01=customer]"}
    assert result.ret == pytest.ExitCode.OK


def test_ini_keys_alone_say_how_and_not_whether(pytester: pytest.Pytester) -> None:
    """Ini keys configure sweeping and counting, but do not switch them on."""
    keys = ("sweep_only = A01", "sweep_report_only = true", "quirks_of = all", "quirks_fail_under = 99")
    pytester.makeini("\n".join(("[pytest]", *(f"fakekounta_{key}" for key in keys))))
    pytester.makepyfile(test_it=CLIENT + SYNC)
    result = pytester.runpytest_inprocess("-p", "no:xdist", "-p", "no:cacheprovider", "-v")
    assert result.ret == pytest.ExitCode.OK
    assert ran(result) == {"test_sync"}


def test_an_unknown_assumption_cannot_be_swept(pytester: pytest.Pytester) -> None:
    """An unknown assumption ends the session before it begins."""
    result = sweep(pytester, SYNC, "--fakekounta-sweep-only", "A01,C04")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --fakekounta-sweep-only: 'C04' is not an assumption; known are A01, A02, *"])


def test_what_somebody_chose_is_not_swept(pytester: pytest.Pytester) -> None:
    """A choice by marker (for a test), by option, or by the fixture fakekounta_settings is not swept."""
    marked = """
@pytest.mark.fakekounta(assumptions={"A01": "empty"}, page_size=3)
def test_marked(fakekounta):
    assert new(fakekounta).content == b"" and fakekounta.world.page_size == 3
"""
    result = sweep(pytester, SYNC + marked, "-v", "--fakekounta-assumptions", "A03=never")
    assert ran(result) == {
        *(f"test_sync[{label}]" for label in ("default", "A01=customer", "A02=root_relative")),
        *(f"test_marked[{label}]" for label in ("default", "A02=root_relative")),
    }
    override = """
@pytest.fixture(scope="session")
def fakekounta_settings():
    return {"assumptions": {"A01": "empty"}}
"""
    result = sweep(pytester, SYNC + override, "-v")
    assert "test_sync[A01=customer]" not in ran(result)
    assert result.ret == pytest.ExitCode.OK


def test_parametrized_tests_classes_and_names(pytester: pytest.Pytester) -> None:
    """Node ids begin with the test's own parameters; -k and node ids select runs."""
    code = """
@pytest.mark.parametrize("name", ["Kim", "Lee"])
class TestClass:
    @pytest.mark.parametrize("size", [1, 2])
    def test_in_class(self, fakekounta, name, size):
        assert new(fakekounta, first_name=name).content == b""
"""
    result = sweep(pytester, code, "-v", "-k", "A01 or default")
    assert ran(result) == {
        f"TestClass::test_in_class[{size}-{name}-{label}]"
        for size in (1, 2)
        for name in ("Kim", "Lee")
        for label in ("default", "A01=customer")
    }
    assert table(result)[0].startswith("test_it.py::TestClass::test_in_class[1-Kim] depends on A01: passes with ")
    result = sweep(pytester, code, "-v", "test_it.py::TestClass::test_in_class[2-Lee-A01=customer]")
    result.assert_outcomes(failed=1)
    assert table(result)[0] == (
        "test_it.py::TestClass::test_in_class[2-Lee] fails with A01=customer; by default it was not run, or skipped"
    )


@pytest.mark.usefixtures("hypothesis_plugin")
def test_the_server_itself_is_swept(pytester: pytest.Pytester) -> None:
    """Tests with fakekounta_server, in fresh() or directly, and fixtures of a module run under the alternative."""
    result = sweep(
        pytester,
        """
from hypothesis import given, settings, strategies as st

def test_fresh(fakekounta_server):
    with fakekounta_server.fresh(page_size=2) as kounta:
        assert new(kounta).content == b""
        assert kounta.world.page_size == 2

def test_direct(fakekounta_server):
    assert new(fakekounta_server).content == b""

@given(name=st.sampled_from(["Kim", "Lee"]))
@settings(deadline=None, database=None)
def test_given(fakekounta_server, name):
    with fakekounta_server.fresh() as kounta:
        assert new(kounta, first_name=name).content == b""

class TestClass:
    @given(name=st.sampled_from(["Kim", "Lee"]))
    @settings(deadline=None, database=None)
    def test_given(self, fakekounta_server, name):
        with fakekounta_server.fresh() as kounta:
            assert new(kounta, first_name=name).content == b""

    @given(name=st.sampled_from(["Kim", "Lee"]))
    @settings(deadline=None, database=None)
    def test_fine(self, fakekounta_server, name):
        with fakekounta_server.fresh() as kounta:
            new(kounta, first_name=name).raise_for_status()

def test_chosen(fakekounta_server):
    with fakekounta_server.fresh(assumptions={"A01": "empty"}) as kounta:
        assert new(kounta).content == b""

@pytest.fixture(scope="module")
def made(fakekounta_server):
    return new(fakekounta_server)

def test_first(made, fakekounta_server): ...

def test_second(made):
    assert made.content == b""
""",
        "--fakekounta-sweep-only=A01",
        "-v",
    )
    tests = ("test_fresh", "test_direct", "test_given", "TestClass::test_given", "test_second")
    assert table(result)[: len(tests)] == [DEPENDS.replace("test_sync", test) for test in tests]
    assert "test_first[A01=customer]" in ran(result)
    assert {"test_chosen[A01=customer]", "TestClass::test_fine[A01=customer]"} <= ran(result)
    result.assert_outcomes(passed=11, failed=5)


def test_what_one_test_leaves_concerns_the_next(pytester: pytest.Pytester) -> None:
    """In a lasting world the assumptions that one test asked count for later ones, too."""
    code = """
def test_makes(fakekounta_server):
    {reset}
    fakekounta_server.made = new(fakekounta_server)

def test_uses(fakekounta_server):
    assert fakekounta_server.made.content == b""
"""
    for reset in ("pass", "fakekounta_server.reset()"):
        result = sweep(pytester, code.format(reset=reset), "--fakekounta-sweep-only=A01")
        assert table(result)[0] == DEPENDS.replace("test_sync", "test_uses"), reset


def test_a_seed_that_an_alternative_refuses_is_found(pytester: pytest.Pytester) -> None:
    """With two mobiles of the same digits in the seed, the fixture itself fails under A11."""
    code = """
@pytest.mark.fakekounta(seed=[{"first_name": "Al", "mobile": "0 1"}, {"first_name": "Bo", "mobile": "01"}])
def test_seeded(fakekounta):
    assert len(fakekounta.customers) == 2

def test_by_hand(fakekounta):
    for mobile in ("0 1", "01"):
        fakekounta.customers.add(first_name="Al", mobile=mobile)

@pytest.mark.fakekounta(seed=[{"first_name": "Al", "email": "x"}])
def test_refused(fakekounta): ...
"""
    result = sweep(pytester, code)
    assert table(result)[:3] == [
        "test_it.py::test_seeded depends on A11: passes with `exact`, fails with `digits`",
        "test_it.py::test_by_hand depends on A11: passes with `exact`, fails with `digits`",
        f"test_it.py::test_refused depends on {EMAIL.id}: fails with `refused`, passes with `accepted`",
    ]


def test_async_tests_are_swept(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests with anyio's plugin, which parametrizes them, are swept."""
    monkeypatch.setenv("PYTEST_ADDOPTS", options_without_plugins("anyio"))
    code = """
@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.mark.anyio
async def test_sync(fakekounta):
    async with httpx.AsyncClient(auth=fakekounta.auth) as client:
        place = f"{fakekounta.url}/v1/companies/me/customers.json"
        assert (await client.post(place, json={"first_name": "Al", "phone": "1"})).content == b""
"""
    pytester.makepyfile(test_it=CLIENT + code)
    result = pytester.runpytest("-p", "no:xdist", "--fakekounta-sweep", "--fakekounta-sweep-only=A01")
    assert table(result)[0] == DEPENDS


def test_what_cannot_be_swept_is_named(pytester: pytest.Pytester) -> None:
    """Methods of unittest, and fixtures requested during a test, run once and are listed."""
    code = """
import unittest

@pytest.mark.usefixtures("fakekounta")
class TestCase(unittest.TestCase):
    def test_unit(self): ...

def test_dynamic(request):
    new(request.getfixturevalue("fakekounta"))

def test_without(): ...
"""
    result = sweep(pytester, SYNC + code, "--fakekounta-sweep-report-only")
    result.assert_outcomes(passed=7, xfailed=1)
    lines = table(result)
    at = lines.index("not swept, because pytest cannot parametrize them:")
    assert lines[at + 1 : at + 3] == ["  test_it.py::TestCase::test_unit", "  test_it.py::test_dynamic"]
    assert "test_without" not in "".join(lines)


def test_modules_end_where_their_last_runs_are_left_out(pytester: pytest.Pytester) -> None:
    """Fixtures of a module are torn down, and their errors reported, although its last run is left out."""
    ends = """
import pytest

@pytest.fixture(scope="module", autouse=True)
def ends():
    yield
    raise KeyError("on purpose")
"""
    last = "\ndef test_nothing(fakekounta): ..."
    pytester.makepyfile(test_a=CLIENT + SYNC, test_b=CLIENT + ends + SYNC + last, test_c=CLIENT + SYNC)
    result = pytester.runpytest_inprocess("-p", "no:xdist", "--fakekounta-sweep", "--fakekounta-sweep-only=A01")
    result.assert_outcomes(passed=4, failed=3, errors=2)
    result.stdout.fnmatch_lines(["ERROR test_b.py::test_nothing*on purpose*"])


def test_the_first_failure_can_end_it(pytester: pytest.Pytester) -> None:
    """-x ends the sweep; the table has the runs so far."""
    result = sweep(pytester, SYNC, "-x")
    result.assert_outcomes(passed=1, failed=1)
    assert table(result)[0] == DEPENDS


def test_last_failed_runs_alone(pytester: pytest.Pytester) -> None:
    """--lf runs only the alternatives that failed."""
    pytester.makeini("[pytest]\n")
    sweep(pytester, SYNC)
    result = sweep(pytester, SYNC, "-v", "--lf")
    assert ran(result) == {"test_sync[A01=customer]"}


def test_combinations(pytester: pytest.Pytester) -> None:
    """Pairwise finds a failure that needs two alternatives; the table has the asked ones."""
    code = """
def test_pair(fakekounta):
    answer = new(fakekounta)
    assert not (answer.content and answer.headers["Location"].startswith("/"))
"""
    alone = sweep(pytester, code)
    assert table(alone)[0] == "no test depends on an assumption"
    paired = sweep(pytester, code, "--fakekounta-sweep-pairwise", "--fakekounta-sweep-only=A01,A02,A10")
    assert re.fullmatch(
        r"test_it\.py::test_pair passes by default, fails with A01=customer A02=root_relative \(combination\d\)",
        table(paired)[0],
    )


DEFAULTS_FIRST = """
import time
from pathlib import Path

import pytest

@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    test, _, row = item.nodeid.partition("[")
    ended = Path(__file__).parent / (test.replace("::", ".") + ".ended")
    deadline = time.monotonic() + 120
    while row != "default]" and not ended.exists():
        assert time.monotonic() < deadline, f"the default run of {test} did not end"
        time.sleep(0.01)
    yield
    ended.touch()
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ("-n", "2", "--dist", "load"),
        pytest.param(("-n", "2", "--dist", "loadfile"), marks=pytest.mark.whole_verification),
        ("-n0",),
    ],
)
def test_workers_of_xdist_share_the_runs(pytester: pytest.Pytester, arguments: tuple[str, ...]) -> None:
    """The table is complete, and a worker leaves out runs that need not be made after another worker's default run."""
    others = "".join(f"\ndef test_{number}(fakekounta): ...\n" for number in range(4))
    pytester.makeconftest(DEFAULTS_FIRST)
    pytester.makepyfile(test_it=CLIENT + SYNC + others, test_two=CLIENT + SYNC)
    result = pytester.runpytest("--fakekounta-sweep", "-v", *arguments)
    assert {DEPENDS, DEPENDS.replace("test_it.py", "test_two.py")} <= set(table(result))
    result.assert_outcomes(failed=2, passed=12)


def test_assumptions_of_other_resources_are_left_out_unless_one_was_asked() -> None:
    """A suite about customers hears nothing of orders; one about orders hears of those that it did not ask."""
    for asked, expected in ((["A01"], "A02"), (["D50"], "A01 A02 D51")):
        found = Findings([DEFAULT, Row("other", {"A01": "customer", "A02": "absolute", "D50": "none", "D51": "409"})])
        found.add(test="t", row=DEFAULT.label, when="call", outcome="passed", failed=False, asked=asked)
        assert found.lines()[-1].endswith(f"about them: {expected}")
