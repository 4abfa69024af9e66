"""Read numbers from texts."""

from __future__ import annotations

_MOST_DIGITS = 19


def is_whole(text: str) -> bool:
    """Return whether a text is a whole number of at most 19 ASCII digits."""
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


def whole_of(text: str) -> int | str:
    """Return the whole number of a text, or the text itself if it is not a number."""
    return int(text) if is_whole(text) else text


def number_of(text: str) -> float | str:
    """Return the number of a text, or the text itself if it is not a number."""
    try:
        return int(text) if is_whole(text) else float(text)
    except ValueError:
        return text
