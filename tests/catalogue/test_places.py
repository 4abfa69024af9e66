"""Tests of new quirks and assumptions: one failure names every place that was forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from contracts.conftest import NOT_PROVABLE
from contracts.observing import PROBES
from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.catalogue.quirks import Quirk
from fakekounta.pytest_plugin.quirk_coverage import UNCOUNTED
from tests.catalogue.test_assumptions import MODULES
from tests.catalogue.test_catalogue import (
    BY_STORE,
    CATALOGUES,
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

NAME = re.compile(r"(?<![A-Za-z0-9])[A-Z][0-9]{2}(?![A-Za-z0-9])")
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


def test_no_place_is_forgotten() -> None:
    """CONTRIBUTING has the recipe: "Add a quirk", "Add an assumption"."""
    places = {quirk.id: list(forgotten(quirk.id, is_assumption=quirk in CHOICES)) for quirk in Quirk}
    lines = [line for name, missing in places.items() if missing for line in (f"{name} is not finished:", *missing)]
    assert not lines, "\n".join(lines)


@pytest.mark.parametrize("is_assumption, count", [(False, 4), (True, 8)])
def test_all_places_are_named_for_a_new_one(is_assumption: bool, count: int) -> None:
    """For an id that was only added to the catalogue, one failure names all missing places."""
    assert len(list(forgotten("Z99", is_assumption=is_assumption))) == count


MOST_FILES = 6
"""In how many files of package, contract suite and tests together an ordinary assumption may be named.

These are the two of the catalogue, the line that asks, the probe, the contract test and the test of its alternatives.
"""
NAMED_MORE_OFTEN: Mapping[str, int] = {
    **dict.fromkeys(("A13", "D51", "D73", "M24"), 7),
    **dict.fromkeys(("D67", "O05"), 8),
    **dict.fromkeys(("A05", "C21", "O06"), 9),
    **dict.fromkeys(("A03", "A10"), 10),
    **dict.fromkeys(("A02", "A06"), 11),
    **dict.fromkeys(("A04", "A16", "A17", "A18", "O13"), 12),
    **dict.fromkeys(("A14", "C19"), 13),
    **dict.fromkeys(("A11", "O07"), 14),
    "A15": 16,
    "O09": 17,
    "A07": 24,
    "A01": 44,
}
"""Exceptions: assumptions that several modules have to do with, and those that tests take as an example (A01, A07)."""

TESTS = sorted((ROOT / "tests").rglob("*.py"))
NOT_COUNTED = frozenset(
    (
        *(path for path in (*PACKAGE, *TESTS) if path.parent.name in ("stateful", "strategies")),  # follow each choice
        ROOT / "fakekounta/openapi/recorded.py",  # is generated
        *(ROOT / f"tests/{name}.py" for name in ("planted", "planted_orders", "deviants")),  # tables of bugs, by quirk
        Path(__file__),
    )
)


def files_that_name(quirk_id: str) -> int:
    """Return how many files name an assumption, by its id or as a member."""
    return sum(quirk_id in names for names in named_by_file())


@cache
def named_by_file() -> tuple[frozenset[str], ...]:
    counted = {*PACKAGE, *CATALOGUES, *CONTRACTS, *TESTS} - NOT_COUNTED
    return tuple(frozenset(NAME.findall(path.read_text(encoding="utf-8"))) for path in counted)


@pytest.mark.parametrize("quirk", CHOICES, ids=lambda quirk: quirk.id)
def test_few_files_name_an_assumption(quirk: Quirk) -> None:
    """Ask a function for the behaviour, such as `id_str` of `contracts/forms.py`, instead of naming the id again."""
    assert files_that_name(quirk.id) <= NAMED_MORE_OFTEN.get(quirk.id, MOST_FILES)


@pytest.mark.parametrize("quirk_id, most", NAMED_MORE_OFTEN.items())
def test_the_exceptions_only_shrink(quirk_id: str, most: int) -> None:
    """An exception is as small as it can be."""
    assert files_that_name(quirk_id) == most
