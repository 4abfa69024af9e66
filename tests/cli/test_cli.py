"""Tests of `fakekounta serve` and `quirks` as processes."""

from __future__ import annotations

import json
import re
import signal
import socket
from pathlib import Path

import pytest

from fakekounta import FakeKounta, Quirk, __version__
from fakekounta.catalogue.assumptions import CHOICES
from tests.commands import fetch, run_here, serving, url_in

LINE = re.compile(r"fakekounta listening on http://127\.0\.0\.1:([0-9]+)\n")


def refused(*arguments: str) -> str:
    """Return the one line on stderr of a command that refuses to start, with exit code 2 and nothing on stdout."""
    done = run_here(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"fakekounta: .*\n", done.stderr), done.stderr
    return done.stderr.removeprefix("fakekounta: ").rstrip()


# --- serve -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    """It prints one line once it answers, writes the port file, and at a signal exits with 0, also with clients."""
    port_file = tmp_path / "port"
    with serving("--quiet", "--port", "0", "--port-file", str(port_file)) as (process, line):
        port = LINE.fullmatch(line)
        assert port, line
        assert port_file.read_text() == f"{port[1]}\n"
        with socket.create_connection(("127.0.0.1", int(port[1])), timeout=10) as idle:
            assert fetch(f"{url_in(line)}/_fakekounta/health") == {"status": "ok", "version": __version__}
            process.send_signal(number)
            assert process.wait(timeout=5) == 0
            assert idle.recv(1) == b""
        assert process.communicate() == ("", "")


def test_a_taken_port_is_reported_in_one_line(fakekounta_server: FakeKounta, tmp_path: Path) -> None:
    """Exit code 2, the address and the system's reason; no port file is written."""
    port_file = tmp_path / "port"
    arguments = ("--port", str(fakekounta_server.port), "--port-file", str(port_file))
    message = refused("serve", *arguments)
    assert message == f"cannot listen on 127.0.0.1 port {fakekounta_server.port}: Address already in use"
    assert not port_file.exists()


def test_a_port_of_its_own(tmp_path: Path) -> None:
    """It serves on a given port."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    with serving("--port", str(port)) as (_, line):
        assert line == f"fakekounta listening on http://127.0.0.1:{port}\n"


@pytest.mark.parametrize(
    "env,control",
    [
        ({}, "no token is set (--control-token), so that all state and secrets can be read and changed"),
        ({"FAKEKOUNTA_CONTROL_TOKEN": "t0ken-of-ours"}, "for those who send the control token"),
    ],
)
def test_beyond_the_loopback_it_says_what_it_exposes(env: dict[str, str], control: str) -> None:
    """On all addresses stderr lists API, credentials and control surface; stdout is still one line."""
    with serving("--quiet", "--host", "0.0.0.0", "--port", "0", env=env) as (process, line):
        assert LINE.fullmatch(line)
        process.terminate()
        rest, warning = process.communicate(timeout=10)
    assert rest == ""
    assert warning.splitlines() == [
        f"fakekounta: {url_in(line)} can be reached from other machines:",
        "fakekounta: - the API under /v1 and /authorize, with its documented credentials, for any Host",
        f"fakekounta: - the control surface under /_fakekounta/: {control}",
    ]


def test_the_log_does_not_disturb_stdout() -> None:
    """A path that is not modelled is logged on stderr, in one line for any path."""
    with serving("--quiet", "--port", "0") as (process, line):
        with pytest.raises(OSError, match="404"):
            fetch(f"{url_in(line)}/nowhere%0d%0aTraceback")
        process.terminate()
        rest, log = process.communicate(timeout=10)
    assert rest == ""
    assert log.count("\n") == 1
    assert "not modelled" in log


@pytest.mark.parametrize(
    "arguments,message",
    [
        (["--host", ""], "--host: must be a text that is not empty, not ''"),
        (["--host", "256.0.0.1"], "cannot listen on 256.0.0.1 port 0: "),
        (["--page-size", "0"], "--page-size: must be a whole number from 1 to 100000, not 0"),
        (["--company", "x"], "--company x: the id must be a number"),
        (["--company", "9" * 5000], "--company 9999"),
        (["--company", "0"], "--company[0].id: must be a whole number from 1 to "),
        (["--application", "a"], "--application a: must be ID:SECRET or ID:SECRET:COMPANY"),
        (["--application", ":s"], "--application :s: must be ID:SECRET or ID:SECRET:COMPANY"),
        (["--application", "a:s:x"], "--application a:s:x: the company must be a number"),
        (["--application", "a:s:1"], "--application: a belongs to company 1, but the companies are 5678"),
        (["--allow-host", "http://fake"], "--allow-host[0]: must be the name or the address of a host in ASCII, not "),
        (["--redirect-uri", ""], "--redirect-uri: must be a text that is not empty, not ''"),
        (["--assume", "A01"], "--assume: assumption A01 has no choice ''; choose from empty, customer"),
        (["--assume", "A99=x"], "--assume: assumption 'A99' is unknown; known are A01, "),
        (["--seed-file", "missing.json"], "missing.json: cannot be read: No such file or directory"),
        (["--config", "missing.toml"], "missing.toml: cannot be read: No such file or directory"),
        (["--port-file", "missing/port"], "missing/port: cannot be written: No such file or directory"),
    ],
)
def test_a_wrong_value_is_reported_in_one_line(arguments: list[str], message: str) -> None:
    """Exit code 2 and a reason, before anything is served."""
    assert refused("serve", "--port", "0", *arguments).startswith(message)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--port", "65536"],
        ["--port", "-1"],
        ["--port", "http"],
        ["--page-size", "many"],
        ["--body-bytes", "0"],
        ["--body-bytes", "1M"],
        ["--rate-limit=yes"],
        ["--no-such-flag"],
        ["stray"],
    ],
)
def test_a_flag_that_is_wrong_is_a_usage_error(arguments: list[str]) -> None:
    """Exit code 2, nothing on stdout, no traceback, and the flag is named."""
    done = run_here("serve", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert arguments[0].partition("=")[0] in done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_in_a_seed_file_names_the_line(tmp_path: Path) -> None:
    """File, line, field and reason, in one line, with exit code 2."""
    seed = tmp_path / "seed.jsonl"
    seed.write_text('{"first_name":"Sam","phone":"1"}\n\n{"first_name":"Kim","email":"kim"}\n')
    assert refused("serve", "--port", "0", "--seed-file", str(seed)) == f"{seed}:3: email: is not an email address"


# --- quirks ----------------------------------------------------------------------------------------------------


def output(*arguments: str) -> str:
    done = run_here(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_quirks_as_text() -> None:
    """Each quirk has one line: id, basis, statement."""
    found = [line.split(maxsplit=2) for line in output("quirks").splitlines()]
    assert found == [[quirk.id, quirk.basis.name, quirk.statement] for quirk in Quirk]


def test_quirks_as_json() -> None:
    """The output is an array of objects with all that the catalogue has."""
    found = json.loads(output("quirks", "--format", "json"))
    assert [row["id"] for row in found] == [quirk.id for quirk in Quirk]
    assert found[0].keys() == {"id", "slug", "basis", "statement", "source"}


def test_quirks_as_markdown() -> None:
    """The output is a table with a head and a row for each quirk."""
    head, rule, *rows = output("quirks", "--format", "markdown").splitlines()
    assert (head, rule) == ("| id | what the API does | basis | source |", "| --- | --- | --- | --- |")
    assert [row.split(" | ")[0] for row in rows] == [f"| {quirk.id}" for quirk in Quirk]


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_assumptions_in_every_format(form: str) -> None:
    """--assumptions prints each id with each of its choices instead."""
    text = output("quirks", "--assumptions", "--format", form)
    for quirk, names in CHOICES.items():
        assert quirk.id in text
        assert all(name in text for name in names)
    if form == "json":
        assert {name: list(choices) for name, choices in json.loads(text).items()} == {
            quirk.id: list(names) for quirk, names in CHOICES.items()
        }


def test_version_and_help() -> None:
    """--version prints it, --help lists the commands, and each option of serve and verify has its variable."""
    assert output("--version") == f"fakekounta, version {__version__}\n"
    assert re.findall(r"^  (\w+) +[A-Z]", output("--help"), re.MULTILINE) == [
        "diff",
        "explain",
        "health",
        "init",
        "openapi",
        "quirks",
        "run",
        "serve",
        "state",
        "trigger",
        "verify",
    ]
    for command in ("run", "serve", "verify"):
        text = output(command, "--help")
        options = set(re.findall(r"^  --([a-z-]+)", text, re.MULTILINE)) - {"help"}
        assert len(options) >= 13
        for option in options:
            assert f"FAKEKOUNTA_{option.upper().replace('-', '_')}" in re.sub(r"\s+", "", text)
