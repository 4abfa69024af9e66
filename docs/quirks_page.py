"""What `make docs` writes into docs/quirks.md: a section for each quirk, with the tests that prove it."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.catalogue.quirks import Quirk
from fakekounta.pytest_plugin.quirk_coverage import FAMILIES

CONTRACTS = Path(__file__).parent.parent / "contracts"


def quirk_sections(not_provable: Mapping[str, str]) -> str:
    """Return a section for each quirk, by families, after a list of all ids."""
    tests = {
        quirk_id: [f"[`{name}`](../{file})" for file, _, name in (one.partition("::") for one in found)]
        for quirk_id, found in proofs().items()
    }
    families = {name.replace("_", " ").capitalize(): letter for name, letter in FAMILIES.items()}
    parts = [_contents(families)]
    for name, letter in families.items():
        parts.append(f"## {name}\n\n")
        parts += [_section(quirk, tests.get(quirk.id, []), not_provable) for quirk in Quirk if quirk.id[0] == letter]
    return "".join(parts).rstrip("\n") + "\n"


def _contents(families: Mapping[str, str]) -> str:
    lines = [
        f"- {name}: " + " ".join(f"[{quirk.id}](#{quirk.id.lower()})" for quirk in Quirk if quirk.id[0] == letter)
        for name, letter in families.items()
    ]
    return "\n".join(lines) + "\n\n"


def _section(quirk: Quirk, tests: list[str], not_provable: Mapping[str, str]) -> str:
    lines = [f"### {quirk.id}", "", quirk.statement, "", f"- {quirk.basis.name}: {quirk.source}"]
    choices = [f"`{name}`: {text}" for name, text in CHOICES.get(quirk, {}).items()]
    if choices:
        lines.append(f"- default: {choices[0]}")
        lines += [f"- alternative: {choice}" for choice in choices[1:]]
    lines.append(f"- proven by {', '.join(tests)}" if tests else f"- not proven by HTTP: {not_provable[quirk.id]}")
    return "\n".join(lines) + "\n\n"


def proofs() -> dict[str, list[str]]:
    """Return the contract tests of each quirk, by id."""
    found = defaultdict(list)
    for path in sorted(CONTRACTS.glob("test_*.py")):
        for quirk_id, test in _marked(path):
            found[quirk_id].append(f"contracts/{path.name}::{test}")
    return found


def _marked(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the ids of the markers in a file, each with the name of its test."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for mark in getattr(node, "decorator_list", ()):
            if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.quirk":
                yield ast.literal_eval(mark.args[0]), node.name
