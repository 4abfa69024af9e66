"""What messages say about a mistyped name: the known names, and the nearest one."""

from __future__ import annotations

from collections.abc import Iterable


def known_are(name: object, known: Iterable[object]) -> str:
    """Return "known are ..." with all known names; "; did you mean ...?" follows if one is near."""
    names = [str(one) for one in known]
    return f"known are {', '.join(names)}{did_you_mean(name, names)}"


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return "; did you mean ...?" with the nearest known name, or "" if none is near."""
    found = nearest(str(name), known)
    return f"; did you mean {found}?" if found else ""


def did_you_mean_id(written: str, known: Iterable[str]) -> str:
    """Return "; did you mean ...?" with the nearest id, or "" if none is near; of C4 it is C04, not C14."""
    ids = [*known]
    padded = f"{written[:1]}{written[1:]:0>2}".upper()
    return f"; did you mean {padded}?" if padded in ids else did_you_mean(written, ids)


def nearest(name: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """Return the most similar known name, or None if no similarity is at least `likeness`."""
    from difflib import get_close_matches  # noqa: PLC0415 - only for messages

    by_lower = {one.lower(): one for one in known}
    found = get_close_matches(name[:_LONGEST].lower(), by_lower, 1, likeness)
    return by_lower[found[0]] if found else None


_LONGEST = 100
"""The number of characters that are compared: a longer text is no mistyped name, and would take long."""
