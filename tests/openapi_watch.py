"""A pytest plugin that compares every exchange of a session with the OpenAPI document of its world."""

from __future__ import annotations

import pytest

from fakekounta import Entry, FakeKounta
from tests.described import Described

_documents: dict[str, Described] = {}
_faults: list[str] = []
_count = 0


@pytest.fixture(scope="session", autouse=True)
def watched(fakekounta_server: FakeKounta) -> None:
    def watch(entry: Entry) -> None:
        global _count  # noqa: PLW0603 - the module is the plugin
        _count += 1
        assumptions = fakekounta_server.assumptions
        document = _documents.get(repr(assumptions))
        if document is None:
            document = _documents[repr(assumptions)] = Described(fakekounta_server.openapi())
        found = document.watch(entry)
        _faults.extend(f"{entry.method} {entry.target} -> {entry.status}: {fault}" for fault in found)

    fakekounta_server.observe(watch)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the number of exchanges and the differences."""
    for fault in _faults[:20]:
        terminalreporter.write_line(f"openapi: {fault}")
    terminalreporter.write_line(f"openapi: {_count} exchanges, {len(_faults)} faults")
