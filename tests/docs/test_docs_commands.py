"""The YAML of the pages is YAML, and its commands, and those of shell blocks, are understood by our programs."""

from __future__ import annotations

import re
import shlex
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
import yaml

from fakekounta.cli.main import main
from tests.pages import PAGES, blocks

_PROMPTS = {"sh": "", "console": r"\$ ", "text": r"\$ ", "yaml": "(?:- run: )?"}
"""The kinds of blocks with commands, and what is before one."""
_END = re.compile(r"\d?>.*|<|&&?|\||;")


def documents(page: Path) -> list[Any]:
    """Return the YAML blocks of a page, parsed."""
    return [yaml.safe_load(text) for text in blocks(page, "yaml")]


def commands() -> list[Any]:
    """Return the arguments of each command of ours, up to a redirection or the next command."""
    found = []
    for page in PAGES:
        for kind, prompt in _PROMPTS.items():
            lines = re.findall(rf"^ *{prompt}fakekounta (.+)$", "\n".join(blocks(page, kind)), re.MULTILINE)
            found += [pytest.param(words(line), id=f"{page.name}: {line}") for line in lines]
    return found


def words(line: str) -> list[str]:
    """Return the words of the first command of a line."""
    return [*takewhile(lambda word: not _END.fullmatch(word), shlex.split(line, comments=True))]


def test_each_block_of_yaml_is_a_list_or_a_mapping() -> None:
    """No block of YAML is empty or a plain text."""
    found = [document for page in PAGES for document in documents(page)]
    assert len(found) >= 6
    assert [document for document in found if not isinstance(document, (dict, list))] == []


@pytest.mark.parametrize("arguments", commands())
def test_commands_are_understood(arguments: list[str]) -> None:
    """Each names a command of ours, and its arguments are valid."""
    understand(arguments)


def test_pytest_knows_our_options(pytestconfig: pytest.Config) -> None:
    """Each `--fakekounta-...` on a page is an option of the plugin."""
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    named = {option.replace("-", "_") for option in re.findall(r"--(fakekounta-[a-z-]+)", text)}
    assert len(named) > 5
    assert named - vars(pytestconfig.option).keys() == set()


def test_commands_of_containers_are_understood() -> None:
    """They are the arguments of the image's entry point."""
    files = [document for page in PAGES for document in documents(page) if isinstance(document, dict)]
    services = [file["services"]["fakekounta"] for file in files if "services" in file]
    given = [service["command"] for service in services if "command" in service]
    assert given
    for arguments in given:
        understand(arguments)


def understand(arguments: list[str]) -> None:
    """Parse the arguments of `fakekounta`, without running the command."""
    name, *rest = arguments
    {command.name: command for command in main.all_commands()}[name].make_context(name, rest)
