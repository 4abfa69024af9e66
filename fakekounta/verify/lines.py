"""Sentences of the report, for the terminal and the Markdown page."""

from __future__ import annotations

from collections.abc import Sequence

from fakekounta.verify.report import Report
from fakekounta.verify.verdicts import Status, Verdict

_MOST_REASONS = 2


def summary(report: Report) -> str:
    """Return one line with the number of quirks for each verdict."""
    counts = [f"{report.count(status)} {status.value}" for status in Status if report.count(status)]
    return f"{', '.join(counts)} of {len(report.verdicts)} quirks."


def finding(verdict: Verdict) -> str:
    """Return the details of one verdict: the difference, the alternative, the reasons."""
    if verdict.status is Status.CONTRADICTED:
        return verdict.contradictions[0].difference
    parts = [f"{verdict.quirk.id}: {verdict.follows}"] if verdict.follows is not None else []
    reasons = [*verdict.reasons[:_MOST_REASONS]]
    if len(verdict.reasons) > _MOST_REASONS:
        reasons.append(f"and {len(verdict.reasons) - _MOST_REASONS} more reasons")
    return "; ".join(parts + reasons)


def left_behind(report: Report) -> list[str]:
    """Return lines about records that could not be deleted."""
    lines = []
    if report.customers:
        ids = ranges(report.customers)
        lines.append(f"Left behind, because the API deletes no customer: {len(report.customers)} customers marked")
        lines.append(f"{report.mark}: {ids}")
    if report.orders:
        lines.append(f"Left behind, because the API deletes no order: orders {ranges(report.orders)}")
    if report.webhooks:
        lines.append(f"Left behind: webhooks {ranges(report.webhooks)}")
    return lines


def ranges(ids: Sequence[int]) -> str:
    """Return ids in a short form: "1-3, 7"."""
    parts: list[tuple[int, int]] = []
    for number in sorted(ids):
        if parts and parts[-1][1] == number - 1:
            parts[-1] = (parts[-1][0], number)
        else:
            parts.append((number, number))
    return ", ".join(f"{first}-{last}" if last > first else f"{first}" for first, last in parts)
