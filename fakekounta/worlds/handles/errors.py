"""Exceptions of the handles."""

from __future__ import annotations


class Clash(ValueError):
    """Signals that a valid value contradicts the world's data; the control surface responds with 409."""
