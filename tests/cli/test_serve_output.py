"""Tests of the output of `fakekounta serve`: the line for programs, the banner, and a line for each exchange."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fakekounta import FakeKounta
from fakekounta.cli.banner import changes
from fakekounta.settings.sources import chosen, from_text
from fakekounta.settings.table import SHELL, names_of
from tests.commands import PATIENCE_SECONDS, environment, fetch, serving, url_in

LOOK_UP = "/v1/companies/5678/customers.json?email=nobody@example.com"
SECRET = "s3cr3t-of-a-test"


def banner_of(*arguments: str, cwd: Path | None = None, **env: str) -> tuple[str, list[str]]:
    """Yield the URL of a server whose stdout is a pipe, and all lines after the first."""
    with serving("--port", "0", *arguments, env=env, cwd=cwd) as (process, line):
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        return url_in(line), process.stdout.read().splitlines()


def rows(lines: list[str]) -> list[tuple[str, str]]:
    """Return name and text of each row of a banner."""
    return [(name, text) for name, text in (re.split(r" {2,}", line.strip(), maxsplit=1) for line in lines if line)]


def test_the_banner_follows_the_line_for_programs() -> None:
    """The banner has API, dashboard, credentials and how to stop; without changed settings it lists none."""
    url, lines = banner_of()
    assert (lines[0], lines[-1]) == ("", "")
    assert [row for row in rows(lines) if row[0] != "changed"] == [
        ("API", f"{url}/v1/companies/5678/"),
        ("dashboard", f"{url}/_fakekounta/"),
        ("client id", "fake-client-id"),
        ("client secret", "fake-client-secret"),
        ("access token", "fake-access-token"),
        ("signature token", "fake-signature-token"),
        ("stop", "Ctrl-C, or SIGTERM"),
    ]
    assert [row for row in rows(lines) if row[0] == "changed"] == [("changed", "port = 0  (by --port)")]


def test_the_banner_tells_what_was_changed(tmp_path: Path) -> None:
    """Each changed setting has its name as given and its value, without secrets."""
    (tmp_path / "fake.toml").write_text(
        'page_size = 3\ntrust_proxy = false\nseed = [{first_name = "J", phone = "1"}]\n'
    )
    arguments = ("--config", "fake.toml", "--application", f"fake-client-id:{SECRET}", "--control-token", SECRET)
    _, lines = banner_of(*arguments, cwd=tmp_path, FAKEKOUNTA_ASSUME="A07=422")
    shown = rows(lines)
    for text in (
        "page_size = 3  (by fake.toml: page_size)",
        "seed = 1 given  (by fake.toml: seed)",
        "assumptions = A07=422  (by FAKEKOUNTA_ASSUME)",
        "applications = fake-client-id  (by --application)",
        "control_token = ...  (by --control-token)",
    ):
        assert ("changed", text) in shown
    assert ("client secret", "(one that you gave)") in shown
    assert ("access token", "none") in shown
    assert "(asks for the control token)" in dict(shown)["dashboard"]
    assert SECRET not in "".join(lines)
    assert "trust_proxy" not in "".join(lines)


@pytest.mark.parametrize(
    "name, text, shown",
    [
        ("companies", "6789:Other 1", "companies = 6789, 1"),
        ("rate_limit", "true", "rate_limit = true"),
        ("webhook_timeout", "2", "webhook_schedule = timeout_seconds=2"),
        ("webhook_minutes", "0,2", "webhook_schedule = minutes=0, 2"),
        ("allow_hosts", "a.test b.test", "allow_hosts = a.test, b.test"),
        ("webhook_mode", "background", None),
        ("webhook_mode", "immediate", "webhook_mode = immediate"),
        ("rate_limit", "false", None),
    ],
)
def test_a_changed_setting_is_one_line(name: str, text: str, shown: str | None) -> None:
    """Each line has the value as a user writes it; a value equal to the default is not listed."""
    found = [*changes(chosen([[from_text(names_of(SHELL)[name], name, text)]]))]
    assert found == ([] if shown is None else [f"{shown}  (by {name})"])


def test_quiet_prints_the_line_only() -> None:
    """With --quiet nothing follows the first line."""
    assert banner_of("--quiet")[1] == []
    assert banner_of(FAKEKOUNTA_QUIET="1")[1] == []


def test_a_program_may_close_the_pipe_after_the_first_line() -> None:
    """The banner is part of the same write, so the server goes on."""
    with serving("--port", "0", env={"PYTHONUNBUFFERED": "1"}) as (process, line):
        assert process.stdout is not None
        process.stdout.close()
        assert fetch(f"{url_in(line)}/_fakekounta/health")["status"] == "ok"
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0


# --- --log-requests --------------------------------------------------------------------------------------------


def test_log_requests_prints_a_line_for_each_exchange() -> None:
    """Each line is on stderr, without colour in a pipe, with the slugs of quirks, for any path."""
    with serving("--port", "0", "--log-requests") as (process, line):
        fetch_refused(f"{url_in(line)}{LOOK_UP}&x=%0d%1b[31m")
        fetch_refused(f"{url_in(line)}/v1/companies/5678/caf%C3%A9%0d%0a.json")
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=PATIENCE_SECONDS)
    first, second = log.splitlines()
    found = re.fullmatch(r"\d\d:\d\d:\d\d #1 GET (\S+) -> 401 in [0-9.]+ ms  O09 no credentials", first)
    assert found is not None, first
    assert found[1] == f"{LOOK_UP}&x=%0d%1b[31m"
    assert "#2 GET /v1/companies/5678/caf%C3%A9%0D%0A.json -> 401" in second


def test_without_the_flag_no_exchange_is_logged() -> None:
    """By default no exchange is logged."""
    with serving("--port", "0") as (process, line):
        fetch_refused(f"{url_in(line)}{LOOK_UP}")
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=PATIENCE_SECONDS)[1] == ""


@pytest.mark.parametrize("no_colour", ["", "1"])
def test_on_a_terminal_the_log_is_in_colour(no_colour: str) -> None:
    """On a terminal lines are coloured, unless NO_COLOR is set."""
    ours, theirs = pty.openpty()
    env = environment({"NO_COLOR": no_colour, "TERM": "xterm"})
    command = [sys.executable, "-m", "fakekounta", "serve", "--port", "0", "--log-requests"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, text=True, env=env) as process:
        os.close(theirs)
        assert process.stdout is not None
        fetch_refused(f"{url_in(process.stdout.readline())}{LOOK_UP}")
        line = os.read(ours, 4096).decode()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_SECONDS)
    os.close(ours)
    assert ("\x1b[33m" in line) is not bool(no_colour), line
    assert "O09 no credentials" in line


def test_a_line_without_an_explanation_names_what_is_covered(capsys: pytest.CaptureFixture[str]) -> None:
    """The line has all quirks except those of every exchange, and the fault."""
    from fakekounta.cli.exchange_log import log_exchange  # noqa: PLC0415 - the command imports it late, too

    kounta = FakeKounta()
    kounta.observe(log_exchange)
    kounta.faults.add(path="/customers", nth=2, status=503)
    client = kounta.httpx_client(auth=kounta.auth)
    for _ in range(2):
        client.post("/v1/companies/me/customers.json", json={"first_name": "J", "phone": "1"})
    created, failed = capsys.readouterr().err.splitlines()
    assert "-> 201 in " in created
    assert ", C09 contact required, C10 fields on create, C15 created with location, " in created
    assert "T01" not in created
    assert "-> 503 in " in failed
    assert "  fault: " in failed


def fetch_refused(url: str) -> None:
    with pytest.raises(OSError, match="40"):
        fetch(url)
