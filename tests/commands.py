"""The command line as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.request import ProxyHandler, build_opener

from click.testing import CliRunner

from fakekounta.cli.main import main

PATIENCE_SECONDS = 240  # a whole verification on a busy machine takes two minutes
_COMMAND = (sys.executable, "-m", "fakekounta")


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Our own environment without any setting of the fake but these."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FAKEKOUNTA_")}
    return {**clean, **variables}


def run(
    *arguments: str, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """A command that comes to its end by itself."""
    return subprocess.run(
        [*_COMMAND, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE_SECONDS,
        check=False,
        env=environment(env or {}),
        cwd=cwd,
    )


def run_here(
    *arguments: str, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command that comes to its end by itself within this process, which saves the start of Python.

    Where the claim is about the process (its streams, its signals, what it imports), use `run`.
    """
    ours = {name: None for name in os.environ if name.startswith("FAKEKOUNTA_")}
    with _as_before(cwd or Path.cwd()):
        done = CliRunner().invoke(
            main, arguments, env={**ours, **(env or {})}, catch_exceptions=False, prog_name="python -m fakekounta"
        )
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


@contextmanager
def _as_before(folder: Path) -> Iterator[None]:
    """Be in this folder; afterwards the folder, the handlers of signals and the alarm are as they were."""
    before = Path.cwd()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)
    handlers = {number: signal.getsignal(number) for number in numbers}
    os.chdir(folder)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        os.chdir(before)
        for number, handler in handlers.items():
            signal.signal(number, handler)


@contextmanager
def serving(
    *arguments: str, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server that has printed its line, and the line. It is killed if it takes too long, or is still there."""
    process = subprocess.Popen(
        [*_COMMAND, "serve", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment(env or {}),
        cwd=cwd,
    )
    assert process.stdout is not None
    timer = Timer(PATIENCE_SECONDS, process.kill)
    timer.start()
    try:
        line = process.stdout.readline()
        if not line:
            raise AssertionError(f"no line, but: {process.communicate()[1]}")
        yield process, line
    finally:
        timer.cancel()
        process.kill()
        process.communicate()


def url_in(line: str) -> str:
    """The URL that a server's line tells."""
    return line.removeprefix("fakekounta listening on ").strip()


def fetch(url: str) -> Any:
    """The JSON at a URL, past any proxy."""
    with build_opener(ProxyHandler({})).open(url, timeout=PATIENCE_SECONDS) as answer:
        return json.load(answer)
