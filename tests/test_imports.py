"""Tests that imports are cheap: large modules are imported only when they are used."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

import fakekounta

HEAVY = (
    "flask",
    "werkzeug",
    "marshmallow",
    "click",
    "hypothesis",
    "requests",
    "httpx",
    "urllib3",
    "jinja2",
    "httptools",
)
SERVER = ("flask", "werkzeug", "marshmallow", "httptools", "sortedcontainers")
OURS_ALONE = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": ""}
"""The environment of a pytest that loads no plugin that others have installed; `-p fakekounta` loads ours."""


def output_of(code: str, *arguments: str) -> str:
    """Return the output of a new interpreter that runs this code."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def modules_after(
    code: str, *arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> set[str]:
    """Return the top-level modules that a new interpreter has imported after this code."""
    script = f"{code}\nimport sys; print('modules:', *sorted({{name.partition('.')[0] for name in sys.modules}}))"
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, cwd=cwd, env=env)
    return set(done.stdout.rpartition("modules:")[2].split())


def test_the_package_alone_imports_nothing_heavy() -> None:
    """`import fakekounta`, its version and its list of names import no library."""
    found = modules_after("import fakekounta; fakekounta.__version__; dir(fakekounta)")
    assert not found & {*HEAVY, *SERVER, "pytest"}


@pytest.mark.parametrize("name", ["Quirk", "Basis", "Assumptions"])
def test_the_catalogue_imports_nothing_heavy(name: str) -> None:
    """The catalogue and the assumptions import no library either."""
    assert not modules_after(f"import fakekounta; fakekounta.{name}") & {*HEAVY, "pytest"}


def test_the_fake_needs_no_test_library() -> None:
    """A start and a stop import no test library, no client, and nothing that only a first body or webhook needs."""
    found = modules_after("from fakekounta import FakeKounta\nwith FakeKounta(): pass")
    assert {*SERVER} - {"marshmallow"} <= found
    assert not found & {"pytest", "_pytest", "hypothesis", "requests", "httpx", "marshmallow", "urllib3", "asyncio"}
    assert not found & {"trustme", "cryptography", "xml"}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["serve", "--help"], ["quirks"], ["health", "--help"]]
)
def test_the_command_line_starts_lightly(arguments: list[str]) -> None:
    """Help, version and the catalogue do not import the server."""
    code = "from fakekounta.cli.main import main\ntry: main()\nexcept SystemExit: pass"
    assert not modules_after(code, *arguments) & {"flask", "werkzeug", "marshmallow", "hypothesis", "pytest"}


def test_a_command_imports_no_other_command() -> None:
    """`serve` loads the modules of other commands for `--help` and a variable that may be theirs only."""
    code = "from fakekounta.cli.main import main\ntry: main()\nexcept SystemExit: pass\n"
    code += "import sys; print('found', *{'fakekounta.cli.run', 'fakekounta.cli.health'} & {*sys.modules}, 'end')"
    assert "found end" in output_of(code, "serve", "--help")
    assert "found end" not in output_of(code, "--help")


def test_collecting_an_empty_project_imports_nothing_of_ours(tmp_path: Path) -> None:
    """`pytest --collect-only` with the plugin imports no Flask, marshmallow, Hypothesis or client library."""
    code = "import pytest; pytest.main(['--collect-only', '-q', '-p', 'fakekounta', '-p', 'no:cacheprovider'])"
    found = modules_after(code, cwd=tmp_path, env=OURS_ALONE)
    assert "fakekounta" in found
    assert not found & set(HEAVY)


def test_every_public_name_resolves() -> None:
    """Each name of `__all__` exists, is listed by dir(), and is the same object each time."""
    assert sorted(fakekounta.__all__) == list(fakekounta.__all__)
    for name in fakekounta.__all__:
        assert getattr(fakekounta, name) is getattr(fakekounta, name)
        assert name in dir(fakekounta)


def test_other_names_are_attribute_errors() -> None:
    """An unknown name raises the usual AttributeError of a module."""
    with pytest.raises(AttributeError, match=r"^module 'fakekounta' has no attribute 'Counter'$"):
        fakekounta.Counter  # noqa: B018 - the access is the test
    assert not hasattr(fakekounta, "fakes")


def test_strategies_without_hypothesis_name_the_extra() -> None:
    """Without Hypothesis the error says what to install; that of any other missing module is unchanged."""
    wanted = "from fakekounta.strategies import customers"
    code = f"import sys; sys.modules[{{!r}}] = None\ntry: {wanted}\nexcept ImportError as e: print(e)"
    for module, message in (
        ("hypothesis", "fakekounta.strategies needs hypothesis: pip install 'fakekounta[hypothesis]'"),
        ("fakekounta.core.records", "import of fakekounta.core.records halted; None in sys.modules"),
    ):
        command = [sys.executable, "-c", code.format(module)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        assert done.stdout.strip() == message


def test_the_strategies_start_no_server() -> None:
    """Drawing imports the core and Hypothesis, but no Flask, marshmallow or client library."""
    found = modules_after("import fakekounta.strategies as s; s.new_customers(); s.refused_customers(); s.customers()")
    assert "hypothesis" in found
    # Where trio is installed, Hypothesis loads its plugin, which imports pytest
    assert not found & {"flask", "werkzeug", "marshmallow", "requests", "httpx", "urllib3"}


@pytest.mark.parametrize("asked", ["", "quirks", "sweep"])
def test_reports_are_loaded_only_if_asked_for(tmp_path: Path, asked: str) -> None:
    """A session without sweep and quirk coverage does not import them or the catalogue."""
    options = [f"--fakekounta-{asked}"] if asked else []
    code = (
        "import pytest, sys; pytest.main(sys.argv[1:])\n"
        "print('ours:', *(name for name in sys.modules if name.startswith('fakekounta.')))"
    )
    plain = ("--collect-only", "-q", "-p", "fakekounta", "-p", "no:cacheprovider")
    command = [sys.executable, "-c", code, *plain, *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, cwd=tmp_path, env=OURS_ALONE)
    found = set(done.stdout.rpartition("ours:")[2].split())
    reports = {"fakekounta.pytest_plugin.pytest_quirks": "quirks", "fakekounta.pytest_plugin.pytest_sweep": "sweep"}
    assert {reports[name] for name in found & set(reports)} == ({asked} if asked else set())
    if not asked:
        assert found == {
            "fakekounta.pytest_plugin",
            "fakekounta.pytest_plugin.guarding",
            "fakekounta.pytest_plugin.options",
            "fakekounta.pytest_plugin.plugin",
            "fakekounta.process",
            "fakekounta.process.unpatched",
            "fakekounta.process.forks",
            "fakekounta.pytest_plugin.setting_options",
        }
    assert "fakekounta.kounta" not in found
