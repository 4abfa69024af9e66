"""Tests of the real names in users' tests: the guard, interception by marker, option and ini key, and letting pass."""

from __future__ import annotations

from typing import Any

import pytest

from fakekounta import FakeKounta

CODE = """
    import contextlib
    import os
    import socket

    import pytest
    import requests

    URL = "https://api.kounta.com/v1/companies/5678/customers.json"
    ORIGINALS = {name: getattr(socket, name) for name in ("gethostbyname", "gethostbyname_ex")}

    def ask(kounta):
        return requests.get(URL, auth=kounta.auth, timeout=60).status_code

    def swallow(kounta):
        with contextlib.suppress(OSError):
            ask(kounta)

    def is_touched():
        return any(getattr(socket, name) is not original for name, original in ORIGINALS.items())
"""
MARKS = """
    from code_under_test import *

    def test_guarded(fakekounta):
        with pytest.raises(requests.ConnectionError, match=r"marker_or_option") as caught:
            ask(fakekounta)

    @pytest.mark.fakekounta(intercept=True)
    class TestIntercepted:
        def test_led(self, fakekounta):
            assert ask(fakekounta) == 200
            assert len(fakekounta.requests) == 1

        @pytest.mark.fakekounta(page_size=7)
        def test_with_settings(self, fakekounta):
            assert ask(fakekounta) == 200

        def test_only_the_server(self, fakekounta_server):
            assert ask(fakekounta_server) == 200

        @pytest.mark.fakekounta(intercept="off")
        def test_off(self, fakekounta):
            assert not is_touched()

        @pytest.mark.fakekounta(intercept=False)
        def test_in_process(self, fakekounta):
            assert fakekounta.requests_session().get(URL, auth=fakekounta.auth).status_code == 200
            assert fakekounta.httpx_client().get(URL, auth=fakekounta.auth).status_code == 200

    def test_led_for_a_part(fakekounta):
        with fakekounta.intercept():
            assert ask(fakekounta) == 200

    def test_without_the_fake():
        assert not is_touched()
"""


def run(pytester: pytest.Pytester, tests: str, *arguments: str) -> pytest.RunResult:
    pytester.makepyfile(code_under_test=CODE, test_it=tests)
    return pytester.runpytest_inprocess("-p", "no:xdist", *arguments)


@pytest.fixture(params=["here", "elsewhere"])
def place(request: pytest.FixtureRequest) -> Any:
    """The options that choose the fake: in this process, or on a server."""
    if request.param == "here":
        yield ()
        return
    with FakeKounta() as kounta:
        yield (f"--fakekounta-url={kounta.url}",)


def test_each_mode_by_the_marker(pytester: pytest.Pytester, place: tuple[str, ...], all_imported: None) -> None:
    """The guarded test fails at its end although it expected the error; the others pass."""
    result = run(pytester, MARKS.replace("marker_or_option", "intercept=True"), *place)
    result.assert_outcomes(passed=8, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_guarded*",
            "fakekounta refused a connection to the real service (K09): api.kounta.com",
            "*@pytest.mark.fakekounta(intercept=True) or --fakekounta-intercept=true*",
        ]
    )


SWALLOWING = """
    from code_under_test import *

    def test_it(fakekounta):
        swallow(fakekounta)

    def test_server(fakekounta_server):
        swallow(fakekounta_server)
"""


def test_code_that_swallows_the_error_does_not_pass(pytester: pytest.Pytester, all_imported: None) -> None:
    """A test whose code ignores the guard's refusal fails, too."""
    run(pytester, SWALLOWING).assert_outcomes(passed=2, errors=2)


@pytest.mark.parametrize("text", ["true", "True"])
@pytest.mark.parametrize("way", ["option", "ini"])
def test_intercepting_by_option_and_by_key(text: str, way: str, pytester: pytest.Pytester, all_imported: None) -> None:
    """The whole session is intercepted, and the fake counts the requests."""
    options = [f"--fakekounta-intercept={text}"] if way == "option" else []
    if way == "ini":
        pytester.makeini(f"[pytest]\nfakekounta_intercept = {text}\n")
    tests = """
        from code_under_test import *

        def test_it(fakekounta):
            assert ask(fakekounta) == 200

        @pytest.mark.fakekounta(intercept="guard")
        def test_guarded(fakekounta):
            swallow(fakekounta)
    """
    run(pytester, tests, *options).assert_outcomes(passed=2, errors=1)


def test_the_option_outranks_the_key(pytester: pytest.Pytester, all_imported: None) -> None:
    """The option overrides the key, as for every setting."""
    pytester.makeini("[pytest]\nfakekounta_intercept = off\n")
    tests = """
        from code_under_test import *

        def test_it(fakekounta):
            assert is_touched()
    """
    run(pytester, tests, "--fakekounta-intercept=guard").assert_outcomes(passed=1)
    run(pytester, tests).assert_outcomes(failed=1)


@pytest.mark.parametrize(
    "marker, options, message",
    [
        ("'on'", (), 'marker fakekounta: intercept: must be True, False, "guard" or "off", not \'on\''),
        ("1", (), 'marker fakekounta: intercept: must be True, False, "guard" or "off", not 1'),
        ("[]", (), 'marker fakekounta: intercept: must be True, False, "guard" or "off", not []'),
        ("", ("--fakekounta-intercept=on",), "--fakekounta-intercept: must be true, false, guard or off, not 'on'"),
    ],
)
def test_an_unknown_mode_is_refused(
    marker: str, options: tuple[str, ...], message: str, pytester: pytest.Pytester, all_imported: None
) -> None:
    """The error is one line with the given value."""
    mark = f"@pytest.mark.fakekounta(intercept={marker})" if marker else "# no marker"
    tests = f"""
        from code_under_test import *

        {mark}
        def test_it(fakekounta):
            pass
    """
    result = run(pytester, tests, *options)
    result.assert_outcomes(errors=1)
    assert message in result.stdout.str()


def test_a_wrong_key_is_named(pytester: pytest.Pytester, all_imported: None) -> None:
    """The error has the key as written in the ini file."""
    pytester.makeini("[pytest]\nfakekounta_intercept = maybe\n")
    result = run(pytester, SWALLOWING)
    assert "fakekounta_intercept: must be true, false, guard or off, not 'maybe'" in result.stdout.str()


def test_a_test_that_ends_badly_leaves_nothing(pytester: pytest.Pytester, all_imported: None) -> None:
    """After a fixture that fails before, in or after a test, the next test is unaffected."""
    tests = """
        from code_under_test import *

        @pytest.fixture
        def bad(fakekounta, request):
            if "setup" in request.node.name:
                raise KeyError
            yield
            raise KeyError

        @pytest.mark.fakekounta(intercept=True)
        def test_setup(bad, fakekounta):
            pass

        def test_after_setup():
            assert not is_touched()

        @pytest.mark.fakekounta(intercept=True)
        def test_teardown(bad, fakekounta):
            assert ask(fakekounta) == 200
            raise KeyError

        def test_after_teardown():
            assert not is_touched()
    """
    run(pytester, tests).assert_outcomes(passed=2, failed=1, errors=2)


def test_fixtures_before_and_after_are_guarded_too(pytester: pytest.Pytester, all_imported: None) -> None:
    """Requests of fixtures count as the test's."""
    tests = """
        from code_under_test import *

        @pytest.fixture
        def before(fakekounta_settings):
            with contextlib.suppress(OSError):
                requests.get(URL, timeout=60)

        def test_it(before, fakekounta):
            pass
    """
    run(pytester, tests).assert_outcomes(passed=1, errors=1)


def test_without_trustme_a_test_fails_with_one_line(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line says what to install."""
    pytester.makeconftest("import sys\nsys.modules['trustme'] = None\n")
    pytester.makepyfile("""
        import pytest

        @pytest.mark.fakekounta(intercept=True)
        def test_it(fakekounta):
            pass
    """)
    result = pytester.runpytest_subprocess("-p", "no:xdist", timeout=240)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["fakekounta: intercept: *pip install 'fakekounta[[]intercept[]]'*"])


@pytest.mark.whole_verification
def test_beside_xdist(pytester: pytest.Pytester) -> None:
    """Each worker intercepts its own connections for its own fake."""
    tests = """
        from code_under_test import *

        @pytest.mark.parametrize("number", range(4))
        @pytest.mark.fakekounta(intercept=True)
        def test_led(number, fakekounta):
            assert ask(fakekounta) == 200
            assert len(fakekounta.requests) == 1

        @pytest.mark.parametrize("number", range(4))
        def test_after(number):
            assert not is_touched()
    """
    pytester.makepyfile(code_under_test=CODE, test_it=tests)
    pytester.runpytest_subprocess("-n", "2", timeout=240).assert_outcomes(passed=8)


def test_under_a_proxy_that_is_the_fake_the_guard_lets_it_through(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, all_imported: None
) -> None:
    """The proxy of `fakekounta run` may be used, because it is the fake; names are still not resolved."""
    tests = """
        from code_under_test import *
        import ssl

        def test_it(fakekounta):
            ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="api.kounta.com")
            assert "NO_PROXY" not in os.environ
            with pytest.raises(OSError, match="is the real service"):
                socket.getaddrinfo("api.kounta.com", 443)
    """
    monkeypatch.delenv("NO_PROXY", raising=False)
    with FakeKounta() as kounta:
        monkeypatch.setenv("FAKEKOUNTA_URL", kounta.url)
        monkeypatch.setenv("HTTPS_PROXY", kounta.url)
        run(pytester, tests).assert_outcomes(passed=1, errors=1)
