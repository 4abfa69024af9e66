"""How soon the state machine finds each planted bug: `python benchmarks/planted_bugs.py` writes the table.

Each bug is searched with several seeds. An example is one run of the machine from an empty fake, a step one operation
in it. The table counts the examples and steps of Hypothesis up to the first failure, without shrinking. It is a part of
`docs/state-machine.md`; a test compares its rows with the planted bugs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from typing import Any

from hypothesis import Phase, seed, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

from write_tables import with_table  # noqa: E402

from fakekounta.stateful import Contradiction, KountaMachine  # noqa: E402
from tests.planted import BUGS, Bug  # noqa: E402 - the path is needed first

PAGE = ROOT / "docs" / "state-machine.md"
SEEDS = range(15)
SETTINGS = settings(
    max_examples=500, stateful_step_count=30, deadline=None, database=None, phases=[Phase.generate], print_blob=False
)


class Count:
    """Examples and steps until the first failure."""

    def __init__(self) -> None:
        self.examples = 0
        self.steps = 0
        self.failed = False


def counting(bug: Bug, kounta: Any, count: Count) -> type[KountaMachine]:
    """Return a machine that counts until it has failed."""

    class Counting(KountaMachine):
        fake_settings = {"page_size": 2, **bug.settings}  # noqa: RUF012 - as the tests have it

        def begin(self) -> None:
            count.examples += not count.failed

        @invariant()
        def one_more_step(self) -> None:
            count.steps += not count.failed

        def end(self) -> None:
            count.failed |= isinstance(sys.exc_info()[1], Contradiction)

    Counting.kounta = kounta
    return Counting


def look_for(bug: Bug, number: int) -> tuple[Count, str]:
    """Return the count, and the quirk that the failure named; "" if the bug was not found."""
    count = Count()
    with bug.planted() as kounta:
        machine = seed(number)(counting(bug, kounta, count))
        try:
            run_state_machine_as_test(machine, settings=SETTINGS)
        except Contradiction as contradiction:
            return count, contradiction.quirk.id
    return count, ""


def row(bug: Bug) -> str:
    found = [look_for(bug, number) for number in SEEDS]
    named = sum(quirk == bug.quirk for _, quirk in found)
    examples = [count.examples for count, _ in found]
    steps = [count.steps for count, _ in found]
    others = sorted({quirk or "not found" for _, quirk in found if quirk != bug.quirk})
    cells = (
        bug.quirk,
        bug.what,
        f"{named} of {len(found)}" + (f", else {', '.join(others)}" if others else ""),
        f"{median(examples):.0f}",
        f"{max(examples)}",
        f"{median(steps):.0f}",
    )
    return f"| {' | '.join(cells)} |\n"


def main() -> None:
    head = "| quirk | bug | found, by its quirk | examples, median | examples, most | steps, median |\n"
    table = head + "| --- | --- | --- | --- | --- | --- |\n"
    for bug in BUGS:
        line = row(bug)
        sys.stdout.write(line)
        sys.stdout.flush()
        table += line
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), "planted bugs", table), encoding="utf-8")


if __name__ == "__main__":
    main()
