"""Figures, each with the bar that it must hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table: at most `bar`, or at least `bar` if `at_least`; without a bar it is for information."""

    name: str
    value: float
    unit: str
    bar: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def holds(self) -> bool:
        if self.bar is None:
            return True
        return self.value >= self.bar if self.at_least else self.value <= self.bar


def none_of(name: str, found: Sequence[object], of: int) -> Figure:
    """Return a figure of things that must not occur; the first of them is the note."""
    return Figure(name=name, value=len(found), unit=f"of {of:,}", bar=0, note=str(found[0])[:300] if found else "")


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a table."""
    lines = ["| what | figure | bar | holds |", "|---|---|---|---|"]
    for one in figures:
        bar = "" if one.bar is None else f"{'>=' if one.at_least else '<='} {one.bar:,.4g}"
        verdict = "" if one.bar is None else "yes" if one.holds else "NO"
        lines.append(f"| {one.name} | {one.value:,.4g} {one.unit} | {bar} | {verdict} |")
    lines += [f"{one.name}: {one.note}" for one in figures if one.note]
    return "\n".join(lines)
