"""What is raised for a setting that is wrong."""

from __future__ import annotations


class SettingsError(ValueError):
    """A setting is wrong; the message is one line that names it and the reason."""
