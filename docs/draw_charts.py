"""Draws the charts of docs/how-fast.md from docs/benchmarks.json: `.venv/bin/python docs/draw_charts.py`.

`make bench ARGS="--json docs/benchmarks.json serving growth fixture"` writes that file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
FIGURES = DOCS / "benchmarks.json"
_WIDTH, _ROW, _LABEL, _VALUE, _TOP = 720, 34, 300, 90, 48
_STYLE = (
    "text{font:14px system-ui,sans-serif;fill:#1b1f24}.title{font-weight:600;font-size:16px}"
    ".ours{fill:#0a6b5d}.other{fill:#8c959f}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.ours{fill:#4cc3ae}.other{fill:#6e7681}}"
)

Bar = tuple[str, float, bool]
"""The label of a bar, its value, and whether it is ours."""


def charts(figures: Mapping[str, Any]) -> dict[str, str]:
    """Return the charts as SVG, by the names of their files; one whose figures are missing is left out."""
    rows = figures["rows"]
    drawn = {
        "speed-serving.svg": ("Requests a second for one customer, 8 connections; fakekounta is 100", _serving(rows)),
        "speed-growth.svg": ("A request with many customers, by how many times the time of 1,000", _growth(rows)),
        "speed-test.svg": ("What a test pays: microseconds", _costs(rows)),
    }
    return {name: _chart(title, bars) for name, (title, bars) in drawn.items() if bars}


def machine(figures: Mapping[str, Any]) -> str:
    """Return when and on what the figures were measured, as a sentence."""
    how = "a quick run" if figures["quick"] else "a whole run"
    return f"Measured on {figures['date']}, on {figures['cores']} cores, with Python {figures['python']}, in {how}.\n"


def of_this_machine() -> str:
    """Return that sentence for the figures of the docs."""
    return machine(json.loads(FIGURES.read_text(encoding="utf-8")))


def _serving(rows: Sequence[Mapping[str, Any]]) -> list[Bar]:
    of = [row for row in rows if row["name"].startswith("GET by id, 8 connections / ")]
    ours = [("fakekounta", 100.0, True)] if of else []
    return ours + [(row["name"].partition(" / ")[2], 100 / row["ratio"], False) for row in of]


def _growth(rows: Sequence[Mapping[str, Any]]) -> list[Bar]:
    of = [row for row in rows if " / at " in row["name"] and not row["name"].startswith("core: ")]
    return [(row["name"].partition(" / at ")[0], row["ratio"], True) for row in of]


def _costs(rows: Sequence[Mapping[str, Any]]) -> list[Bar]:
    names = {
        "reset() with an empty seed / a request in-process": "reset() before each test",
        "GET by id, requests in-process / over a socket": "a request without a socket",
    }
    bars = [(names[row["name"]], row["ours"], True) for row in rows if row["name"] in names]
    return bars + [
        ("a request over a socket", row["other"], False)
        for row in rows
        if row["name"] == "GET by id, requests in-process / over a socket"
    ]


def _chart(title: str, bars: Sequence[Bar]) -> str:
    most = max(value for _, value, _ in bars)
    room = _WIDTH - _LABEL - _VALUE
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_TOP + _ROW * len(bars)}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f'<text class="title" x="0" y="20">{escape(title)}</text>',
    ]
    for number, (label, value, is_ours) in enumerate(bars):
        top, length = _TOP + _ROW * number, max(2, round(room * value / most))
        kind = "ours" if is_ours else "other"
        lines += [
            f'<text x="0" y="{top + 15}">{escape(label)}</text>',
            f'<rect class="{kind}" x="{_LABEL}" y="{top}" width="{length}" height="20"/>',
            f'<text x="{_LABEL + length + 8}" y="{top + 15}">{value:,.3g}</text>'
            if value < 100
            else f'<text x="{_LABEL + length + 8}" y="{top + 15}">{value:,.0f}</text>',
        ]
    return "\n".join([*lines, "</svg>"]) + "\n"


def main() -> None:
    """Write each chart."""
    for name, text in charts(json.loads(FIGURES.read_text(encoding="utf-8"))).items():
        (DOCS / "images" / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    main()
