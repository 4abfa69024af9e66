"""What holds for all of our tests."""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages

import pytest
from hypothesis import settings

import fakekounta
from tests.pages import ROOT

# No test is timed: a busy machine is given the time that it takes.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# Plugins of this environment; they take longer to load than all the rest of a project within a test.
_PLUGINS = ("anyio", "fakefs", "hypothesispytest", "socket", "time_machine")


def options_without_plugins(*used: str) -> str:
    """Return the options that keep pytest from loading these plugins, but for those that are used."""
    return " ".join(f"-p no:{name}" for name in _PLUGINS if name not in used)


@pytest.fixture(scope="session")
def all_imported() -> None:
    """A session within ours takes away again what it imports first, also from a server that has begun to use it.

    Plugins are left to it: pytest wants to be the first that imports them.
    """
    for module in walk_packages(fakekounta.__path__, "fakekounta."):
        if "pytest_" not in module.name and not module.name.endswith("__main__"):
            import_module(module.name)


@pytest.fixture
def pytester(all_imported: None, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Projects of users run as they do on a CI, where Hypothesis times no example either."""
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("PYTEST_ADDOPTS", options_without_plugins())
    # On a CI no example is kept there, only tables of characters that take Hypothesis over a second to make.
    monkeypatch.setenv("HYPOTHESIS_STORAGE_DIRECTORY", str(ROOT / ".hypothesis"))
    return pytester


@pytest.fixture
def hypothesis_plugin(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Load Hypothesis's plugin in a project that draws values."""
    monkeypatch.setenv("PYTEST_ADDOPTS", options_without_plugins("hypothesispytest"))
