"""The page with a whole integration: the shop and its test are executed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

from fakekounta import FakeKounta
from tests.pages import ROOT, blocks, modules

PAGE = ROOT / "docs" / "integration.md"
FILES = ("kounta_client", "shop", "test_shop")


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


@pytest.mark.parametrize("assumptions", [{}, {"D50": "10s", "D52": "as_sent", "D58": "at_once"}], ids=str)
def test_an_order_goes_through(play: Callable[[dict[str, str]], None], assumptions: dict[str, str]) -> None:
    """The test of the page passes, also where Kounta does otherwise than by default."""
    assert tuple(modules(PAGE)) == FILES
    assert len(blocks(PAGE, "python")) == len(FILES)
    play(assumptions)


@pytest.mark.parametrize("assumptions", [{"G16": "inc_tax"}, {"M23": "complete"}], ids=str)
def test_it_depends_on_two_choices(play: Callable[[dict[str, str]], None], assumptions: dict[str, str]) -> None:
    """The sweep reports the two choices that the page names."""
    with pytest.raises(AssertionError):
        play(assumptions)
