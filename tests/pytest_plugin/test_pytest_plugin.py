"""Tests of the plugin in separate projects: fixtures, marker, options, ini keys, Hypothesis, xdist."""

from __future__ import annotations

import pytest

PLAIN = """
    def test_first(fakekounta):
        assert len(fakekounta.customers) == 0
        assert not fakekounta.clock.frozen
        fakekounta.customers.add(first_name="Sam", phone="1")
        fakekounta.clock.freeze()

    def test_second(fakekounta):
        test_first(fakekounta)

    def test_server(fakekounta_server, fakekounta):
        assert fakekounta is fakekounta_server
        assert fakekounta.url == f"http://127.0.0.1:{fakekounta.port}"
"""
SIZE = "fakekounta.world.page_size"


@pytest.fixture(autouse=True)
def own_project(pytester: pytest.Pytester) -> None:
    """Turn warnings into errors in the session within this one, and keep modules from being imported twice."""
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider --strict-markers\nfilterwarnings = error\n")


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run a session within this one."""
    return pytester.runpytest_inprocess("-p", "no:xdist", *arguments)


def run_apart(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run a session in a process of its own."""
    return pytester.runpytest_subprocess("-p", "no:xdist", *arguments)


def test_each_test_starts_at_the_seed(pytester: pytest.Pytester) -> None:
    """At the start of each test the fake is empty and its clock runs."""
    pytester.makepyfile(PLAIN)
    run_apart(pytester).assert_outcomes(passed=3)


def test_no_example_is_timed(pytester: pytest.Pytester) -> None:
    """Sessions within this one run as on CI, so that neither chance nor a slow machine is a failure."""
    pytester.makepyfile(
        """
        from hypothesis import settings

        def test_settings():
            assert settings().deadline is None
            assert settings().derandomize
        """
    )
    run(pytester).assert_outcomes(passed=1)
    run_apart(pytester).assert_outcomes(passed=1)


def test_a_test_that_fails_leaves_nothing_behind(pytester: pytest.Pytester) -> None:
    """The next test has neither the data of a failed one nor the settings of its marker."""
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.mark.fakekounta(page_size=2)
        def test_first(fakekounta):
            fakekounta.customers.add(first_name="Sam", phone="1")
            raise KeyError("on purpose")

        def test_second(fakekounta):
            assert ({SIZE}, len(fakekounta.customers)) == (25, 0)
        """
    )
    run(pytester).assert_outcomes(passed=1, failed=1)


def test_the_session_has_one_server(pytester: pytest.Pytester) -> None:
    """All tests of a session share one port, which is free after the session."""
    test = """
        import pathlib

        def test_port(fakekounta):
            with pathlib.Path("ports").open("a") as file:
                print(fakekounta.port, file=file)
    """
    pytester.makepyfile(test_one=test, test_two=test)
    run(pytester).assert_outcomes(passed=2)
    (port,) = set((pytester.path / "ports").read_text().split())
    pytester.makepyfile(
        test_one=f"""
        import socket, pytest

        def test_port():
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", {port}), timeout=5)
        """
    )
    run(pytester, "test_one.py").assert_outcomes(passed=1)


@pytest.mark.fakekounta(page_size=7)
def test_a_session_within_a_test_leaves_its_fixtures_alone(
    pytester: pytest.Pytester, request: pytest.FixtureRequest
) -> None:
    """A fixture that a test asks for after a session within it has the marker of this test."""
    pytester.makepyfile(PLAIN)
    pytester.runpytest_inprocess().assert_outcomes(passed=3)
    assert request.getfixturevalue("fakekounta").world.page_size == 7


# --- the marker ------------------------------------------------------------------------------------------------


def test_the_nearest_marker_wins(pytester: pytest.Pytester) -> None:
    """Settings of module, class and function add up; the nearest counts for the same setting."""
    pytester.makepyfile(
        f"""
        import pytest

        pytestmark = pytest.mark.fakekounta(page_size=2, open_auth=True)

        def settings(fakekounta):
            world = fakekounta.world
            return world.page_size, world.open_auth, world.assumptions.changes()

        def test_module(fakekounta):
            assert settings(fakekounta) == (2, True, {{}})

        @pytest.mark.fakekounta(page_size=3, assumptions={{"A01": "customer"}})
        class TestClass:
            def test_class(self, fakekounta):
                assert settings(fakekounta) == (3, True, {{"A01": "customer"}})

            @pytest.mark.fakekounta(page_size=4, assumptions={{"A07": "422"}})
            def test_function(self, fakekounta):
                assert settings(fakekounta) == (4, True, {{"A07": "422"}})

            @pytest.mark.fakekounta(page_size=5)
            @pytest.mark.fakekounta(page_size=6, open_auth=False)
            def test_stacked(self, fakekounta):
                assert settings(fakekounta) == (6, False, {{"A01": "customer"}})

        @pytest.mark.parametrize("size", [pytest.param(7, marks=pytest.mark.fakekounta(page_size=7))])
        def test_parameter(fakekounta, size):
            assert {SIZE} == size
        """
    )
    run(pytester).assert_outcomes(passed=5)


@pytest.mark.parametrize(
    "marker,message",
    [
        ("(page_size=0)", "marker fakekounta: page_size: must be a whole number from 1 to 100000, not 0"),
        ("(pagesize=1)", "marker fakekounta: unknown setting 'pagesize'; known are companies, "),
        ("(interceptt=True)", "allow_unmodelled, intercept; did you mean intercept?"),
        ("(port=1)", "marker fakekounta: port: is a setting of the server"),
        ("(assumptions={'A01': []})", "marker fakekounta: assumptions: assumption A01 has no choice []"),
        ("(seed_file='missing.json')", "marker fakekounta: missing.json: cannot be read: No such file or directory"),
        ("(seed=[{}])", "marker fakekounta: seed[0]: first_name: is required"),
        ("(5)", "the marker fakekounta accepts keyword arguments only"),
    ],
)
def test_a_bad_marker_is_an_error_of_its_test(pytester: pytest.Pytester, marker: str, message: str) -> None:
    """The error has the setting's name and the reason, and the next test is unaffected."""
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.mark.fakekounta{marker}
        def test_bad(fakekounta): ...

        def test_good(fakekounta):
            assert ({SIZE}, len(fakekounta.customers)) == (25, 0)
        """
    )
    result = run(pytester)
    result.assert_outcomes(passed=1, errors=1)
    assert message in result.stdout.str()


def test_the_marker_is_registered(pytester: pytest.Pytester) -> None:
    """`pytest --markers` explains it."""
    run(pytester, "--markers").stdout.fnmatch_lines(["@pytest.mark.fakekounta(*settings): settings of the fake*"])


# --- with others -----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("hypothesis_plugin")
def test_hypothesis_needs_no_health_check_suppressed(pytester: pytest.Pytester) -> None:
    """fakekounta_server.fresh() under @given gives each example a clean state, also in a marked test."""
    pytester.makepyfile(
        """
        import pytest
        from hypothesis import given, settings, strategies as st

        @given(name=st.sampled_from(["Sam", "Kim"]), size=st.integers(1, 9))
        @settings(max_examples=30, deadline=None, database=None)
        def test_fresh(fakekounta_server, name, size):
            with fakekounta_server.fresh(page_size=size) as kounta:
                assert len(kounta.customers) == 0
                kounta.customers.add(first_name=name, phone="1")
                assert kounta.world.page_size == size

        def test_afterwards(fakekounta):
            assert (fakekounta.world.page_size, len(fakekounta.customers)) == (25, 0)
        """
    )
    run(pytester).assert_outcomes(passed=2)


def test_workers_of_xdist_have_a_server_each(pytester: pytest.Pytester) -> None:
    """With -n 2 each worker has its own server, and no test sees another worker's data."""
    pytester.makepyfile(
        """
        import pathlib, pytest

        @pytest.mark.parametrize("number", range(8))
        def test_alone(fakekounta, number, worker_id):
            assert len(fakekounta.customers) == 0
            fakekounta.customers.add(first_name="Sam", phone="1")
            pathlib.Path(f"{worker_id}-{fakekounta.port}").touch()
        """
    )
    pytester.runpytest("-n", "2").assert_outcomes(passed=8)
    served = [path.name.split("-") for path in pytester.path.glob("gw*-*")]
    assert len({worker for worker, _ in served}) == len({port for _, port in served}) == len(served) == 2


def test_a_session_that_does_not_ask_is_left_alone(pytester: pytest.Pytester) -> None:
    """Without a test that uses the fake, no server starts and no module of it is imported."""
    pytester.makepyfile(
        """
        import sys, threading

        def test_nothing():
            assert not {"flask", "werkzeug", "marshmallow", "fakekounta.kounta"} & set(sys.modules)
            assert [thread.name for thread in threading.enumerate()] == ["MainThread"]
        """
    )
    run_apart(pytester, "-p", "no:hypothesispytest").assert_outcomes(passed=1)
