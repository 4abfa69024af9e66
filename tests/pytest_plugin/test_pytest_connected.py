"""Tests of the plugin with --fakekounta-url: the same tests against a running server."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from fakekounta import FakeKounta
from tests.pages import ROOT, blocks

SHOP = """
    import pytest
    import requests

    def ask(kounta, path, **options):
        return requests.get(f"{kounta.url}/v1/companies/me/{path}", auth=kounta.auth, **options)

    @pytest.mark.parametrize("number", range(5))
    def test_each_starts_at_the_seed(fakekounta, number):
        assert len(fakekounta.customers) == len(fakekounta.requests) == 0
        assert not fakekounta.clock.frozen
        fakekounta.customers.add(first_name="Sam", phone="1", mobile="0400")
        fakekounta.clock.freeze("2026-11-23T18:40:00+11:00")
        assert ask(fakekounta, "customers.json?mobile=0400").json()["first_name"] == "Sam"
        fakekounta.requests.assert_made("GET", status=302)

    def test_it_is_the_server(fakekounta_server, fakekounta):
        assert fakekounta is fakekounta_server

    @pytest.mark.fakekounta(page_size=1, assumptions={"A15": "first_name"}, seed=[{"first_name": "Zoe", "phone": "1"}])
    class TestMarked:
        def test_settings(self, fakekounta):
            fakekounta.customers.add(first_name="Ada", phone="2")
            assert [one["first_name"] for one in ask(fakekounta, "customers.json").json()] == ["Ada"]
            fakekounta.reset()
            assert [one.first_name for one in fakekounta.customers] == ["Zoe"]

    def test_unmarked(fakekounta):
        assert len(fakekounta.customers) == 0

    def test_webhooks_are_immediate(fakekounta, fakekounta_receiver):
        fakekounta.webhooks.add("customers/created", fakekounta_receiver.url)
        fakekounta.customers.add(first_name="Kim", phone="1", announce=True)
        assert len(fakekounta_receiver.received) == 1

    def test_fresh(fakekounta_server):
        url = fakekounta_server.url
        for _ in range(2):
            with fakekounta_server.fresh(page_size=3) as kounta:
                assert (kounta.url, len(kounta.customers)) == (url, 0)
                kounta.customers.add(first_name="Kim", phone="1")
                with kounta.fresh() as again:
                    assert len(again.customers) == 0
                    assert again.state()["page_size"] == 3
                assert len(kounta.customers) == 1
"""


@pytest.fixture(autouse=True)
def own_project(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider --strict-markers\nfilterwarnings = error\n")


@pytest.fixture
def server() -> Iterator[FakeKounta]:
    """A server as `fakekounta serve` makes it: webhooks in the background, and a customer of somebody else."""
    with FakeKounta(webhook_mode="background") as kounta:
        kounta.customers.add(first_name="Somebody", phone="1")
        yield kounta


def run(pytester: pytest.Pytester, server: FakeKounta, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest("--fakekounta-url", server.url, *arguments)


def assert_untouched(server: FakeKounta) -> None:
    """Check that the session left nothing in the server's own world, and no namespace."""
    assert [one.first_name for one in server.customers] == ["Somebody"]
    assert len(server.requests) == 0
    assert len(server.namespaces) == 0


def test_the_same_tests_pass(pytester: pytest.Pytester, server: FakeKounta) -> None:
    """They pass with the session's own fake and with a remote one, which is unchanged afterwards."""
    pytester.makepyfile(SHOP)
    pytester.runpytest().assert_outcomes(passed=10)
    run(pytester, server).assert_outcomes(passed=10)
    assert_untouched(server)


def test_workers_do_not_disturb_one_another(pytester: pytest.Pytester, server: FakeKounta) -> None:
    """Each worker of xdist has its own namespace."""
    pytester.makepyfile(SHOP)
    run(pytester, server, "-n", "2").assert_outcomes(passed=10)
    assert_untouched(server)


# Requests of the code under test to the real name go through the proxy, not through the fixture's URL.
REAL_NAME = """
    import pytest
    import requests

    def names(kounta):
        listed = requests.get("http://api.kounta.com/v1/companies/me/customers.json", auth=kounta.auth, timeout=60)
        return [one["first_name"] for one in listed.json()]

    @pytest.mark.parametrize("name", ["Ada", "Bea"])
    def test_the_fixture_is_what_the_real_name_reaches(fakekounta, name):
        fakekounta.customers.add(first_name=name, phone="1")
        assert names(fakekounta) == [name]
        fakekounta.requests.assert_made("GET", "/v1/companies/me/customers.json", times=1)

    @pytest.mark.fakekounta(page_size=1)
    def test_settings(fakekounta):
        fakekounta.customers.add(first_name="Ada", phone="1")
        fakekounta.customers.add(first_name="Bea", phone="2")
        assert names(fakekounta) == ["Ada"]
"""


def led_to(server: FakeKounta, monkeypatch: pytest.MonkeyPatch, proxy: str | None) -> None:
    """Set the variables of `fakekounta run`, or only the one with the server's URL."""
    monkeypatch.setenv("FAKEKOUNTA_URL", server.url)
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        if proxy is not None:
            monkeypatch.setenv(name, proxy)


def test_where_the_proxy_is_the_server_the_session_has_its_own_world(
    pytester: pytest.Pytester, server: FakeKounta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under `fakekounta run` the session uses the server's own world, and leaves it at its seed."""
    led_to(server, monkeypatch, f"{server.url}/")
    pytester.makepyfile(REAL_NAME)
    pytester.runpytest().assert_outcomes(passed=3)
    assert (len(server.customers), len(server.requests), len(server.namespaces)) == (0, 0, 0)


def test_the_variable_is_as_good_as_the_option(
    pytester: pytest.Pytester, server: FakeKounta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the proxy, the session uses a namespace."""
    led_to(server, monkeypatch, None)
    pytester.makepyfile(SHOP)
    pytester.runpytest().assert_outcomes(passed=10)
    assert_untouched(server)


@pytest.mark.whole_verification
def test_the_variable_leads_workers_to_namespaces(
    pytester: pytest.Pytester, server: FakeKounta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With xdist, each worker uses a namespace, and the real name leads there, too."""
    led_to(server, monkeypatch, server.url)
    pytester.makepyfile(SHOP)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    pytester.makepyfile(test_real_name=REAL_NAME)
    pytester.runpytest("-n", "2").assert_outcomes(passed=13)
    assert_untouched(server)


@pytest.mark.usefixtures("few_examples")
def test_the_examples_of_the_readme_pass(pytester: pytest.Pytester, server: FakeKounta) -> None:
    """They pass unchanged."""
    examples = [text for text in blocks(ROOT / "docs" / "pytest.md", "python") if "def test_" in text]
    for number, text in enumerate(examples):
        pytester.makepyfile(**{f"test_example_{number}": text})
    run(pytester, server).assert_outcomes(passed=len(examples))
    assert_untouched(server)


DELIVERING = """
    import requests

    def test_a_delivery(fakekounta, fakekounta_receiver):
        for _ in range(2):
            fakekounta.webhooks.add("customers/created", fakekounta_receiver.url)
        url = f"{fakekounta.url}/v1/companies/me/customers.json"
        requests.post(url, json={"first_name": "Kim", "phone": "1"}, auth=fakekounta.auth)
        requests.post(url, json={"first_name": "Lee", "phone": "2"}, auth=fakekounta.auth)
        assert len(fakekounta_receiver.received) == 4

    def test_in_a_fresh_world(fakekounta_server, fakekounta_receiver):
        with fakekounta_server.fresh() as kounta:
            kounta.webhooks.add("customers/deleted", fakekounta_receiver.url)
            kounta.customers.remove(kounta.customers.add(first_name="Kim", phone="1").id, announce=True)

    def test_on_the_server_itself(fakekounta_server, fakekounta_receiver):
        fakekounta_server.webhooks.add("customers/created", fakekounta_receiver.url)
        fakekounta_server.customers.add(first_name="Kim", phone="1", announce=True)

    def test_what_is_there_still_is_not_met_again(fakekounta_server):
        assert len(fakekounta_server.webhooks.deliveries) == 1
        requests.get(f"{fakekounta_server.url}/v1/companies/me.json", auth=fakekounta_server.auth)

    def test_another_has_met_none_of_it(fakekounta):
        requests.get(f"{fakekounta.url}/v1/companies/me.json", auth=fakekounta.auth)
"""


def test_quirks_are_counted_alike(pytester: pytest.Pytester, server: FakeKounta) -> None:
    """Quirks of exchanges and deliveries are counted, in both worlds of a test."""
    pytester.makepyfile(DELIVERING)
    count = ("--fakekounta-quirks", "--fakekounta-quirks-json", "met.json", "-p", "no:xdist")
    documents = []
    for more in ((), ("--fakekounta-url", server.url)):
        pytester.runpytest(*count, *more).assert_outcomes(passed=5)
        documents.append(json.loads((pytester.path / "met.json").read_text()))
    assert documents[0]["quirks"]["W11"]["times"] == 6
    assert documents[0] == documents[1]


def test_options_count(pytester: pytest.Pytester, server: FakeKounta) -> None:
    """Options of the world take effect, and the URL may be an ini key."""
    pytester.makeini(f"[pytest]\naddopts = -p no:cacheprovider\nfakekounta_url = {server.url}\n")
    pytester.makepyfile(
        f"""
        def test_it(fakekounta):
            assert fakekounta.url.startswith("{server.url}/_fakekounta/ns/pytest-")
            assert (fakekounta.state()["page_size"], fakekounta.assumptions["A01"]) == (2, "customer")
        """
    )
    arguments = ("--fakekounta-page-size=2", "--fakekounta-assumptions=A01=customer")
    pytester.runpytest(*arguments).assert_outcomes(passed=1)


def test_an_unreachable_server_fails_the_tests(pytester: pytest.Pytester) -> None:
    """The tests fail, and are not skipped; the reason is one line."""
    with FakeKounta() as gone:
        pass
    pytester.makepyfile("def test_it(fakekounta): pass")
    result = pytester.runpytest("--fakekounta-url", "http://127.0.0.1:9")
    assert not gone.namespaces
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["fakekounta: http://127.0.0.1:9 cannot be reached: *"])


@pytest.mark.parametrize(
    "settings,line",
    [
        ("{'port': 8080}", "port: is set when a server starts, and this one runs already (--fakekounta-url)"),
        ("{'pagesize': 1}", "unknown setting 'pagesize'; known are *"),
        ("{'page_size': 0}", "page_size: must be a whole number from 1 to 100000, not 0"),
    ],
)
def test_settings_that_a_remote_server_cannot_have(
    pytester: pytest.Pytester, server: FakeKounta, settings: str, line: str
) -> None:
    """They fail by name, in the session's settings and in the marker, which leaves nothing behind."""
    session = f"@pytest.fixture(scope='session')\ndef fakekounta_settings(): return {settings}"
    marker = f"@pytest.mark.fakekounta(**{settings})"
    after = "def test_after(fakekounta): assert fakekounta.state()['page_size'] == 25"
    for number, text in enumerate((f"{session}\n", f"{marker}\n")):
        pytester.makepyfile(**{f"test_{number}": f"import pytest\n{text}def test_it(fakekounta): pass\n{after}\n"})
    for number, (source, errors) in enumerate((("fakekounta", 2), ("marker fakekounta", 1))):
        result = run(pytester, server, f"test_{number}.py")
        result.stdout.fnmatch_lines([f"{source}: {line}"])
        result.assert_outcomes(errors=errors, passed=2 - errors)
    assert_untouched(server)


def test_the_token(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The token is given by option or variable; without it the tests fail; it is not shown."""
    pytester.makepyfile("def test_it(fakekounta): assert len(fakekounta.customers) == 0")
    with FakeKounta(control_token="t0ken-of-ours") as server:
        refused = run(pytester, server)
        refused.assert_outcomes(errors=1)
        refused.stdout.fnmatch_lines([f"fakekounta: {server.url} refuses: The control token is missing or wrong*"])
        run(pytester, server, "--fakekounta-token", "t0ken-of-ours").assert_outcomes(passed=1)
        monkeypatch.setenv("FAKEKOUNTA_CONTROL_TOKEN", "t0ken-of-ours")
        shown = run(pytester, server, "-v")
        shown.assert_outcomes(passed=1)
        assert "t0ken-of-ours" not in shown.stdout.str()


def test_a_failed_test_shows_its_exchanges(pytester: pytest.Pytester, server: FakeKounta) -> None:
    """The report has the exchanges, also after a failure in a fresh world."""
    pytester.makepyfile(
        """
        import requests

        def test_fails(fakekounta):
            requests.get(f"{fakekounta.url}/v1/companies/me.json", auth=fakekounta.auth)
            raise KeyError("on purpose")

        def test_fails_in_fresh(fakekounta_server):
            with fakekounta_server.fresh() as kounta:
                requests.get(f"{kounta.url}/v1/companies/1.json", auth=kounta.auth)
                raise KeyError("on purpose")
        """
    )
    result = run(pytester, server)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*Exchanges with fakekounta*", "#1 GET /v1/companies/me.json -> 200 *"])
    result.stdout.fnmatch_lines(["#1 GET /v1/companies/1.json -> 403 *"])


def test_a_gap_fails_the_test(pytester: pytest.Pytester, server: FakeKounta) -> None:
    """A path that is not modelled fails at teardown (K05), also in a fresh world, unless it is allowed."""
    pytester.makepyfile(
        """
        import pytest
        import requests

        def ask(kounta):
            requests.get(f"{kounta.url}/v1/companies/me/tables.json", auth=kounta.auth)

        def test_gap(fakekounta):
            ask(fakekounta)

        def test_gap_in_fresh(fakekounta_server):
            with fakekounta_server.fresh() as kounta:
                ask(kounta)

        def test_gap_of_the_server(fakekounta_server):
            ask(fakekounta_server)

        @pytest.mark.fakekounta(allow_unmodelled=True)
        def test_allowed(fakekounta):
            ask(fakekounta)

        def test_none(fakekounta):
            fakekounta.requests.assert_none()
        """
    )
    result = run(pytester, server)
    result.assert_outcomes(passed=5, errors=3)
    result.stdout.fnmatch_lines(["*does not model what this test requested (K05): GET /v1/companies/me/tables.json"])


@pytest.mark.parametrize(
    "parts, least",
    [("sites", 15), pytest.param("customers_lookup sites tokens", 100, marks=pytest.mark.whole_verification)],
)
def test_the_contract_suite_holds_for_a_connected_fake(
    server: FakeKounta, pytester: pytest.Pytester, parts: str, least: int
) -> None:
    """A part of the suite, with in-process clients and settings, passes against a remote server."""
    files = [str(ROOT / "contracts" / f"test_{part}.py") for part in parts.split()]
    arguments = ("-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "-p", "no:cacheprovider")
    # Two tests are about whole paths, which here begin with the namespace; and the server has no TLS
    left_out = ("-k", "not with_the_location and not has_the_extension and not tls")
    result = run(pytester, server, *arguments, *left_out, *files)
    assert result.ret == 0, result.stdout.str()
    assert result.parseoutcomes()["passed"] > least
