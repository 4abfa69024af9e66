"""What holds for all of our tests."""

from __future__ import annotations

from hypothesis import settings

# No test is timed: a busy machine is given the time that it takes.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
