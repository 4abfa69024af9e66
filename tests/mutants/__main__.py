"""`make mutants`: how many small changes of the code our tests notice.

A sample with a fixed seed from each of five folders is tried: each mutant in a copy of the project, with the tests that
run the changed line, the fastest first. What was killed, by a failing test or by hanging, is remembered as long as the
file is the same; what survived is tried again once tests or code have changed. `equivalent.txt` lists, with a reason
each, the mutants that no test can notice; they do not count.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from tests.mutants.measured import ROOT, chosen, measured_tests
from tests.mutants.mutations import Mutant, mutants_of, sample
from tests.mutants.running import Outcome, Runner, equivalents

FOLDERS = ("core", "control", "web", "wire/server", "wire/delivery")
SEED = "fakekounta 1"
WANTED = 0.95


def main() -> int:
    """Print each folder's share of killed mutants and the survivors; return 1 if a share is too small."""
    options = _options()
    started = time.monotonic()
    every = measured_tests(workers=options.workers, accept_old=options.old_coverage, only=options.tests)
    print(f"{len(every)} tests measured after {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    shares = {}
    with Runner(options.workers) as runner:
        for folder in options.folders or FOLDERS:
            mutants = sample(_mutants_in(folder, options.only), options.count, SEED)
            plans = [(one, chosen(every, one.path, one.line, most_seconds=12, most=400)) for one in mutants]
            shares[folder] = _judge(folder, mutants, runner.outcomes(plans))
    print(f"\n{'folder':<12} killed", *(f"\n{folder:<12} {share}" for folder, share in shares.items()))
    print(f"{time.monotonic() - started:.0f} s")
    return 1 if any(share.ratio < WANTED for share in shares.values()) else 0


class _Share:
    """The number of mutants that count, and of those that were killed."""

    def __init__(self, killed: int, total: int, equivalent: int) -> None:
        self.ratio = killed / total if total else 1.0
        self._text = f"{killed} of {total} ({self.ratio:.0%}), {equivalent} equivalent ones left out"

    def __str__(self) -> str:
        return self._text


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutants", description="how many small changes our tests notice")
    parser.add_argument("folders", nargs="*", help=f"some of {', '.join(FOLDERS)}; all, if none is named")
    parser.add_argument("--count", type=int, default=65, help="mutants of each folder (65)")
    parser.add_argument("--only", default="", help="only those of files whose path contains this text")
    parser.add_argument("--tests", default="", help="only tests of files whose name contains this text")
    parser.add_argument("--workers", type=int, default=2, help="mutants that are tried at once (2)")
    parser.add_argument(
        "--old-coverage", action="store_true", help="measure changed tests only, not all after a change"
    )
    options = parser.parse_args()
    for folder in options.folders:
        if folder not in FOLDERS:
            parser.error(f"there is no folder {folder!r}")
    return options


def _mutants_in(folder: str, only: str) -> list[Mutant]:
    found: list[Mutant] = []
    for path in sorted((ROOT / "fakekounta" / folder).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if only in name:
            found += mutants_of(name, path.read_text(encoding="utf-8"))
    return found


def _judge(folder: str, mutants: Sequence[Mutant], outcomes: Sequence[Outcome]) -> _Share:
    """Print the survivors, and return the share of killed mutants."""
    known = equivalents()
    survivors = [one for one, outcome in zip(mutants, outcomes, strict=True) if not outcome.killed]
    equivalent = [one for one in survivors if one.key in known]
    for one in survivors:
        if one.key not in known:
            print(f"\nsurvived: {one.key}\n{one.diff}", flush=True)
    killed = len(mutants) - len(survivors)
    print(f"\n{folder}: {killed} killed, {len(survivors) - len(equivalent)} survived", flush=True)
    return _Share(killed, len(mutants) - len(equivalent), len(equivalent))


if __name__ == "__main__":
    sys.exit(main())
