"""The report as a page of Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fakekounta.verify.lines import finding, ranges, summary
from fakekounta.verify.report import Report
from fakekounta.verify.verdicts import Outcome, Status, Verdict

_MOST_TESTS = 3


def page(report: Report) -> str:
    """Return the whole page as Markdown."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"# {report.target}"
    yield ""
    yield f"Company {report.company}, {report.verified_at}, suite of fakekounta {report.suite_version}."
    yield f"{summary(report)}"
    if not report.complete:
        yield ""
        yield "**The run is incomplete: not every test was finished.**"
    yield from _contradicted(report)
    yield from _followed(report)
    yield from _table(report)
    yield from _left_behind(report)


def _contradicted(report: Report) -> Iterator[str]:
    against = [verdict for verdict in report.verdicts if verdict.status is Status.CONTRADICTED]
    if against:
        yield ""
        yield "## Contradicted"
    for verdict in against:
        yield ""
        yield f"### {verdict.quirk.id}: {verdict.quirk.statement}"
        for outcome in verdict.contradictions[:_MOST_TESTS]:
            yield from _contradiction(outcome)
        rest = len(verdict.contradictions) - _MOST_TESTS
        if rest > 0:
            yield ""
            yield f"… and {rest} more tests."


def _contradiction(outcome: Outcome) -> Iterator[str]:
    yield ""
    yield f"`{outcome.test}`: {_inline(outcome.difference)}"
    for exchange in outcome.exchanges[-1:]:
        yield ""
        yield "````text"
        yield from _exchange(exchange)
        yield "````"


def _exchange(exchange: Mapping[str, Any]) -> Iterator[str]:
    request, answer = exchange["request"], exchange["answer"]
    yield f"{request['method']} {request['url']}"
    yield from (f"{name}: {value}" for name, value in request["headers"].items())
    yield from ([request["body"]] if request["body"] else [])
    yield ""
    yield f"{answer['status']}"
    yield from (f"{name}: {value}" for name, value in answer["headers"].items())
    yield from ([answer["body"]] if answer["body"] else [])


def _followed(report: Report) -> Iterator[str]:
    if report.followed:
        yield ""
        yield "## Assumptions"
        yield ""
        yield ", ".join(f"{quirk_id}: {name}" for quirk_id, name in report.followed.items())


def _table(report: Report) -> Iterator[str]:
    yield ""
    yield "## Every quirk"
    yield ""
    yield "| id | verdict | what the API does | finding |"
    yield "| --- | --- | --- | --- |"
    yield from (_row(verdict) for verdict in report.verdicts)


def _row(verdict: Verdict) -> str:
    cells = (verdict.quirk.id, verdict.status.value, verdict.quirk.statement, _inline(finding(verdict)))
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _left_behind(report: Report) -> Iterator[str]:
    yield ""
    yield "## Left behind"
    yield ""
    if not (report.customers or report.webhooks or report.orders):
        yield "Nothing."
        return
    yield f"Marked `{report.mark}`; the API deletes no customer and no order."
    for name, ids in (("Customers", report.customers), ("Webhooks", report.webhooks), ("Orders", report.orders)):
        if ids:
            yield ""
            yield f"{name}: {ranges(ids)}"


def _inline(text: str) -> str:
    return text.replace("\n", " ").replace("<", "&lt;")
