"""Strategies for postal addresses in request bodies."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from fakekounta.core.countries import country_codes
from fakekounta.core.customers import ADDRESS_PARTS
from fakekounta.strategies.parts import Body, Strategy, bodies, given_parts, part, shown, sometimes
from fakekounta.strategies.texts import names

_SAMPLES = {
    "address": (
        "1 High St",
        "Suite 5, Level 12",
        "1/2 O'Connell St",
        "PO Box 7",
        "1 High St\nLevel 2",
        "東京都港区1-2-3",
    ),
    "city": ("Sydney", "Beeftown", "Zürich", "Saint-Louis-du-Ha! Ha!", "Å", "서울"),
    "state": ("NSW", "New South Wales", "N.S.W.", "-"),
    "postal_code": ("2000", "0800", "SW1A 1AA", "00000", "12345-6789", "０８００"),
}


@lru_cache(maxsize=1)
def countries() -> tuple[str, ...]:
    """Return a strategy for the country codes that the API accepts (C12), Australia first."""
    return "AU", *sorted(country_codes() - {"AU"})


def addresses(*, blanks: bool = True, **parts: Any) -> st.SearchStrategy[Body]:
    """Return a strategy for addresses with any of `address city state postal_code country`; `{}` counts as no address.

    `blanks`: whether a key may be null or an empty text, which counts as absent. Raises TypeError for other keywords.
    """
    given = given_parts("addresses", parts, ADDRESS_PARTS)
    nothing = (None, "") if blanks else ()
    whole = bodies({name: part(given.get(name, ...), _part(name, nothing)) for name in ADDRESS_PARTS})
    return shown("addresses", parts, whole)


def _part(name: str, blanks: tuple[Any, ...]) -> Strategy:
    values: Strategy = st.sampled_from(countries() if name == "country" else _SAMPLES[name])
    return sometimes(values if name == "country" else st.one_of(values, names()), *blanks)
