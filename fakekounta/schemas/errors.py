"""What is wrong with a state document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class StateError(ValueError):
    """A state document is wrong; the message names the field and the reason."""


def refuse_unknown(path: str, document: Mapping[str, Any], known: Iterable[str]) -> None:
    """Raise StateError for a key that is not known: it would be lost without a word."""
    for key in document:
        if key not in known:
            raise StateError(f"{path}{key}: is unknown; known are {', '.join(known)}")
