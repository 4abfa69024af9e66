"""Fixtures and options of all tests."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import pytest
from hypothesis import settings

import fakekounta
from tests.pages import ROOT
from tests.shares import A_QUARTER, ALL

# No example is timed: a busy machine may take any time. `--hypothesis-profile thorough` draws four times as many.
settings.register_profile("patient", deadline=None, max_examples=A_QUARTER)
settings.register_profile("thorough", deadline=None, max_examples=ALL)
settings.load_profile("patient")

# Plugins of this environment; importing them takes longer than the rest of a pytest session inside a test.
_PLUGINS = ("anyio", "fakefs", "hypothesispytest", "respx", "socket", "time_machine")


def options_without_plugins(*used: str) -> str:
    """Return the options that keep pytest from loading these plugins, except those that are used."""
    return " ".join(f"-p no:{name}" for name in _PLUGINS if name not in used)


@pytest.fixture(scope="session")
def all_imported() -> None:
    """Import all modules: a pytest session inside a test unloads the modules that it imports, even if in use.

    Plugins are not imported here, because pytest must be the first to import them.
    """
    for module in walk_packages(fakekounta.__path__, "fakekounta."):
        if "pytest_" not in module.name and not module.name.endswith("__main__"):
            import_module(module.name)


@pytest.fixture
def pytester(
    all_imported: None, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> Iterator[pytest.Pytester]:
    """Run users' projects inside tests as on CI, where Hypothesis draws the same examples each time and times none.

    `runpytest` runs them within this process, `pytest --runpytest subprocess` each in its own, which takes longer.
    """
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("PYTEST_ADDOPTS", options_without_plugins())
    # On CI this folder has no examples, only tables of characters that take Hypothesis over a second to make.
    monkeypatch.setenv("HYPOTHESIS_STORAGE_DIRECTORY", str(ROOT / ".hypothesis"))
    settings.load_profile("ci")
    yield pytester
    settings.load_profile(pytestconfig.getoption("--hypothesis-profile", None) or "patient")


@pytest.fixture
def hypothesis_plugin(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Load Hypothesis's plugin in a project that draws values."""
    monkeypatch.setenv("PYTEST_ADDOPTS", options_without_plugins("hypothesispytest"))


@pytest.fixture
def few_examples(pytester: pytest.Pytester) -> None:
    """Draw few examples with few steps in a project of which it is only claimed that it runs and passes."""
    pytester.makeconftest("""
        from hypothesis import settings

        settings.register_profile("few", settings.get_profile("ci"), max_examples=10, stateful_step_count=15)
        settings.load_profile("few")
    """)
