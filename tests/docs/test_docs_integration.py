"""The page with a whole integration: the shop and its test are executed."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

from fakekounta import Assumptions, FakeKounta, Quirk
from fakekounta.catalogue.assumptions import CHOICES
from tests.pages import ROOT, blocks, modules

PAGE = ROOT / "docs" / "integration.md"
FILES = ("kounta_client", "shop", "test_shop")
CITED = tuple(
    one for one in dict.fromkeys(re.findall(r"\b[A-Z]\d\d\b", PAGE.read_text("utf-8"))) if one in Assumptions()
)
NAMED = tuple(re.findall(r"\(([A-Z]\d\d)\)", PAGE.read_text("utf-8").partition("Which choices of the fake")[2]))
assert len(NAMED) == 2


def last_of(name: str) -> str:
    """Return the last alternative of an assumption."""
    return [*CHOICES[Quirk.by_id(name)]][-1]


@pytest.fixture
def _saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The files of the page side by side, as a reader saves them."""
    for name, text in modules(PAGE).items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    kept = {name: sys.modules.pop(name) for name in FILES if name in sys.modules}  # other pages have a shop, too
    yield
    for name in FILES:
        sys.modules.pop(name, None)
    sys.modules.update(kept)


@pytest.fixture
def play(_saved: None, fakekounta_server: FakeKounta) -> Callable[[dict[str, str]], None]:
    """A function that runs the test of the page in the world of its marker, under some assumptions."""

    def played(assumptions: dict[str, str]) -> None:
        test = import_module("test_shop").test_an_order_earns_its_points_once
        [mark] = test.pytestmark
        with fakekounta_server.fresh(**mark.kwargs, assumptions=assumptions) as kounta:
            test(kounta)

    return played


@pytest.mark.parametrize(
    "assumptions", [{}, {one: last_of(one) for one in CITED if one not in NAMED}], ids=["", "others"]
)
def test_an_order_goes_through(play: Callable[[dict[str, str]], None], assumptions: dict[str, str]) -> None:
    """The test of the page passes, also under another alternative of each assumption that the page cites."""
    assert tuple(modules(PAGE)) == FILES
    assert len(blocks(PAGE, "python")) == len(FILES)
    play(assumptions)


@pytest.mark.parametrize("name", NAMED)
def test_it_depends_on_two_choices(play: Callable[[dict[str, str]], None], name: str) -> None:
    """The test fails under the two choices that the page names at its end."""
    with pytest.raises(AssertionError):
        play({name: last_of(name)})
