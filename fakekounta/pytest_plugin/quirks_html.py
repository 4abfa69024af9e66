"""Quirk coverage as a page: one file without a script, which loads nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from jinja2 import Environment

from fakekounta import __version__
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.clock import system_now
from fakekounta.process.dataclass import dataclass
from fakekounta.pytest_plugin.quirk_coverage import FAMILIES, Coverage

_TEMPLATE = Path(__file__).with_name("quirks_report.html")


@dataclass(frozen=True, slots=True)
class _Row:
    """A quirk, how many exchanges and deliveries and how many tests covered it, and the first of these tests."""

    quirk: Quirk
    times: int
    tests: int
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Family:
    """How many quirks of a family count, and how many of them were covered."""

    name: str
    covered: int
    counted: int


def quirks_html(coverage: Coverage) -> str:
    """Return the report as an HTML document; every text in it is escaped."""
    counted, missed = coverage.counted, coverage.missed
    covered = [quirk for quirk in counted if quirk in coverage.tally.times]
    environment = Environment(autoescape=True)
    environment.filters["parts"] = re.compile(r"`([^`]*)`").split  # every second part stands in backticks
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        percent=f"{coverage.percent:.0f}%",
        version=__version__,
        moment=system_now().strftime("%Y-%m-%d %H:%M UTC"),
        counted=len(counted),
        families=list(_families(counted, covered)),
        missed=_rows(coverage, missed),
        covered=_rows(coverage, covered),
        others=_rows(coverage, [quirk for quirk in Quirk if quirk not in counted]),
    )


def _families(counted: Sequence[Quirk], covered: Sequence[Quirk]) -> Iterable[_Family]:
    for name, letter in FAMILIES.items():
        total = sum(quirk.id[0] == letter for quirk in counted)
        if total:
            yield _Family(name.replace("_", " "), sum(quirk.id[0] == letter for quirk in covered), total)


def _rows(coverage: Coverage, quirks: Iterable[Quirk]) -> list[_Row]:
    tally = coverage.tally
    return [
        _Row(
            quirk,
            tally.times.get(quirk, 0),
            tally.tests.get(quirk, 0),
            [_writable(name) for name in tally.names.get(quirk, ())],
        )
        for quirk in quirks
    ]


def _writable(name: str) -> str:
    """Return the name without characters that no encoding has: as in the name of a file that is not UTF-8."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")
