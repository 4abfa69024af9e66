"""Tests of docs/verify.md: its sessions are executed and compared."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.deviants import DEVIATIONS, deviant
from tests.pages import ROOT, assert_shown, modules, sessions
from tests.verifying import own_fake

PAGE = ROOT / "docs" / "verify.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the commands of the page run."""
    return tmp_path_factory.mktemp("page")


def test_sessions_print_what_the_page_shows(folder: Path) -> None:
    """Each command prints the output shown; on port 8080 there is a fake with A07=422, on 8081 a deviant."""
    shown = [pair for program in ("fakekounta", "grep") for session in sessions(PAGE, program) for pair in session]
    assert len(shown) == 5
    with own_fake(assumptions={"A07": "422"}) as kounta, deviant(DEVIATIONS["null reference id"]) as server:
        ports = {"127.0.0.1:8080": f"127.0.0.1:{kounta.port}", "127.0.0.1:8081": f"127.0.0.1:{server.port}"}
        for command, output in shown:
            given = command.replace("fakekounta ", f"{sys.executable} -m fakekounta ", 1)
            for here, there in ports.items():
                given = given.replace(here, there)
            done = subprocess.run(
                ["sh", "-c", given], capture_output=True, text=True, timeout=60, check=False, cwd=folder
            )
            got = done.stdout
            for here, there in ports.items():
                got = got.replace(there, here)
            assert done.returncode in (0, 1), done.stderr
            assert_shown(output, got, command)


def test_the_calibrated_fake_of_the_page_starts(tmp_path: Path) -> None:
    """The page's example runs with the settings file that the run wrote."""
    (tmp_path / "kounta-settings.toml").write_text('[assumptions]\nA07 = "422"\n', encoding="utf-8")
    code = modules(PAGE)["calibrated"].replace("    ...\n", '    print(kounta.world.assumptions["A07"])\n')
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True, cwd=tmp_path
    )
    assert done.stdout == "422\n"
