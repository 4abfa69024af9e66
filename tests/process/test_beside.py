"""Tests that the fake works, from the first test on, with each tool that patches clocks, sockets, files and HTTP."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import options_without_plugins

DOCUMENT = Path(__file__).parents[2] / "docs" / "beside.md"
EVERYTHING = '''
import time

import pytest

CUSTOMERS = "https://api.kounta.com/v1/companies/5678/customers.json"
NEW = {"first_name": "Sam", "phone": "1"}


def ask(client, kounta):
    """The API and what is loaded late, in-process."""
    assert client.post(CUSTOMERS, json=NEW, auth=kounta.auth).status_code == 201
    assert client.get(CUSTOMERS, auth=kounta.auth).json()[0]["first_name"] == "Sam"
    for path in ("health", "clock", "", "page/app.js", "openapi.json", "control.openapi.json", "state"):
        assert client.get(f"https://api.kounta.com/_fakekounta/{path}").status_code == 200, path


def deliver(kounta, receiver):
    """A delivery to a live receiver arrives; waiting for what does not come ends in time."""
    kounta.webhooks.add("customers/created", receiver.url)
    kounta.customers.add(announce=True, **NEW)
    kounta.webhooks.wait_for("customers/created", timeout=30)
    (request,) = receiver.wait_for(1, timeout=30)
    assert request.is_signed
    with pytest.raises(AssertionError, match="within 0.3 s"):
        kounta.webhooks.wait_for("customers/deleted", timeout=0.3)
    with pytest.raises(AssertionError, match="within 0.3 s"):
        receiver.wait_for(2, timeout=0.3)


def control(kounta):
    """Control calls of a fake that is connected to."""
    from fakekounta import FakeKounta

    with FakeKounta.connect(kounta.url) as remote:
        assert len(remote.customers.all()) == 2
        with pytest.raises(AssertionError, match="within 0.3 s"):
            remote.webhooks.wait_for("customers/deleted", timeout=0.3)


def everything(kounta, receiver):
    ask(kounta.requests_session(), kounta)
    deliver(kounta, receiver)
    control(kounta)
    kounta.faults.slow(0.01)
    assert kounta.requests_session().get(CUSTOMERS, auth=kounta.auth).status_code == 200
'''
TOOLS = {
    "freezegun": """
        import freezegun
        from everything import everything

        @freezegun.freeze_time("2020-02-03")
        def test_it(fakekounta, fakekounta_receiver):
            everything(fakekounta, fakekounta_receiver)
            assert fakekounta.clock.now().isoformat() == "2020-02-03T00:00:00+00:00"
    """,
    "time-machine": """
        import time_machine
        from everything import everything

        @time_machine.travel("2020-02-03T00:00:00+00:00", tick=False)
        def test_it(fakekounta, fakekounta_receiver):
            everything(fakekounta, fakekounta_receiver)
            assert fakekounta.clock.now().isoformat() == "2020-02-03T00:00:00+00:00"
    """,
    "pytest-socket": """
        import pytest
        from everything import everything

        @pytest.mark.disable_socket
        def test_it(fakekounta, fakekounta_receiver):
            everything(fakekounta, fakekounta_receiver)

        @pytest.mark.allow_hosts(["10.0.0.1"])
        def test_hosts(fakekounta, fakekounta_receiver):
            everything(fakekounta, fakekounta_receiver)
    """,
    "pyfakefs": """
        import requests  # it cannot be imported in a faked file system
        from everything import everything

        def test_it(fs, fakekounta, fakekounta_receiver):
            everything(fakekounta, fakekounta_receiver)

        def test_own(fs, fakekounta_receiver):
            from fakekounta import FakeKounta
            with FakeKounta(companies=[{"id": 5678, "timezone": "Europe/Oslo"}]) as kounta:
                everything(kounta, fakekounta_receiver)

        def test_after(fakekounta, fakekounta_receiver):
            everything(fakekounta, fakekounta_receiver)
    """,
    "vcrpy": """
        import vcr
        from everything import everything

        def test_it(fakekounta, fakekounta_receiver, tmp_path):
            with vcr.use_cassette(str(tmp_path / "cassette.yaml")) as cassette:
                everything(fakekounta, fakekounta_receiver)
            assert len(cassette) == 0
            assert not list(tmp_path.iterdir())
    """,
    "responses": """
        import responses
        from everything import everything

        @responses.activate
        def test_it(fakekounta, fakekounta_receiver):
            everything(fakekounta, fakekounta_receiver)
    """,
    "unittest.mock": """
        from unittest.mock import patch
        from everything import everything

        def test_it(fakekounta, fakekounta_receiver):
            with patch("socket.socket"), patch("socket.create_connection"), patch("socket.getaddrinfo"):
                with patch("time.monotonic", return_value=1.0), patch("time.sleep"), patch("time.perf_counter"):
                    everything(fakekounta, fakekounta_receiver)
    """,
}
PLUGINS = {"pytest-socket": "socket", "pyfakefs": "fakefs", "time-machine": "time_machine"}
"""The names of the plugins of those tools that have one."""
OFTEN = ("freezegun", "pytest-socket")
"""One that stops clocks and one that forbids sockets, in each run; `make test-verify` tries all."""


@pytest.mark.parametrize(
    "tool", [one if one in OFTEN else pytest.param(one, marks=pytest.mark.whole_verification) for one in TOOLS]
)
def test_it_works_beside(tool: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """API, late imports, deliveries, control calls and waiting work as without the tool, in a process of its own."""
    monkeypatch.setenv("PYTEST_ADDOPTS", options_without_plugins(PLUGINS.get(tool, "")))
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider -p no:xdist\n")
    pytester.makepyfile(everything=EVERYTHING, test_it=TOOLS[tool])
    result = pytester.runpytest_subprocess(timeout=240)
    result.assert_outcomes(passed=TOOLS[tool].count("def test_"))


IN_PROCESS = """
from everything import everything

def test_it(fakekounta, fakekounta_receiver):
    everything(fakekounta, fakekounta_receiver)
"""
OVER_A_SOCKET = """
import pytest
import requests

PATH = "/v1/companies/5678/customers.json"

def test_the_fake(fakekounta):
    assert requests.get(fakekounta.url + PATH, auth=fakekounta.auth, timeout=30).json() == []

def test_no_other_host():
    with pytest.raises(Exception, match="socket"):
        requests.get("http://10.0.0.1/", timeout=30)
"""


@pytest.mark.parametrize(
    "options, tests",
    [
        (("--disable-socket",), IN_PROCESS),
        pytest.param(("--disable-socket", "--allow-hosts=127.0.0.1"), IN_PROCESS, marks=pytest.mark.whole_verification),
        (("--disable-socket", "--allow-hosts=127.0.0.1"), OVER_A_SOCKET),
    ],
    ids=["forbidden", "loopback", "over a socket"],
)
def test_options_of_pytest_socket(
    options: tuple[str, ...], tests: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sockets are forbidden by the command line, from the first fixture on."""
    monkeypatch.setenv("PYTEST_ADDOPTS", options_without_plugins("socket"))
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider -p no:xdist\n")
    pytester.makepyfile(everything=EVERYTHING, test_it=tests)
    result = pytester.runpytest_subprocess(*options, timeout=240)
    result.assert_outcomes(passed=tests.count("def test_"))


def test_the_document_names_each() -> None:
    """The table of the page lists exactly the tools tried here."""
    text = DOCUMENT.read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\w.\-]+)[^|]*\| works[^|]*\| in our tests", text, re.MULTILINE)
    assert sorted(rows) == sorted(TOOLS)


def test_gevent_that_comes_late_is_refused_at_once() -> None:
    """If gevent patches late, a server is refused in one line, and in-process use works."""
    code = """
import socket, sys, types
from fakekounta import FakeKounta

sys.modules["gevent.monkey"] = types.SimpleNamespace(is_module_patched=lambda name: name == "socket")
kounta = FakeKounta()
assert kounta.requests_session().get("https://api.kounta.com/_fakekounta/health").status_code == 200
try:
    kounta.start()
except RuntimeError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.startswith(
        "gevent or eventlet replaced sockets after fakekounta was imported; let it patch before"
    )
    assert len(done.stdout.splitlines()) == 1
