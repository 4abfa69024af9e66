"""Find a Chromium on this machine. Nothing here downloads one."""

from __future__ import annotations

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "no Chromium: install it (Debian, Ubuntu: apt install chromium) or name one by FAKEKOUNTA_CHROMIUM=/path/to/it"
)


def chromium() -> str | None:
    """The path of the one that FAKEKOUNTA_CHROMIUM names, or of the first that is installed; None if there is none."""
    named = os.environ.get("FAKEKOUNTA_CHROMIUM")
    if named is not None:
        return named if os.access(named, os.X_OK) else None
    return next(filter(None, map(shutil.which, NAMES)), None)


def arguments() -> list[str]:
    """What Chromium has to be told here: it does not run as root with its sandbox."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []
