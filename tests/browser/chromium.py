"""Find a Chromium on this machine; nothing is downloaded."""

from __future__ import annotations

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "no Chromium: install it (Debian, Ubuntu: apt install chromium) or name one by FAKEKOUNTA_CHROMIUM=/path/to/it"
)


def chromium() -> str | None:
    """Return the path in FAKEKOUNTA_CHROMIUM, or of the first installed Chromium; None if there is none."""
    named = os.environ.get("FAKEKOUNTA_CHROMIUM")
    if named is not None:
        return named if os.access(named, os.X_OK) else None
    return next(filter(None, map(shutil.which, NAMES)), None)


def arguments() -> list[str]:
    """Return the arguments for Chromium: as root it needs to run without its sandbox."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []
