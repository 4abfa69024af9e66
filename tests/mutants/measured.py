"""Which tests run which lines: measured file by file, and kept as long as nothing it depends on has changed."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".mutants" / "coverage"
_MOST_SECONDS_A_FILE = 900

# Folders whose tests start processes, or run for seconds, and say little about a single line.
_LEFT_OUT = (
    "attack",
    "browser",
    "cli",
    "docs",
    "documents",
    "mutants",
    "outside",
    "pytest_plugin",
    "stateful",
    "verify",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredTest:
    """One test that passed: its node id, how long it took, and the lines of each file of the package that it ran."""

    name: str
    seconds: float
    lines: dict[str, frozenset[int]]


def environment(root: Path, **more: str) -> dict[str, str]:
    """Return the environment of a run of pytest in a copy at `root`. CI: Hypothesis draws the same every time."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("FAKEKOUNTA_", "PYTEST_"))}
    return {**ours, "CI": "true", "PYTHONPATH": str(root), "PYTHONHASHSEED": "0", **more}


def digest(paths: Iterable[Path]) -> str:
    """Return a hash of the contents of these files."""
    whole = hashlib.sha256()
    for path in sorted(paths):
        whole.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()[:20]


def package_files() -> list[Path]:
    """Return the Python files of the package."""
    return list((ROOT / "fakekounta").rglob("*.py"))


def test_files() -> list[Path]:
    """Return the files of tests and of the contract suite."""
    return [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "contracts").glob("test_*.py")]


def measured_tests(*, workers: int, accept_old: bool, only: str = "") -> list[MeasuredTest]:
    """Return all tests that passed, measured now or before.

    `accept_old`: also those measured before the package changed; `only`: those of files with this in the name.
    """
    KEPT.mkdir(parents=True, exist_ok=True)
    package = "any" if accept_old else digest(package_files())
    with ThreadPoolExecutor(workers) as pool:
        measured = list(
            pool.map(lambda path: _measured(path, package), [path for path in _test_files() if only in path.name])
        )
    return [test for of_file in measured for test in _read(of_file)]


def _test_files() -> list[Path]:
    return sorted(path for path in test_files() if path.parent.name not in _LEFT_OUT)


def _measured(path: Path, package: str) -> dict[str, Any]:
    """Return the measurement of one file of tests; it is repeated if the file has changed."""
    kept = KEPT / f"{path.parent.name}.{path.stem}.json"
    stamp = f"{digest([path])} {package}"
    if kept.exists():
        known: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        if known["stamp"] == stamp or (package == "any" and known["stamp"].startswith(digest([path]))):
            return known
    print(f"measuring {path.relative_to(ROOT)} ...", file=sys.stderr, flush=True)
    found = {"stamp": stamp, "tests": _measure(path)}
    kept.write_text(json.dumps(found), encoding="utf-8")
    return found


def _measure(path: Path) -> dict[str, Any]:
    result = KEPT / f"{path.stem}.{os.getpid()}.new"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.mutants.coverage_plugin", "-p", "no:cacheprovider"]
    try:
        subprocess.run(
            [*command, str(path.relative_to(ROOT))],
            cwd=ROOT,
            env=environment(ROOT, MUTANTS_COVERAGE=str(result)),
            capture_output=True,
            timeout=_MOST_SECONDS_A_FILE,
            check=False,
        )
        found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    except (subprocess.TimeoutExpired, FileNotFoundError):
        print(f"{path.name} was not measured: its tests kill no mutant", file=sys.stderr)
        return {}
    result.unlink()
    return found


def _read(of_file: dict[str, Any]) -> Iterator[MeasuredTest]:
    for name, entry in of_file["tests"].items():
        if entry["passed"]:
            lines = {path: frozenset(numbers) for path, numbers in entry["lines"].items()}
            yield MeasuredTest(name=name, seconds=entry["seconds"], lines=lines)


def chosen(
    every: Sequence[MeasuredTest], path: str, line: int, *, most_seconds: float, most: int
) -> list[MeasuredTest]:
    """Return tests that may notice a change of this line: the near ones first, then others.

    Near are those of files that share a word with the path, whether they were seen to run the line or not: what is
    made once in a process runs in the test that asks for it first. Before the others come those that share more words,
    then those that run the line, then the fastest. The others run the line, or the file, or are any tests at all; of
    them there are so many, in so many seconds, the fastest first, and of the near ones three times as many.
    """
    on_line = [test for test in every if line in test.lines.get(path, ())] if _is_in_a_function(path, line) else []
    # A line that runs when its module is imported runs in the test that imports it first, whatever that is about.
    candidates = on_line or [test for test in every if path in test.lines] or list(every)
    shared = {test.name: len(_words(path) & _words(test.name.partition("::")[0])) for test in every}
    running = {test.name for test in candidates}
    near = sorted(
        (test for test in every if shared[test.name]),
        key=lambda one: (-shared[one.name], one.name not in running, one.seconds, one.name),
    )
    others = sorted((test for test in candidates if not shared[test.name]), key=lambda one: (one.seconds, one.name))
    return [*_first(near, 3 * most_seconds, 3 * most), *_first(others, most_seconds, most)]


def _is_in_a_function(path: str, line: int) -> bool:
    """Return whether the line runs when a function is called; a line of an unknown file does."""
    return not (ROOT / path).exists() or any(line in lines for lines in _bodies((ROOT / path).read_text("utf-8")))


@cache
def _bodies(source: str) -> Sequence[range]:
    """Return the lines of each function's body."""
    functions = [one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [range(one.body[0].lineno, (one.end_lineno or one.lineno) + 1) for one in functions]


@cache
def _words(path: str) -> frozenset[str]:
    """Return the words in the name of a file and its folder, in the singular, without those of most paths."""
    words = frozenset(word.rstrip("s") for part in Path(path).with_suffix("").parts[-2:] for word in part.split("_"))
    return words - {"test", "contract", "fakekounta", "core", ""}


def _first(tests: Sequence[MeasuredTest], most_seconds: float, most: int) -> list[MeasuredTest]:
    found: list[MeasuredTest] = []
    seconds = 0.0
    for test in tests[:most]:
        seconds += test.seconds
        if found and seconds > most_seconds:
            break
        found.append(test)
    return found
