"""Tests of the charts on the page about speed: they are what the script makes of the measured figures."""

from __future__ import annotations

import json
import re
import sys
from importlib import import_module
from typing import Any

import pytest

from tests.pages import ROOT

DOCS = ROOT / "docs"


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the script that draws the charts."""
    monkeypatch.syspath_prepend(DOCS)
    yield import_module("draw_charts")
    sys.modules.pop("draw_charts", None)


def test_the_charts_are_drawn_from_the_figures(drawing: Any) -> None:
    """Each picture of the page is, byte for byte, what the script makes of docs/benchmarks.json; none is left over."""
    made = drawing.charts(json.loads((DOCS / "benchmarks.json").read_text(encoding="utf-8")))
    assert {path.name: path.read_text(encoding="utf-8") for path in (DOCS / "images").glob("speed-*.svg")} == made
    shown = re.findall(r"\(images/(speed-\w+\.svg)\)", (DOCS / "how-fast.md").read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(made)


def test_a_label_is_escaped_and_a_value_is_shown(drawing: Any) -> None:
    """A bar has its label and its value as text; the longest takes all the room."""
    rows = [{"name": "GET by id, 8 connections / a<b", "ours": 400.0, "other": 100.0, "ratio": 4.0}]
    (text,) = drawing.charts({"rows": rows}).values()
    assert "a&lt;b" in text
    assert ">100<" in text
    assert ">25<" in text
    assert 'class="ours" x="300" y="48" width="330"' in text
