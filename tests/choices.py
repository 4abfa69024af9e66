"""Helpers of tests of assumptions: each choice has a test that says which one it shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pytest

from fakekounta import FakeKounta
from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.catalogue.quirks import Quirk
from tests.caller import Caller

SHOWN: dict[str, set[str]] = defaultdict(set)
LAST = {quirk.id: list(names)[-1] for quirk, names in CHOICES.items()}
"""The last choice of every assumption, so that none is the default."""

LENIENT = {quirk.id: "accepted" for quirk, names in CHOICES.items() if quirk.id[0] == "A" and "accepted" in names}
"""The choices that take what the defaults refuse: a country in lower case, and an email that is none."""
COUNTRY, EMAIL = map(Quirk.by_id, LENIENT)


def quirk(slug: str) -> Quirk:
    """Return the quirk with this slug, for tests that are not about it and so do not name its id."""
    return next(one for one in Quirk if one.slug == slug)


IN_LINES = {quirk("ADDRESS_KEYS").id: "lines"}
"""The choice that an address has `lines` and `zone`."""
CLEARING = quirk("CLEARING")
NO_CLEARING = {CLEARING.id: "refused"}
"""The choice that a change which clears a field is refused."""
TWIN_MOBILES = {quirk("MOBILE_CHECKED_ON_CREATE").id: "update_only"}
"""The choice that a new customer may have the mobile of another."""
MERGED = {quirk("PARTIAL_ADDRESS").id: "merged"}
"""The choice that a change keeps the parts of an address that it does not name."""


def shows(assumption: str, expected: Mapping[str, Any]) -> pytest.MarkDecorator:
    """Run a test with `fake` under each of these choices, and with the `expected` result.

    The first case is a fake without the choice, which must behave as with the default.
    """
    default = next(iter(CHOICES[Quirk.by_id(assumption)]))
    SHOWN[assumption].update(expected)
    cases = [pytest.param({}, expected[default], id=f"{assumption}-default")]
    cases += [pytest.param({assumption: name}, value, id=f"{assumption}-{name}") for name, value in expected.items()]
    return pytest.mark.parametrize("chosen, expected", cases)


def caller(chosen: Mapping[str, str], **settings: Any) -> Caller:
    """Return a caller of a new fake with these choices."""
    return Caller(FakeKounta(assumptions=dict(chosen), **settings))
