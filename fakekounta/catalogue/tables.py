"""The catalogue as Markdown tables, for the command line and the docs."""

from __future__ import annotations

from collections.abc import Iterable

from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.catalogue.quirks import Quirk


def quirk_rows() -> list[dict[str, str]]:
    """Return id, slug, basis, statement and source of each quirk."""
    return [
        {
            "id": quirk.id,
            "slug": quirk.slug,
            "basis": quirk.basis.name,
            "statement": quirk.statement,
            "source": quirk.source,
        }
        for quirk in Quirk
    ]


def quirk_table() -> str:
    """Return all quirks as a Markdown table."""
    return markdown_table(
        ("id", "what the API does", "basis", "source"),
        ((row["id"], row["statement"], row["basis"], row["source"]) for row in quirk_rows()),
    )


def assumption_table() -> str:
    """Return all assumptions with their alternatives as a Markdown table; the first of each is the default."""
    rows = []
    for quirk, choices in CHOICES.items():
        default, *others = (f"`{name}`: {text}" for name, text in choices.items())
        rows.append((quirk.id, default, "<br>".join(others)))
    return markdown_table(("id", "default", "alternatives"), rows)


def markdown_table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [_row(head), _row("---" for _ in head), *(_row(row) for row in rows)]
    return "\n".join(lines) + "\n"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"
