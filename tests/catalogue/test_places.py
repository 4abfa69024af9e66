"""Tests of new quirks and assumptions: one failure names every place that was forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module

import pytest

from contracts.conftest import NOT_PROVABLE
from contracts.observing import PROBES
from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.catalogue.quirks import Quirk
from fakekounta.pytest_plugin.quirk_coverage import UNCOUNTED
from tests.catalogue.test_assumptions import MODULES
from tests.catalogue.test_catalogue import (
    BY_STORE,
    CONTRACTS,
    PACKAGE,
    ROOT,
    choices_asked,
    cited,
    members,
    proven,
    status_table,
    tree,
)
from tests.choices import SHOWN

OPENAPI = ROOT / "fakekounta" / "openapi"
"""The folder that describes choices and does not ask for them."""


@cache
def covered() -> frozenset[str]:
    """Return the ids that code outside the OpenAPI documents names as members, as it must to cover them."""
    paths = [path for path in PACKAGE if OPENAPI not in path.parents and path.name != "quirk_coverage.py"]
    return frozenset(name for path in paths for name in members(tree(path)))


@cache
def asked() -> frozenset[str]:
    """Return the ids whose choice some code asks for."""
    return frozenset([*(name for path in PACKAGE for name in choices_asked(path)), *status_table(), *BY_STORE])


@cache
def shown() -> frozenset[str]:
    """Return the ids whose alternatives tests show."""
    for name in MODULES:
        import_module(f"tests.catalogue.{name}")
    return frozenset(SHOWN)


@cache
def quirks_page() -> str:
    return (ROOT / "docs" / "quirks.md").read_text(encoding="utf-8")


@cache
def contract_texts() -> str:
    return "".join(path.read_text(encoding="utf-8") for path in CONTRACTS)


def forgotten(quirk_id: str, *, is_assumption: bool) -> Iterator[str]:
    """Yield the places that a quirk of the catalogue lacks."""
    uncounted = {quirk.id for quirk in UNCOUNTED}
    if quirk_id not in cited():
        yield "fakekounta/: cite it where the code follows it, as a member or in a comment or docstring"
    if quirk_id not in covered() | uncounted:
        yield "fakekounta/: cover it (`exchange.covers`), or say why not in pytest_plugin/quirk_coverage.py (UNCOUNTED)"
    if quirk_id not in proven() and quirk_id not in NOT_PROVABLE:
        yield f'contracts/: prove it by a test marked @pytest.mark.quirk("{quirk_id}"), or see conftest.NOT_PROVABLE'
    if f"### {quirk_id}\n" not in quirks_page():
        yield "docs/: run `make docs`"
    if is_assumption:
        yield from forgotten_of_assumption(quirk_id)


def forgotten_of_assumption(quirk_id: str) -> Iterator[str]:
    if quirk_id not in asked():
        yield "fakekounta/: ask for its choice, at the line that depends on it"
    if quirk_id not in shown():
        yield f'tests/catalogue/test_assumptions*.py: show each alternative by a test with @shows("{quirk_id}", ...)'
    if quirk_id not in PROBES:
        yield "contracts/observing.py: add a probe that tells which alternative a server follows"
    if f'chosen["{quirk_id}"]' not in contract_texts():
        yield f'contracts/: let its tests expect what target.chosen["{quirk_id}"] says'


@pytest.mark.parametrize("quirk", Quirk, ids=lambda quirk: quirk.id)
def test_no_place_is_forgotten(quirk: Quirk) -> None:
    """CONTRIBUTING has the recipe: "Add a quirk", "Add an assumption"."""
    places = list(forgotten(quirk.id, is_assumption=quirk in CHOICES))
    assert not places, "\n".join([f"{quirk.id} is not finished:", *places])


@pytest.mark.parametrize("is_assumption, count", [(False, 4), (True, 8)])
def test_all_places_are_named_for_a_new_one(is_assumption: bool, count: int) -> None:
    """For an id that was only added to the catalogue, one failure names all missing places."""
    assert len(list(forgotten("Z99", is_assumption=is_assumption))) == count
