"""Readers of single values: whole numbers, numbers, texts, flags, moments, lists, objects.

A reader is called with the name of a value and the value from Python, JSON or TOML; it checks and returns the value. It
raises ValueError with one line: the name, the allowed values, and the value. Settings, faults, control calls and the
state document use these readers; each turns the ValueError into another exception with `raising`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NoReturn, TypeVar

from fakekounta.catalogue.names import known_are
from fakekounta.core.clock import aware
from fakekounta.core.differences import written

_T = TypeVar("_T")
Reader = Callable[[str, Any], _T]

MOST_WHOLE = 2**63 - 1
"""The largest id, and the default upper bound of whole numbers."""


def refuse(name: str, what: str, value: Any) -> NoReturn:
    """Raise ValueError for a value that is not `what`."""
    raise ValueError(f"{name}: must be {what}, not {written(value)}")


@contextmanager
def raising(error: type[ValueError]) -> Iterator[None]:
    """Turn each ValueError of the block into this exception, with the same message."""
    try:
        yield
    except ValueError as wrong:
        raise wrong if isinstance(wrong, error) else error(str(wrong)) from None


def flag(name: str, value: Any) -> bool:
    """Return a boolean; 0, 1 and texts are refused."""
    if not isinstance(value, bool):
        refuse(name, "true or false", value)
    return value


def text(name: str, value: Any) -> str:
    """Return a text that is not empty."""
    if not isinstance(value, str) or not value:
        refuse(name, "a text that is not empty", value)
    return value


def any_text(name: str, value: Any) -> str:
    """Return a text, which may be empty."""
    if not isinstance(value, str):
        refuse(name, "a text", value)
    return value


def whole(least: int = 0, most: int = MOST_WHOLE) -> Reader[int]:
    """Return a reader of whole numbers within these bounds; a boolean is refused."""

    def read(name: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            refuse(name, f"a whole number from {least} to {most}", value)
        return value

    return read


def is_number(value: Any) -> bool:
    """Return whether a value is a number; a boolean does not count."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def number(least: float | None = None, most: float | None = None) -> Reader[float]:
    """Return a reader of numbers within these bounds, if any; booleans are refused, and NaN if there is a bound."""
    bounds = "" if least is None or most is None else f" from {least} to {most}"

    def read(name: str, value: Any) -> float:
        within = is_number(value) and (least is None or least <= value) and (most is None or value <= most)
        if not within:
            refuse(name, f"a number{bounds}", value)
        return value  # type: ignore[no-any-return] # checked by is_number

    return read


def moment(name: str, value: Any) -> datetime:
    """Return an aware datetime in UTC, from an aware datetime or from ISO 8601 text with an offset."""
    if not isinstance(value, (str, datetime)):
        refuse(name, "an ISO 8601 date and time with an offset", value)
    try:
        return aware(value)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def one_of(choices: Collection[str]) -> Reader[str]:
    """Return a reader of texts that are one of these."""

    def read(name: str, value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            refuse(name, f"one of {', '.join(choices)}", value)
        return value

    return read


def optional(reader: Reader[_T]) -> Reader[_T | None]:
    """Return a reader that also accepts None."""
    return lambda name, value: None if value is None else reader(name, value)


def sequence(name: str, value: Any) -> Sequence[Any]:
    """Return a list or another sequence; a text is refused."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        refuse(name, "a list", value)
    return value


def list_of(reader: Reader[_T]) -> Reader[tuple[_T, ...]]:
    """Return a reader of lists whose items are read one by one, named `NAME[0]`, `NAME[1]` and so on."""
    return lambda name, value: tuple(reader(f"{name}[{index}]", one) for index, one in enumerate(sequence(name, value)))


def mapping(name: str, value: Any) -> Mapping[str, Any]:
    """Return an object (a mapping) with any keys."""
    if not isinstance(value, Mapping):
        raise ValueError(f"{name}: must be an object")  # noqa: TRY004 - without the value, which may be huge
    return value


def objects(name: str, value: Any) -> list[Mapping[str, Any]]:
    """Return a list of JSON objects."""
    if not isinstance(value, list):
        raise ValueError(f"{name}: must be an array of objects")  # noqa: TRY004 - as above
    return [mapping(f"{name}[{index}]", one) for index, one in enumerate(value)]


def known_keys(name: str, value: Any, known: Collection[str]) -> Mapping[str, Any]:
    """Return an object that has no other keys than these."""
    for key in mapping(name, value):
        if key not in known:
            place = f"{name}.{key}" if name else key
            raise ValueError(f"{place}: is unknown; {known_are(key, known)}")
    return value  # type: ignore[no-any-return] # checked by mapping
