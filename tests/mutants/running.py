"""Tries mutants: each in a worker's own copy of the project, with a limit of time."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from threading import Lock
from typing import Any

from tests.mutants.measured import ROOT, MeasuredTest, digest, environment, test_files
from tests.mutants.mutations import Mutant

RESULTS = ROOT / ".mutants" / "results.json"
EQUIVALENT = Path(__file__).with_name("equivalent.txt")
_FIRST = 40  # tests of the first run; most mutants are killed by one of them
_SPARE_SECONDS = 40.0
_NO_TESTS = 5  # pytest's exit code when nothing was run
_MOST_BYTES = 8 << 30  # the limit of the address space, so that a mutant cannot use all memory of the machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome for a mutant: `how` is the test that failed, "hangs", "survived" or "no test runs it"."""

    killed: bool
    how: str


def equivalents() -> dict[str, str]:
    """Return the mutants that no test can notice, with the reasons: two lines each in the file, then a blank one."""
    lines = [line for line in EQUIVALENT.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    pairs = "\n".join(lines).strip().split("\n\n")
    return dict(pair.strip().split("\n", 1) for pair in pairs if pair.strip())


class Runner:
    """Runs the tests on mutants, several at once, and remembers the outcomes between runs."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._copies: Queue[Path] = Queue()
        self._lock = Lock()
        self._folder = tempfile.TemporaryDirectory(prefix="fakekounta-mutants-")
        self._known: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
        self._all_tests = digest(test_files())

    def __enter__(self) -> Runner:
        for number in range(self._workers):
            self._copies.put(_copy(Path(self._folder.name) / str(number)))
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._folder.cleanup()

    def outcomes(self, plans: Sequence[tuple[Mutant, Sequence[MeasuredTest]]]) -> list[Outcome]:
        """Return an outcome for each mutant, with the tests that were chosen for it."""
        with ThreadPoolExecutor(self._workers) as pool:
            return list(pool.map(lambda plan: self._outcome(*plan), plans))

    def _outcome(self, mutant: Mutant, chosen: Sequence[MeasuredTest]) -> Outcome:
        source = digest([ROOT / mutant.path])
        known = self._known.get(mutant.key)
        if known and known["source"] == source and (known["killed"] or known["tests"] == self._all_tests):
            return Outcome(killed=known["killed"], how=known["how"])
        outcome = self._tried(mutant, chosen)
        entry = {"source": source, "tests": self._all_tests, "killed": outcome.killed, "how": outcome.how}
        with self._lock:
            self._known[mutant.key] = entry
            RESULTS.parent.mkdir(exist_ok=True)
            RESULTS.write_text(json.dumps(self._known, indent=1), encoding="utf-8")
        print(f"{'killed  ' if outcome.killed else 'SURVIVED'} {mutant.key}", file=sys.stderr, flush=True)
        return outcome

    def _tried(self, mutant: Mutant, chosen: Sequence[MeasuredTest]) -> Outcome:
        if not chosen:
            return Outcome(killed=False, how="no test runs it")
        copy = self._copies.get()
        try:
            with _changed(copy / mutant.path, mutant.source):
                for tests in (chosen[:_FIRST], chosen[_FIRST:]):
                    how = _fails(copy, tests) if tests else None
                    if how is not None:
                        return Outcome(killed=True, how=how)
        finally:
            self._copies.put(copy)
        return Outcome(killed=False, how="survived")


def _copy(to: Path) -> Path:
    """Return a copy of the files that the tests need."""
    to.mkdir()
    for name in ("fakekounta", "tests", "contracts", "docs", ".ci", ".github"):
        shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, to / path.name)
    return to


class _changed:  # noqa: N801 - used like a function
    """The file has this source for as long as the block lasts.

    The time of its change is another one each time: Python takes a compiled file to be fresh if time and size agree.
    """

    _seconds = 1_000_000_000

    def __init__(self, path: Path, source: str) -> None:
        self._path = path
        self._source = source
        self._before = path.read_text(encoding="utf-8")

    def __enter__(self) -> None:
        self._write(self._source)

    def __exit__(self, *exc_info: object) -> None:
        self._write(self._before)

    def _write(self, source: str) -> None:
        self._path.write_text(source, encoding="utf-8")
        _changed._seconds += 1
        os.utime(self._path, (_changed._seconds, _changed._seconds))


def _fails(copy: Path, chosen: Sequence[MeasuredTest]) -> str | None:
    """Return the first test that fails, "hangs" if the tests take far too long, or None."""
    names = [test.name for test in chosen]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", *names]
    log = copy / "pytest.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=copy, env=environment(copy), stdout=output, stderr=output, start_new_session=True
        )
        try:
            resource.prlimit(process.pid, resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
            code = process.wait(_SPARE_SECONDS + 4 * sum(test.seconds for test in chosen))
        except subprocess.TimeoutExpired:
            return "hangs"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if code == _NO_TESTS:
        raise RuntimeError(f"no test was run: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
    return None if code == 0 else _failure(log.read_text(encoding="utf-8", errors="replace"))


def _failure(log: str) -> str:
    lines = [line for line in log.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return lines[0][:200] if lines else log[-200:]
