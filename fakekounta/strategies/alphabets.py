"""The characters of drawn texts, as strings: Hypothesis would first have to compute Unicode's categories."""

from __future__ import annotations

from collections.abc import Iterable


def _of(*ranges: tuple[int, int]) -> str:
    """Return the assigned characters of some ranges of code points."""
    return "".join(chr(point) for first, last in ranges for point in range(first, last + 1))


def _without(text: str, dropped: Iterable[str]) -> str:
    return "".join(dict.fromkeys(text).keys() - set(dropped))


LETTERS = _of(
    (0x20, 0x7E),  # ASCII
    (0xA0, 0x24F),  # Latin with its accents
    (0x300, 0x30F),  # combining marks
    (0x391, 0x3A1),  # Greek
    (0x3A3, 0x3C9),
    (0x400, 0x45F),  # Cyrillic
    (0x5B0, 0x5BD),  # Hebrew, with points
    (0x5D0, 0x5EA),
    (0x621, 0x652),  # Arabic, with vowels
    (0x905, 0x939),  # Devanagari, with vowel signs
    (0x93C, 0x94D),
    (0xE01, 0xE3A),  # Thai
    (0x10D0, 0x10F0),  # Georgian
    (0x1E00, 0x1EFF),  # Vietnamese, among others
    (0x200B, 0x200F),  # blanks without width, joiners, marks of direction
    (0x2010, 0x2027),  # typographic dashes and quotes
    (0x3041, 0x3096),  # Hiragana
    (0x30A1, 0x30FA),  # Katakana
    (0x4E00, 0x4EFF),  # Han
    (0x9F00, 0x9F7F),
    (0xAC00, 0xACFF),  # Hangul
    (0xFE0E, 0xFE0F),  # variation selectors
    (0xFF01, 0xFF5E),  # full width
    (0x1D49C, 0x1D49C),  # beyond the first plane: letters, emoji, skin tones, flags, Han
    (0x1F1E6, 0x1F1FF),
    (0x1F3FB, 0x1F3FF),
    (0x1F600, 0x1F64F),
    (0x20BB7, 0x20BB7),
)
"""Characters of many scripts, without control characters and surrogates."""

LOCAL_PARTS = _without(_of((0x21, 0x7E)), '"(),.:;<>@[\\]') + "äéß李"
"""The characters allowed before the @ of an email without quotes, except the dot, which is not allowed everywhere."""
