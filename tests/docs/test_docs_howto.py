"""Tests of the how-to guides that have no test module of their own: what they show is executed."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from fakekounta import FakeKounta
from tests.pages import ROOT, assert_shown, blocks, modules, sessions

DOCS = ROOT / "docs"
PASSING = {"unittest.md": 3, "async.md": 4, "django.md": 2, "parallel.md": 4, "orders.md": 7}
"""The pages, each with the number of its tests."""
FRAGMENTS = {"django.md": 1}
"""How many Python blocks of a page need a plugin that is not installed here; tests/apart runs them."""


@pytest.mark.parametrize("name", PASSING)
def test_the_examples_pass(pytester: pytest.Pytester, name: str) -> None:
    """The files of the page, saved side by side, pass, and every Python block is one of them."""
    files = modules(DOCS / name)
    assert len(files) == len(blocks(DOCS / name, "python")) - FRAGMENTS.get(name, 0)
    pytester.makepyfile(**files)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "anyio.pytest_plugin")
    result.assert_outcomes(passed=PASSING[name])


def test_unittest_runs_its_example(tmp_path: Path) -> None:
    """The page's command runs its tests without pytest, and prints what is shown, to stderr."""
    (((command, shown),),) = sessions(DOCS / "unittest.md", "python")
    (tmp_path / "test_members.py").write_text(modules(DOCS / "unittest.md")["test_members"], encoding="utf-8")
    done = subprocess.run(
        [sys.executable, *shlex.split(command)[1:]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert_shown(shown, done.stderr, command)


@pytest.mark.whole_verification
def test_workers_of_xdist_are_apart(pytester: pytest.Pytester) -> None:
    """Tests that would disturb each other in one world pass in two processes."""
    (((command, shown),),) = sessions(DOCS / "parallel.md", "pytest")
    pytester.makepyfile(**modules(DOCS / "parallel.md"))
    result = pytester.runpytest("-p", "no:cacheprovider", *shlex.split(command)[1:])
    assert_shown(shown, result.stdout.str(), command)


@pytest.mark.parametrize("name", ["parallel.md", "github-actions.md"])
def test_a_server_in_the_background_is_waited_for(tmp_path: Path, name: str) -> None:
    """The lines that start a server and wait for it do so in a shell; what installs it is left out."""
    lines = [line for text in (*blocks(DOCS / name, "sh"), *blocks(DOCS / name, "yaml")) for line in text.splitlines()]
    wanted = ("fakekounta serve", "fakekounta health ", "until ")
    script = [line.strip() for line in lines if line.strip().startswith(wanted)]
    assert len(script) >= 2
    with FakeKounta() as kounta:
        free = kounta.port
    text = "\n".join(script).replace("8080", str(free)).replace("--port 0", f"--port {free}")
    text = re.sub("fakekounta health --wait [0-9]+$", rf"\g<0> --url http://127.0.0.1:{free}", text, flags=re.MULTILINE)
    program = tmp_path / "bin" / "fakekounta"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m fakekounta "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    done = subprocess.run(
        ["sh", "-ec", f"trap 'kill $!' EXIT\n{text}"],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, "ok (fakekounta" in done.stdout) == (0, True), done.stderr
