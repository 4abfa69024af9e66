"""Tests of the plugin's settings in separate projects: options, ini keys, and the fixture fakekounta_settings."""

from __future__ import annotations

import json

import pytest

SIZE = "fakekounta.world.page_size"
OPTIONS = {
    "page-size": ("7", "page_size"),
    "rate-limit": ("true", "requests_per_minute is not None"),
    "open-auth": ("true", "open_auth"),
    "assumptions": ("A01=customer,A07=422", "assumptions.changes()"),
}
CHECK = """
    def test_settings(fakekounta):
        world = fakekounta.world
        found = world.page_size, world.requests_per_minute is not None, world.open_auth, world.assumptions.changes()
        assert found == {expected!r}
        assert [customer.first_name for customer in fakekounta.customers] == {names!r}
"""
SET = (7, True, True, {"A01": "customer", "A07": "422"})


@pytest.fixture(autouse=True)
def own_project(pytester: pytest.Pytester) -> None:
    """Turn warnings into errors in the session within this one, and keep modules from being imported twice."""
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider --strict-markers\nfilterwarnings = error\n")


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run a session within this one."""
    return pytester.runpytest_inprocess("-p", "no:xdist", *arguments)


def with_seed(pytester: pytest.Pytester, name: str) -> None:
    (pytester.path / "seeds").mkdir(exist_ok=True)
    (pytester.path / "seeds" / f"{name}.json").write_text(json.dumps([{"first_name": name, "phone": "1"}]))


def test_options(pytester: pytest.Pytester) -> None:
    """Each option sets its setting for the session; a seed file is relative to the root of the project."""
    with_seed(pytester, "option")
    pytester.makepyfile(**{"sub/test_it": CHECK.format(expected=SET, names=["option"])})
    arguments = [f"--fakekounta-{name}={value}" for name, (value, _) in OPTIONS.items()]
    run(pytester, *arguments, "--fakekounta-seed-file=seeds/option.json").assert_outcomes(passed=1)


def test_ini_keys_and_options_above_them(pytester: pytest.Pytester) -> None:
    """Each ini key does the same, and an option overrides it, also with false."""
    with_seed(pytester, "key")
    keys = [f"fakekounta_{name.replace('-', '_')} = {value}" for name, (value, _) in OPTIONS.items()]
    pytester.makeini("\n".join(["[pytest]", *keys, "fakekounta_seed_file = seeds/key.json"]))
    pytester.makepyfile(CHECK.format(expected=SET, names=["key"]))
    run(pytester).assert_outcomes(passed=1)
    with_seed(pytester, "option")
    above = (3, False, False, {"A07": "409"})
    pytester.makepyfile(CHECK.format(expected=above, names=["option"]))
    given = [
        "page-size=3",
        "rate-limit=false",
        "open-auth=false",
        "assumptions=A07=409",
        "seed-file=seeds/option.json",
    ]
    run(pytester, *(f"--fakekounta-{one}" for one in given)).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    "option,message",
    [
        ("page-size=many", "fakekounta: --fakekounta-page-size: must be a whole number from 1 to 100000, not 'many'"),
        ("rate-limit=5", "fakekounta: --fakekounta-rate-limit: must be true or false, or numbers for basic and oauth"),
        ("open-auth=5", "fakekounta: --fakekounta-open-auth: must be true or false"),
        ("assumptions=A01", "fakekounta: --fakekounta-assumptions: assumption A01 has no choice ''"),
        ("seed-file=missing.json", "missing.json: cannot be read: No such file or directory"),
    ],
)
def test_a_bad_option_is_an_error_that_names_it(pytester: pytest.Pytester, option: str, message: str) -> None:
    """Each test that uses the fake has an error with the setting and the reason; other tests run."""
    pytester.makepyfile("def test_with(fakekounta): ...\ndef test_without(): ...")
    result = run(pytester, f"--fakekounta-{option}")
    result.assert_outcomes(passed=1, errors=1)
    assert message in result.stdout.str()


def test_the_settings_fixture_can_be_overridden(pytester: pytest.Pytester) -> None:
    """The fixture of a conftest overrides options, and the marker overrides it."""
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def fakekounta_settings():
            return {"page_size": 2, "seed": [{"first_name": "Sam", "phone": "1"}]}
        """
    )
    pytester.makepyfile(
        f"""
        import pytest

        def test_conftest(fakekounta):
            assert ({SIZE}, fakekounta.world.open_auth, len(fakekounta.customers)) == (2, True, 1)
            fakekounta.customers.remove(389427)

        @pytest.mark.fakekounta(page_size=3)
        def test_marker(fakekounta):
            assert ({SIZE}, len(fakekounta.customers)) == (3, 1)
        """
    )
    run(pytester, "--fakekounta-page-size=9", "--fakekounta-open-auth=true").assert_outcomes(passed=2)


def test_a_bad_settings_fixture_is_an_error_that_says_so(pytester: pytest.Pytester) -> None:
    """An unknown setting is named."""
    pytester.makeconftest(
        "import pytest\n@pytest.fixture(scope='session')\ndef fakekounta_settings(): return {'pagesize': 2}"
    )
    pytester.makepyfile("def test_with(fakekounta): ...")
    result = run(pytester)
    result.assert_outcomes(errors=1)
    assert "fakekounta: unknown setting 'pagesize'" in result.stdout.str()


def test_the_help_lists_the_options(pytester: pytest.Pytester) -> None:
    """`pytest --help` names every option and every ini key."""
    text = run(pytester, "--help").stdout.str()
    for name in (*OPTIONS, "seed-file"):
        assert f"--fakekounta-{name}" in text
        assert f"fakekounta_{name.replace('-', '_')}" in text


def test_settings_of_the_server_come_by_the_fixture(pytester: pytest.Pytester) -> None:
    """Settings such as allow_hosts (K07), which no option and no marker has, are set by the fixture."""
    pytester.makeconftest(
        "import pytest\n@pytest.fixture(scope='session')\ndef fakekounta_settings():"
        "\n    return {'allow_hosts': ['shop.test']}"
    )
    pytester.makepyfile(
        """
        from werkzeug.test import Client

        def test_hosts(fakekounta):
            for host, status in (("shop.test:8080", 200), ("other.test", 403)):
                answer = Client(fakekounta.wsgi_app).get(
                    "/v1/companies/me.json", headers={"Host": host}, auth=fakekounta.auth
                )
                assert answer.status_code == status
        """
    )
    run(pytester).assert_outcomes(passed=1)


def test_a_mistyped_ini_key_is_refused_with_the_nearest(pytester: pytest.Pytester) -> None:
    """The session does not begin."""
    pytester.makeini("[pytest]\nfakekounta_pagesize = 3\n")
    result = run(pytester)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "fakekounta_pagesize: is unknown; did you mean fakekounta_page_size?" in result.stderr.str()


@pytest.mark.parametrize("argument", ["--fakekounta-pagesize=3", "--fakekounta-quirk"])
def test_an_unknown_option_is_refused_with_the_nearest(pytester: pytest.Pytester, argument: str) -> None:
    """An unknown option is one line with the nearest one; after `--` it is an argument."""
    near = {"--fakekounta-pagesize=3": "page-size", "--fakekounta-quirk": "quirks"}[argument]
    result = pytester.runpytest(argument)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    name = argument.partition("=")[0]
    result.stderr.fnmatch_lines([f"ERROR: {name}: is unknown[;] did you mean --fakekounta-{near}?"])
    assert "is unknown" not in pytester.runpytest("--", argument).stderr.str()


def test_a_mistyped_key_of_the_marker_is_refused_with_the_nearest(pytester: pytest.Pytester) -> None:
    """A setting of the server's start is refused, too, since no test can change the port."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.fakekounta(pagesize=3)
        def test_mistyped(fakekounta): ...

        @pytest.mark.fakekounta(port=3)
        def test_of_the_server(fakekounta): ...
        """
    )
    result = run(pytester)
    result.assert_outcomes(errors=2)
    text = result.stdout.str()
    assert "marker fakekounta: unknown setting 'pagesize'; known are companies, " in text
    assert "; did you mean page_size?" in text
    assert "marker fakekounta: port: is a setting of the server: give it to FakeKounta, or in the fixture" in text


@pytest.mark.parametrize("marker", ["page_sise=2", "assumptions={'A07': '421'}", "intercept=7"])
def test_a_wrong_marker_is_reported_in_one_line(pytester: pytest.Pytester, marker: str) -> None:
    """The exception of our own reader is not shown before it."""
    pytester.makepyfile(f"import pytest\n@pytest.mark.fakekounta({marker})\ndef test_it(fakekounta): pass\n")
    shown = pytester.runpytest_inprocess("-p", "no:xdist").stdout.str()
    assert "marker fakekounta: " in shown
    assert "During handling" not in shown
    assert "Traceback" not in shown


def test_a_marker_without_the_fixture_is_warned_of(pytester: pytest.Pytester) -> None:
    """A marker on a test without the fixture is warned of, unless it is of a class or module, or asked for later."""
    pytester.makepyfile(
        """
import pytest
pytestmark = pytest.mark.fakekounta(page_size=3)
@pytest.mark.fakekounta(page_size=2)
def test_idle(): pass
def test_plain(): pass
@pytest.mark.fakekounta(page_size=2)
def test_uses(fakekounta): pass
@pytest.mark.fakekounta(page_size=2)
def test_asks(request): request.getfixturevalue("fakekounta")
"""
    )
    result = pytester.runpytest_inprocess("-p", "no:xdist", "-W", "default")
    result.assert_outcomes(passed=4, warnings=1)
    result.stdout.fnmatch_lines(["*test_idle*", "*the marker fakekounta does nothing: the test uses neither*"])
