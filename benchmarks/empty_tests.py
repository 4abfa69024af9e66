"""What the fixture adds to a test: 4,000 empty tests with it, with a fixture that does nothing, and without any.

It is processor time, and the start of the session's fake is part of it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import servers
from lines import Row, judged

TESTS = 4_000
LIMIT = 0.25
_FIXTURES = {
    "none": "def test_{number}(): pass\n",
    "idle": "def test_{number}(idle): pass\n",
    "ours": "def test_{number}(fakekounta): pass\n",
}
_HEAD = "import pytest\n\n@pytest.fixture\ndef idle():\n    yield\n\n"


def rows(rounds: int) -> list[Row]:
    """Measure the milliseconds that a fixture adds to a test."""
    with TemporaryDirectory() as text:
        folder = Path(text)
        for name, line in _FIXTURES.items():
            tests = "".join(line.format(number=number) for number in range(TESTS))
            (folder / f"test_{name}.py").write_text(_HEAD + tests, encoding="utf-8")
        figures = [[_milliseconds(folder, name) for name in _FIXTURES] for _ in range(rounds + 1)][1:]
    ours = median(with_ours - without for without, _, with_ours in figures) / TESTS
    idle = median(with_idle - without for without, with_idle, _ in figures) / TESTS
    return [
        judged(f"the fixture, for each of {TESTS:,} tests / {LIMIT} ms", ours, LIMIT, "ms", ours / LIMIT, "<= 1"),
        judged("the fixture / one that does nothing", ours, idle, "ms", ours / idle, ""),
    ]


def _milliseconds(folder: Path, name: str) -> float:
    """Return the milliseconds of processor time of pytest, with our plugin alone."""
    environment = servers.environment(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "fakekounta", "-p", "no:cacheprovider", f"test_{name}.py"]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"pytest ended with {process.returncode}"
    return 1e3 * (usage.ru_utime + usage.ru_stime)
