"""A pytest plugin that records which lines of the package each test runs, its duration, and whether it passed.

`python -m pytest -p tests.mutants.coverage_plugin`, with the file to write in the variable MUTANTS_COVERAGE.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage

ROOT = Path(__file__).parents[2]
_RESULT = Path(os.environ["MUTANTS_COVERAGE"])
_measured = Coverage(data_file=None, source=[str(ROOT / "fakekounta")], config_file=False)
_tests: dict[str, dict[str, Any]] = {}
_measured.start()


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, None]:
    """Record the lines that run meanwhile, in any thread, for this test."""
    _measured.switch_context(item.nodeid)
    yield
    _measured.switch_context("")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    entry = _tests.setdefault(report.nodeid, {"seconds": 0.0, "passed": True})
    entry["seconds"] += report.duration
    entry["passed"] = entry["passed"] and report.passed


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    _measured.stop()
    data = _measured.get_data()
    lines: dict[str, dict[str, list[int]]] = {}
    for path in data.measured_files():
        name = Path(path).relative_to(ROOT).as_posix()
        for line, contexts in data.contexts_by_lineno(path).items():
            for test in contexts:
                lines.setdefault(test, {}).setdefault(name, []).append(line)
    for test, entry in _tests.items():
        entry["lines"] = lines.get(test, {})
    _RESULT.write_text(json.dumps(_tests), encoding="utf-8")
