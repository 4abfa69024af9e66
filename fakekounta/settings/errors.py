"""The exception for invalid settings."""

from __future__ import annotations


class SettingsError(ValueError):
    """Signals an invalid setting; the message is one line that names the setting and the reason."""
