"""The parts of strategies: keywords, and bodies built from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Final

from hypothesis import strategies as st

Body = dict[str, Any]
"""A JSON object in a request."""

Strategy = st.SearchStrategy[Any]


class Absent(Enum):
    """The type of ABSENT."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent.ABSENT
"""The value of a field that is left out of the body."""


def part(given: Any, default: Strategy) -> Strategy:
    """Return the strategy for a keyword: the given one, one for the given value, or the default for `...`."""
    if given is ...:
        return default
    return given if isinstance(given, st.SearchStrategy) else st.just(given)


def given_parts(strategy: str, parts: Mapping[str, Any], known: Iterable[str]) -> dict[str, Any]:
    """Return the keywords that are not `...`. Raise TypeError for one that the strategy does not have."""
    names = tuple(known)
    for name in parts:
        if name not in names:
            raise TypeError(f"{strategy}() has no part {name!r}; it has {', '.join(names)}")
    return {name: value for name, value in parts.items() if value is not ...}


def sometimes(values: Strategy, *blanks: Any) -> Strategy:
    """Return a strategy for ABSENT (to which examples shrink), one of the blanks, or a value."""
    return st.one_of(st.sampled_from((ABSENT, ABSENT, *blanks)), values)


class _Call:
    """A strategy and the call that made it. No dataclass: Hypothesis would show its fields."""

    def __init__(self, text: str, strategy: Strategy) -> None:
        self.text = text
        self.strategy = strategy

    def __repr__(self) -> str:
        return self.text


@st.composite
def drawn(draw: st.DrawFn, call: _Call) -> Any:
    """Draw from the strategy of a call."""
    return draw(call.strategy)


def shown(name: str, keywords: Mapping[str, Any], strategy: Strategy) -> Strategy:
    """Return the strategy under the name of its call, for messages; keywords that are `...` are left out."""
    given = ", ".join(f"{key}={value!r}" for key, value in keywords.items() if value is not ...)
    return drawn(_Call(f"{name}({given})", strategy))


@st.composite
def bodies(draw: st.DrawFn, parts: Mapping[str, Strategy]) -> Body:
    """Return a strategy for objects with these fields, without those that are ABSENT."""
    return present({name: draw(strategy) for name, strategy in parts.items()})


def present(body: Mapping[str, Any]) -> Body:
    """Return the body without ABSENT values."""
    return {name: value for name, value in body.items() if value is not ABSENT}
