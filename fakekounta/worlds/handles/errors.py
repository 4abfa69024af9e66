"""Why a handle refuses what it was given."""

from __future__ import annotations


class Clash(ValueError):
    """What was given is right by itself, and contradicts what is there; the control surface answers 409."""
