"""Tests of the page on connecting: its examples are executed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakekounta import FakeKounta
from tests.pages import ROOT, blocks, modules

PAGE = ROOT / "docs" / "connect.md"
SHOWN = "http://127.0.0.1:8080"


@pytest.fixture
def server() -> Iterator[FakeKounta]:
    with FakeKounta(webhook_mode="background") as kounta:
        yield kounta


@pytest.mark.usefixtures("hypothesis_plugin")
def test_the_examples_pass(pytester: pytest.Pytester, server: FakeKounta) -> None:
    """The page's file passes with another port, and leaves nothing on the server."""
    files = modules(PAGE)
    assert (list(files), len(blocks(PAGE, "python"))) == (["test_connect"], 1)
    pytester.makepyfile(**{name: text.replace(SHOWN, server.url) for name, text in files.items()})
    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=3)
    assert (len(server.namespaces), len(server.customers)) == (0, 0)


@pytest.mark.usefixtures("hypothesis_plugin", "few_examples")
def test_the_commands_run_the_same_tests(pytester: pytest.Pytester, server: FakeKounta) -> None:
    """Each command of the page runs in a project with the examples of docs/pytest.md; two workers stand for four."""
    examples = [text for text in blocks(ROOT / "docs" / "pytest.md", "python") if "def test_" in text]
    pytester.makepyfile(**{f"test_example_{number}": text for number, text in enumerate(examples)})
    (commands,) = blocks(PAGE, "console")
    for command in commands.splitlines():
        program, *arguments = command.replace(SHOWN, server.url).replace("-n 4", "-n 2").split()
        assert program == "pytest"
        pytester.runpytest(*arguments).assert_outcomes(passed=len(examples))
    assert len(server.namespaces) == 0
