"""Tests of `fakekounta run`: exit code, signals, streams and environment of the command, quirks, and files."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest

from fakekounta import FakeKounta
from tests.commands import PATIENCE_SECONDS, environment, run, run_here

DEFAULT_AUTH = "fake-client-id:fake-client-secret"
PLAIN = {"SSL_CERT_FILE": ""}


def under_run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run `fakekounta run` as a process of its own."""
    return run("run", *arguments, **options)  # type: ignore[arg-type] # env and cwd


def python(code: str) -> tuple[str, ...]:
    """Return a command that runs Python."""
    return sys.executable, "-c", code


# --- exit codes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "script, code", [("exit 0", 0), ("exit 3", 3), ("kill -9 $$", 128 + 9), ("kill -TERM $$", 128 + 15)]
)
def test_the_exit_code_is_the_commands(script: str, code: int) -> None:
    """The exit code is that of a shell: 128 plus the number of a signal that ended it. Nothing else is printed."""
    done = under_run("--", "sh", "-c", script)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


def test_a_command_that_is_not_there(tmp_path: Path) -> None:
    """The exit code is 127 for a missing command and 126 for one that cannot be executed; one line names it."""
    done = under_run("--", "no-such-command")
    assert (done.returncode, done.stderr) == (127, "fakekounta: no-such-command: No such file or directory\n")
    file = tmp_path / "script"
    file.write_text("#!/bin/sh\n")
    done = under_run("--", str(file))
    assert (done.returncode, done.stderr) == (126, f"fakekounta: {file}: Permission denied\n")


def test_without_a_command() -> None:
    """Exit code 2, and a line that says what is missing."""
    done = run_here("run")
    assert done.returncode == 2
    assert "-- COMMAND...: is required; " in done.stderr


# --- streams and files -------------------------------------------------------------------------------------------


def test_the_streams_are_the_commands() -> None:
    """The command gets our stdin and stdout."""
    code = python("import sys; print(sys.stdin.read().upper()); print('err', file=sys.stderr)")
    done = subprocess.run(
        [sys.executable, "-m", "fakekounta", "run", "--", *code],
        input="text",
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
        env=environment({}),
    )
    assert (done.stdout, done.stderr) == ("TEXT\n", "err\n")


@pytest.mark.parametrize("script", ["", "; kill -9 $$"])
def test_its_files_are_removed(tmp_path: Path, script: str) -> None:
    """The bundle exists while the command runs, and is removed however the command ended."""
    done = under_run("--", "sh", "-c", f"cat $SSL_CERT_FILE{script}", env={"TMPDIR": str(tmp_path), **PLAIN})
    assert "-----BEGIN CERTIFICATE-----" in done.stdout
    assert list(tmp_path.iterdir()) == []


# --- signals -----------------------------------------------------------------------------------------------------

# It waits for signals without a handler, because a signal could arrive before the wait.
WAITING = """
import signal, sys
numbers = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
print("ready", flush=True)
print(f"got {int(signal.sigwait(numbers))}", flush=True)
sys.exit(7)
"""


@contextmanager
def running(*command: str, session: bool = True) -> Iterator[subprocess.Popen[str]]:
    """Run `fakekounta run` in the block, by default in a session of its own, and kill it at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "fakekounta", "run", "--", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment({}),
        start_new_session=session,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL) and None,  # noqa: PLW1509 - `nohup` of the tests
    )
    timer = Timer(PATIENCE_SECONDS, process.kill)
    timer.start()
    try:
        yield process
    finally:
        timer.cancel()
        process.kill()
        process.communicate()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_are_passed_on(number: signal.Signals) -> None:
    """The command handles the signals, and its exit code counts."""
    with running(*python(WAITING)) as process:
        assert line_of(process) == "ready\n"
        process.send_signal(number)
        assert line_of(process) == f"got {int(number)}\n"
        assert process.wait(PATIENCE_SECONDS) == 7


def test_a_command_that_a_signal_ends() -> None:
    """Without a handler the exit code is 128 plus the number."""
    with running("sh", "-c", "echo ready; exec sleep 600") as process:
        assert line_of(process) == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 128 + signal.SIGTERM


def test_a_command_that_a_signal_does_not_end() -> None:
    """The fake serves until the command ends."""
    code = """
import os, signal
from urllib.request import urlopen
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
print("ready", flush=True)
signal.sigwait({signal.SIGTERM})
print("got it", flush=True)
print(urlopen(os.environ["FAKEKOUNTA_URL"] + "/_fakekounta/health").status)
"""
    with running(*python(code)) as process:
        assert line_of(process) == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert [line_of(process), line_of(process)] == ["got it\n", "200\n"]
        assert process.wait(PATIENCE_SECONDS) == 0


def test_a_signal_before_the_command_keeps_it_from_starting() -> None:
    """The exit code is that of the signal."""
    code = """
import os, signal
from fakekounta import kounta as server
from fakekounta.cli import main as cli
start = server.FakeKounta.start
def start_after_signal(self):
    os.kill(os.getpid(), signal.SIGTERM)
    return start(self)
server.FakeKounta.start = start_after_signal
cli.main(["run", "--", "echo", "started"])
"""
    done = subprocess.run(
        python(code), capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False, env=environment({})
    )
    assert (done.returncode, done.stdout, done.stderr) == (128 + signal.SIGTERM, "", "")


def test_ctrl_c_in_a_terminal_reaches_the_command_once() -> None:
    """The terminal sends the signal to both processes, so it is not passed on."""
    pty = pytest.importorskip("pty")
    code = """
import signal, sys
numbers = {signal.SIGINT, signal.SIGTERM}
signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
print("ready", flush=True)
count = 0
while signal.sigwait(numbers) == signal.SIGINT:
    count += 1
    print("count", count, flush=True)
sys.exit(10 + count)
"""
    pid, terminal = pty.fork()
    if not pid:
        os.execve(sys.executable, [sys.executable, "-m", "fakekounta", "run", "--", *python(code)], environment({}))
    timer = Timer(PATIENCE_SECONDS, os.kill, (pid, signal.SIGKILL))
    timer.start()
    try:
        read_until(terminal, b"ready")
        os.write(terminal, b"\x03")
        read_until(terminal, b"count 1")
        os.kill(pid, signal.SIGTERM)  # passed on after all earlier signals
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 11
    finally:
        timer.cancel()
        os.close(terminal)


def read_until(terminal: int, text: bytes) -> None:
    """Read the output of a terminal until the text appears; the test's timer ends the process otherwise."""
    seen = b""
    while text not in seen:
        seen += os.read(terminal, 1024)


# --- where requests go -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["https://api.kounta.com", "https://my.kounta.com", "http://api.kounta.com"])
def test_the_real_names_are_the_fake(host: str) -> None:
    """Proxy and certificate of the environment lead to the fake, even if NO_PROXY has the real names."""
    script = f'curl -sS -u {DEFAULT_AUTH} -o /dev/null -w "%{{http_code}}" {host}/v1/companies/me.json'
    done = under_run("--", "sh", "-c", script, env={"NO_PROXY": "*,.kounta.com", "no_proxy": "api.kounta.com"})
    assert (done.stdout, done.stderr) == ("200", "")


def test_https_to_other_hosts_passes_unless_it_is_refused() -> None:
    """The client checks the other host's own certificate; with the flag the proxy answers 403."""
    with FakeKounta(tls=True) as other:
        url = f"https://localhost:{other.port}/_fakekounta/health"
        script = f"curl -sS -o /dev/null -w '%{{http_connect}} %{{http_code}}' --noproxy '' -k {url}"
        assert under_run("--", "sh", "-c", script).stdout == "200 200"
        assert under_run("--no-proxy-pass-through", "--", "sh", "-c", script).stdout == "403 000"


def test_http_to_other_hosts_is_refused() -> None:
    """HTTP to another host is refused, unless NO_PROXY names the host."""
    with FakeKounta() as other:
        script = f"curl -sS -o /dev/null -w '%{{http_code}}' --noproxy '' http://shop.example:{other.port}/"
        assert under_run("--", "sh", "-c", script).stdout == "403"
        script = f"curl -sS -o /dev/null -w '%{{http_code}}' {other.url}/_fakekounta/health"
        assert under_run("--", "sh", "-c", script).stdout == "200"


def test_pytest_has_the_fake_that_the_code_under_test_reaches(tmp_path: Path) -> None:
    """Customers of a test are found by the real address, and each test begins with the seed."""
    (tmp_path / "test_shop.py").write_text(
        """
import pytest
import requests

@pytest.mark.parametrize("name", ["Ada", "Bea"])
def test_list(fakekounta, name):
    fakekounta.customers.add(first_name=name, phone="1")
    url = "https://api.kounta.com/v1/companies/me/customers.json"
    listed = requests.get(url, auth=fakekounta.auth, timeout=60).json()
    assert [one["first_name"] for one in listed] == [name]
"""
    )
    done = under_run("--", sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=tmp_path)
    assert "2 passed" in done.stdout, done.stdout


# --- settings and quirks -----------------------------------------------------------------------------------------

CURL = f"curl -s -u {DEFAULT_AUTH} $FAKEKOUNTA_URL/v1/companies/me"


def test_settings_count_as_for_serve(tmp_path: Path) -> None:
    """Settings are read from flag, variable and file; those of `serve` alone have no effect, and the port is free."""
    config = tmp_path / "fake.toml"
    config.write_text(
        'port_file = "port"\nhost = "256.0.0.1"\npublic_url = "https://kounta.test"\n'
        '[[companies]]\nid = 5678\nname = "Ours"\n[[seed]]\nfirst_name = "Ada"\nphone = "1"\n'
    )
    script = f"{CURL}/customers.json; {CURL}.json; {CURL}/customers/389427.json"
    env = {"FAKEKOUNTA_ASSUME": "A18=always", "FAKEKOUNTA_PORT_FILE": "nowhere/port", "FAKEKOUNTA_TLS": "false"}
    done = under_run("--config", str(config), "--page-size", "1", "--", "sh", "-c", script, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    for text in ('"first_name":"Ada"', '"name":"Ours"', '"id_str":"389427"'):
        assert text in done.stdout
    assert list(tmp_path.iterdir()) == [config]


def test_a_wrong_setting_is_refused() -> None:
    """The error is one line, as with `serve`, and the command is not started."""
    done = under_run("--page-size", "0", "--", "echo", "started")
    message = "fakekounta: --page-size: must be a whole number from 1 to 100000, not 0\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", message)


def test_the_control_token_is_the_commands_too() -> None:
    """`fakekounta health` and pytest find token and address in their variables."""
    script = f"echo $FAKEKOUNTA_CONTROL_TOKEN; exec {sys.executable} -m fakekounta health"
    done = under_run("--control-token", "s3cret", "--", "sh", "-c", script)
    assert re.fullmatch(r"s3cret\nok \(fakekounta .*\)\n", done.stdout), done.stderr


def test_covered_quirks_are_listed_at_the_end() -> None:
    """The list is on stderr with the counts; the exit code stays the command's."""
    script = f"{CURL}/customers.json?page=2; {CURL}/customers.json; exit 4"
    done = under_run("--quirks", "--", "sh", "-c", script)
    assert (done.returncode, done.stdout) == (4, "[][]")
    first, *rest = done.stderr.splitlines()
    assert re.fullmatch(r"the command covered \d+ of \d+ quirks \(\d+%\)", first)
    assert "covered        times" in rest
    assert any(re.fullmatch(r"  C01 +2  .*", line) for line in rest), done.stderr
    assert "not covered, DOCUMENTED" in rest


def test_the_help_names_the_settings_that_count() -> None:
    """The help does not list the settings of addresses."""
    text = run_here("run", "--help").stdout
    assert {"--page-size", "--seed-file", "--ca-file", "--quirks"} <= set(re.findall(r"--[a-z-]+", text))
    for flag in ("--host", "--public-url", "--trust-proxy", "--port-file"):
        assert f"  {flag} " not in text
