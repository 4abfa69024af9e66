"""In which order, and on how many cores, tests/ and contracts/ run. Some of them run pytest inside pytest."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from random import Random, SystemRandom
from typing import Any

import pytest

pytest_plugins = ["pytester"]

_GC_THRESHOLDS = (5_000, 20, 20)  # with the usual 700 it runs after every few examples of Hypothesis
_MOST_WORKERS = 8  # each has its own server and imports


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--order", metavar="SEED", help="shuffle the tests by this seed; `random` draws a seed")


def pytest_configure(config: pytest.Config) -> None:
    """Draw the seed of the order; a worker of xdist takes the one of its controller."""
    if config.getoption("--order") == "random":
        told = getattr(config, "workerinput", {})
        config.option.order = told.get("order") or str(SystemRandom().getrandbits(32))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of xdist the seed: all of them must have the same order."""
    node.workerinput["order"] = node.config.getoption("--order")


def pytest_report_header(config: pytest.Config) -> str | None:
    seed = config.getoption("--order")
    return f"order of the tests: --order {seed}" if seed else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
    """Repeat the seed at the end of a session with failures, because the first line is far above."""
    if exitstatus and config.getoption("--order"):
        terminalreporter.write_line(f"the same order once more: --order {config.getoption('--order')}")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collect no garbage meanwhile, and seldom later.

    The tests live to the end, and looking at them takes long: each session inside a test collects several times.
    """
    gc.disable()
    try:
        yield
    finally:
        # If Hypothesis is imported after a freeze, or is older, it warns that nothing refers to its own generator
        if hasattr(sys.modules.get("hypothesis.core"), "threadlocal"):
            gc.freeze()
        gc.set_threshold(*_GC_THRESHOLDS)
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Shuffle the files, and the tests of each file: what a file sets up for all its tests is set up once."""
    seed = config.getoption("--order")
    if seed:
        by_file: dict[str, list[pytest.Item]] = {}
        for item in items:
            by_file.setdefault(str(item.path), []).append(item)
        draw = Random(seed)  # noqa: S311 - no secret is drawn
        files = draw.sample(list(by_file.values()), len(by_file))
        items[:] = [item for tests in files for item in draw.sample(tests, len(tests))]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return the number of workers for `-n auto`: none beside this process on a single core, else one more than cores.

    Workers wait at times, for a process to end or for a timeout to pass: meanwhile, another one has the core.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores + 1, _MOST_WORKERS) if cores > 1 else 0
