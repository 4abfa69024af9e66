"""What holds for all of our tests."""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages

import pytest
from hypothesis import settings

import fakekounta

# No test is timed: a busy machine is given the time that it takes.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# Plugins of this environment that a project within a test does not use; they take longer to load than all the rest.
_NOT_INSIDE = " ".join(f"-p no:{name}" for name in ("anyio", "fakefs", "hypothesispytest", "socket", "time_machine"))


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
    monkeypatch.setenv("PYTEST_ADDOPTS", _NOT_INSIDE)
    return pytester


@pytest.fixture
def all_plugins(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a project that uses one of them, or Hypothesis: its plugin looks at each test."""
    monkeypatch.delenv("PYTEST_ADDOPTS")
