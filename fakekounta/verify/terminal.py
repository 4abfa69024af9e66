"""Print the report: a table and a progress bar in a terminal, plain lines otherwise."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from fakekounta.verify.lines import finding, left_behind, summary
from fakekounta.verify.listener import Progress
from fakekounta.verify.report import Report
from fakekounta.verify.verdicts import Status

_STYLES = {
    Status.PROVEN: "green",
    Status.PARTLY: "green",
    Status.ALTERNATIVE: "cyan",
    Status.CONTRADICTED: "bold red",
    Status.NOT_PROVABLE: "yellow",
}


class BarProgress(Progress):
    """A progress bar, shown in a terminal only."""

    def __init__(self, console: Console) -> None:
        columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
        self._bar = Bar(*columns, console=console, transient=True)
        self._shown = console.is_terminal
        self._task: TaskID | None = None

    def start(self, total: int) -> None:
        """Show the bar."""
        if self._shown:
            self._bar.start()
            self._task = self._bar.add_task("", total=total)

    def advance(self, test: str) -> None:
        """Count one more test."""
        if self._task is not None:
            name = escape(test.rpartition("::")[2].partition("[")[0])
            self._bar.update(self._task, advance=1, description=name)

    def stop(self) -> None:
        """Remove the bar."""
        if self._task is not None:
            self._bar.stop()


def show(report: Report, console: Console) -> None:
    """Print the report."""
    if console.is_terminal:
        table = Table("id", "verdict", "finding", title=f"{escape(report.target)}, {report.verified_at}")
        for verdict in report.verdicts:
            style = _STYLES[verdict.status]
            table.add_row(verdict.quirk.id, f"[{style}]{verdict.status.value}[/]", escape(finding(verdict)))
        console.print(table)
    else:
        _plain(f"{report.target}, {report.verified_at}", console)
        for verdict in report.verdicts:
            _plain(f"{verdict.quirk.id}  {verdict.status.value:<13}  {finding(verdict)}".rstrip(), console)
    for line in [summary(report), *left_behind(report)]:
        _plain(line, console)
    if not report.complete:
        _plain("The run is incomplete: not every test was finished.", console)


def _plain(line: str, console: Console) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)
