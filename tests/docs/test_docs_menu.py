"""The page on sites, staff and the menu: its tests pass, and its seed is one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakekounta import FakeKounta
from fakekounta.core.all_collections import COLLECTIONS
from tests.pages import ROOT, blocks, modules

PAGE = ROOT / "docs" / "menu.md"


@pytest.mark.parametrize("name, number", [("test_cafe", 2), ("test_menu", 2), ("test_options", 1)])
def test_the_examples_pass(name: str, number: int, fakekounta_server: FakeKounta) -> None:
    """Each test of the page passes in a world with the settings of its marker."""
    module: dict[str, Any] = {}
    exec(compile(modules(PAGE)[name], name, "exec"), module)
    tests = [one for key, one in module.items() if key.startswith("test_")]
    assert len(tests) == number
    for test in tests:
        marks = [one.kwargs for one in getattr(test, "pytestmark", ())]
        with fakekounta_server.fresh(**(marks[0] if marks else {})) as kounta:
            test(kounta)


def test_the_seed_is_one() -> None:
    """The seed of the page is accepted and has a price at the site."""
    (seed,) = blocks(PAGE, "json")
    kounta = FakeKounta(seed=json.loads(seed))
    assert [(one.name, str(one.at(1640).unit_price)) for one in kounta.products] == [("Tea", "4")]


def test_the_table_has_each_handle() -> None:
    """The table names each handle."""
    text = PAGE.read_text(encoding="utf-8")
    declared = [one.plural for one in COLLECTIONS.values() if not one.has_own_routes]
    assert [plural for plural in declared if f"`{plural}`" not in text] == []
