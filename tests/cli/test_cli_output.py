"""Tests of output that cannot be written: one line on stderr and exit code 2, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import pytest

from fakekounta import FakeKounta
from tests.commands import PATIENCE_SECONDS, environment, run_here

FULL = "/dev/full"
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "help": ("--help",),
    "version": ("--version",),
    "serve": ("serve", "--port", "0"),
    "help of serve": ("serve", "--help"),
    "quirks": ("quirks",),
    "quirks as JSON": ("quirks", "--format", "json"),
    "quirks as a table": ("quirks", "--format", "markdown"),
    "assumptions": ("quirks", "--assumptions"),
    "openapi": ("openapi",),
    "openapi of the control surface": ("openapi", "--control"),
    "help of verify": ("verify", "--help"),
}
REASONS = {"full": "No space left on device", "pipe": "Broken pipe", "closed": "it is closed"}


@contextmanager
def no_reader() -> Iterator[int]:
    """Return the end of a pipe whose other end is closed."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        yield writing
    finally:
        os.close(writing)


def run_with(stdout: str, stderr: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command whose streams are "read", "full", "pipe" (without a reader) or "closed"."""
    command = [sys.executable, "-m", "fakekounta", *arguments]
    closed = "".join(f" {number}>&-" for number, kind in ((1, stdout), (2, stderr)) if kind == "closed")
    if closed:
        command = ["sh", "-c", f'exec "$@"{closed}', "sh", *command]
    with Path(FULL).open("wb") as full, no_reader() as pipe:
        kinds = {"read": subprocess.PIPE, "full": full.fileno(), "pipe": pipe, "closed": None}
        return subprocess.run(
            command,
            stdout=kinds[stdout],
            stderr=kinds[stderr],
            stdin=subprocess.DEVNULL,
            env=environment({"PYTHONUNBUFFERED": "", **variables}),
            timeout=PATIENCE_SECONDS,
            text=True,
            encoding="utf-8",
            check=False,
        )


@pytest.mark.parametrize(
    "command, kind",
    [*((command, "full") for command in COMMANDS), *product(("version", "serve", "quirks"), ("pipe", "closed"))],
)
def test_stdout_that_cannot_be_written(command: str, kind: str) -> None:
    """Each command prints the system's reason."""
    done = run_with(kind, "read", *COMMANDS[command])
    assert (done.returncode, done.stderr) == (2, f"fakekounta: the output cannot be written: {REASONS[kind]}\n")


@pytest.mark.parametrize("kind", REASONS)
def test_streams_without_a_buffer(kind: str) -> None:
    """The same holds if Python writes without a buffer."""
    done = run_with(kind, "read", "quirks", PYTHONUNBUFFERED="1")
    assert (done.returncode, done.stderr) == (2, f"fakekounta: the output cannot be written: {REASONS[kind]}\n")


@pytest.mark.parametrize("kind", REASONS)
def test_health_and_diff(fakekounta_server: FakeKounta, tmp_path: Path, kind: str) -> None:
    """The same holds for health and diff."""
    for name, text in (("a", "1"), ("b", "2")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "t.json").write_text(f'{{"test": "t", "exchanges": [{text}]}}')
    for arguments in (("health", "--url", fakekounta_server.url), ("diff", str(tmp_path / "a"), str(tmp_path / "b"))):
        assert run_here(*arguments).stdout
        done = run_with(kind, "read", *arguments)
        assert (done.returncode, done.stderr) == (2, f"fakekounta: the output cannot be written: {REASONS[kind]}\n")


def test_a_verification_keeps_its_report(fakekounta_server: FakeKounta, tmp_path: Path) -> None:
    """The files of the report are written nevertheless."""
    with fakekounta_server.fresh() as kounta:
        given = ("--client-id", kounta.auth[0], "--client-secret", kounta.auth[1], "--company", str(kounta.company.id))
        report = tmp_path / "report.json"
        arguments = ("--url", kounta.url, *given, "--only", "T05", "--read-only", "--report", str(report))
        done = run_with("full", "read", "verify", *arguments)
    assert (done.returncode, done.stderr) == (2, f"fakekounta: the output cannot be written: {REASONS['full']}\n")
    assert report.read_text().startswith("{")


@pytest.mark.parametrize("kind", REASONS)
@pytest.mark.parametrize(
    "arguments, code",
    [
        (("quirks",), 0),
        (("serve", "--page-size", "0"), 2),
        (("serve", "--no-such-flag"), 2),
        (("health", "--url", "http://127.0.0.1:9"), 1),
        (("nonsense",), 2),
    ],
)
def test_stderr_that_cannot_be_written(arguments: tuple[str, ...], code: int, kind: str) -> None:
    """The exit code and stdout are the same as with a working stderr."""
    done = run_with("read", kind, *arguments)
    assert done.returncode == code
    assert "Traceback" not in done.stdout
    assert bool(done.stdout) == (code == 0)


@pytest.mark.parametrize("kind", REASONS)
def test_neither_can_be_written(kind: str) -> None:
    """The exit code is still 2."""
    for command in ("serve", "quirks"):
        assert run_with(kind, kind, *COMMANDS[command]).returncode == 2


@pytest.mark.parametrize(
    "encoding, expected", [("ascii", "\xe9\u20ac\n"), ("utf-8", "\xe9\u20ac\n"), ("latin-1", "\xe9\\u20ac\n")]
)
def test_letters_that_the_terminal_does_not_know(encoding: str, expected: str) -> None:
    """An ASCII terminal gets UTF-8 and others escapes; a failure to write is reported there, too."""
    script = "from fakekounta.cli.streams import checked_streams\nwith checked_streams(): print('\\xe9\\u20ac')"
    env = environment({"PYTHONIOENCODING": encoding})
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, check=True)
    assert done.stdout.decode("latin-1" if encoding == "latin-1" else "utf-8") == expected
    assert run_with("full", "read", "openapi", PYTHONIOENCODING=encoding).returncode == 2


def test_a_server_goes_on_without_stderr(fakekounta_server: FakeKounta) -> None:
    """A message that cannot be printed does not end the server."""
    with Path(FULL).open("wb") as full:
        process = subprocess.Popen(
            [sys.executable, "-m", "fakekounta", "serve", "--host", "0.0.0.0", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=full,
            text=True,
            env=environment({}),
        )
        with process:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("fakekounta listening on ")
            process.terminate()
            assert process.wait(timeout=PATIENCE_SECONDS) == 0
