"""Errors in bodies: each replaces some fields of a valid body, and has the quirk that is the reason for the refusal."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from hypothesis import strategies as st

from fakekounta.catalogue.quirks import Quirk
from fakekounta.process.dataclass import dataclass
from fakekounta.strategies.parts import Strategy, present


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One kind of error: values that replace fields of a valid body, or the whole body."""

    quirk: Quirk
    fields: Strategy
    replaced: frozenset[str]


def violation(quirk: Quirk, **fields: Strategy) -> Violation:
    """Return the error of values from these strategies."""
    return Violation(quirk=quirk, fields=st.fixed_dictionaries(fields), replaced=frozenset(fields))


NOT_AN_OBJECT = Violation(
    quirk=Quirk.T15_BODY_IS_A_JSON_OBJECT,
    fields=st.sampled_from(([], "Ada", 0, True, [{"first_name": "Ada", "email": "ada@example.com"}], "")),
    replaced=frozenset(),
)


def chosen(
    strategy: str,
    ways: Iterable[Violation],
    quirks: Iterable[Quirk | str] | None,
    *,
    replaceable: Collection[str],
    by_wish: Collection[Quirk],
) -> Strategy:
    """Return a strategy for the strategies of the errors that are asked for.

    `quirks` limits them; those `by_wish` are drawn only if it names them. Each replaces `replaceable` fields only.
    Raises ValueError if no error is possible.
    """
    wanted = None if quirks is None else {one.id if isinstance(one, Quirk) else one for one in quirks}
    found: dict[Quirk, list[Violation]] = {}
    for way in ways:
        asked_for = way.quirk not in by_wish if wanted is None else way.quirk.id in wanted
        if asked_for and way.replaced <= frozenset(replaceable):
            found.setdefault(way.quirk, []).append(way)
    missing = sorted((wanted or set()) - {quirk.id for quirk in found})
    if missing or not found:
        what = ", ".join(missing) or "anything"
        raise ValueError(f"{strategy}(): no body can be refused for {what} with these arguments")
    # Draw the quirk first, then the error: a dozen errors are wrong types, which would be drawn too often.
    return st.sampled_from([st.sampled_from(some) for some in found.values()])


@st.composite
def refused(draw: st.DrawFn, kinds: Strategy, right: Strategy) -> tuple[Any, Quirk]:
    """Draw a valid body with an error in it, and the quirk that is the reason."""
    way: Violation = draw(draw(kinds))
    changes = draw(way.fields)
    if not isinstance(changes, Mapping):
        return changes, way.quirk
    return present({**draw(right), **changes}), way.quirk
