"""What holds for all of our tests."""

from __future__ import annotations

import pytest
from hypothesis import settings

# No test is timed: a busy machine is given the time that it takes.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture
def pytester(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Projects of users run as they do on a CI, where Hypothesis times no example either."""
    monkeypatch.setenv("CI", "true")
    return pytester
