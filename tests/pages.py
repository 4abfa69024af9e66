"""Readers of the pages of the documentation and of the code in them."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"# (\w+)\.py\n")


def blocks(page: Path, language: str) -> list[str]:
    """Return the code blocks of a page in one language."""
    return [text for name, text in _BLOCK.findall(page.read_text(encoding="utf-8")) if name == language]


def sessions(page: Path, program: str = "curl") -> list[list[tuple[str, str]]]:
    """Return the sessions of a page that begin with a program, as pairs of a command and the output shown."""
    found = []
    for block in blocks(page, "console"):
        parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
        pairs = [(command, output) for command, _, output in (part.partition("\n") for part in parts)]
        if pairs and pairs[0][0].startswith(f"{program} "):
            found.append(pairs)
    return found


def modules(page: Path) -> dict[str, str]:
    """Return the Python blocks of a page by their file names without ".py", which are in the first line."""
    named = ((_NAME.match(text), text) for text in blocks(page, "python"))
    return {name[1]: text for name, text in named if name}


def assert_shown(shown: str, got: str, command: str) -> None:
    """Check that the output is the one shown, where "..." stands for anything."""
    got = got if not got or got.endswith("\n") else got + "\n"
    same = doctest.OutputChecker().check_output(shown, got, doctest.ELLIPSIS)
    assert same, f"$ {command}\nis shown with\n{shown}\nbut printed\n{got}"
