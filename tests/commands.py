"""Runs of the command line as a process of its own."""

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
    """Return our environment without any setting of the fake except these."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FAKEKOUNTA_")}
    return {**clean, **variables}


def run(
    *arguments: str, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself."""
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
    *arguments: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    prog_name: str = "python -m fakekounta",
) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself within this process, which is faster than starting Python.

    If the claim is about the process (its streams, its signals, what it imports), use `run`.
    """
    ours = {name: None for name in os.environ if name.startswith("FAKEKOUNTA_")}
    with _as_before(cwd or Path.cwd()):
        done = CliRunner().invoke(
            main, arguments, env={**ours, **(env or {})}, catch_exceptions=False, prog_name=prog_name
        )
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


@contextmanager
def _as_before(folder: Path) -> Iterator[None]:
    """Change to this folder; afterwards restore the folder, the handlers of signals and the alarm."""
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
    """Yield a server that has printed its line, and the line; kill the server at the end or if it is slow."""
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
    """Return the URL in a server's line."""
    return line.removeprefix("fakekounta listening on ").strip()


def fetch(url: str) -> Any:
    """Return the JSON at a URL, without a proxy."""
    with build_opener(ProxyHandler({})).open(url, timeout=PATIENCE_SECONDS) as answer:
        return json.load(answer)
