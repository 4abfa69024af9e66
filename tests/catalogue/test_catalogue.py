"""Tests that code, contract tests and docs refer to quirks of the catalogue, and to no others."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from contracts.conftest import NOT_PROVABLE
from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.catalogue.quirks import Basis, Quirk
from fakekounta.core.store import COMPARISON, ORDER

ROOT = Path(__file__).parents[2]
CATALOGUES = (ROOT / "fakekounta/catalogue/quirks.py", ROOT / "fakekounta/catalogue/assumptions.py")
PACKAGE = sorted(set((ROOT / "fakekounta").rglob("*.py")) - set(CATALOGUES))
CONTRACTS = sorted((ROOT / "contracts").glob("*.py"))
# CONTRIBUTING shows how to add an id, with one that does not exist yet.
PROSE = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")} - {ROOT / "CONTRIBUTING.md"})
BY_STORE = (COMPARISON.id, ORDER.id)
"""The assumptions that the store asks by a function that it is given."""
ID = re.compile(r"\b[TCAPOKRWS][0-9]{2}\b")

# The reference's ranges; ids beyond them are findings of ours.
REFERENCE = {"T": 14, "C": 21, "A": 19, "P": 6, "O": 10, "K": 5, "R": 3, "W": 14}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def comments_and_docstrings(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(tree(path)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            yield ast.get_docstring(node) or ""


@cache
def cited() -> frozenset[str]:
    """Return the ids that the package names, as members or in comments and docstrings."""
    in_words = {name for path in PACKAGE for text in comments_and_docstrings(path) for name in ID.findall(text)}
    return frozenset(in_words.union(*(members(tree(path)) for path in PACKAGE)))


def members(node: ast.AST) -> Iterator[str]:
    """Return the ids of all `Quirk.X` in a piece of code."""
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == "Quirk":
            yield part.attr.partition("_")[0]


def choices_asked(path: Path) -> Iterator[str]:
    """Return the ids in `choice(Quirk.X)`, and "?" for a `choice` of something else."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("choice", "_choice")):
            asked = node.args[0]
            yield next(members(asked), "?") if isinstance(asked, ast.Attribute) else "?"


def status_table() -> list[str]:
    """Return the ids in the table of statuses, which asks for their choices."""
    for node in tree(ROOT / "fakekounta/web/errors.py").body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "_STATUS":
            return list(members(node))
    raise AssertionError("web/errors.py has no table of statuses")


@cache
def proven() -> Counter[str]:
    """Return how many contract tests prove each quirk."""
    return Counter(
        node.args[0].value
        for path in CONTRACTS
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.quirk"
        if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    )


def test_ids_and_slugs_are_unique() -> None:
    """No two quirks share an id, a slug or a statement."""
    for names in ([quirk.id for quirk in Quirk], [quirk.slug for quirk in Quirk], [quirk.statement for quirk in Quirk]):
        assert [name for name, times in Counter(names).items() if times > 1] == []


def test_names_are_an_id_and_a_slug() -> None:
    """A member's name is a letter and two digits, and words in capitals."""
    assert [quirk.name for quirk in Quirk if not re.fullmatch(r"[A-Z][0-9]{2}(_[A-Z0-9]+)+", quirk.name)] == []
    assert [quirk for quirk in Quirk if f"{quirk.id}_{quirk.slug}" != quirk.name] == []


@pytest.mark.parametrize("letter, last", sorted(REFERENCE.items()))
def test_the_reference_is_complete(letter: str, last: int) -> None:
    """Every id of the reference exists, and later ids continue its numbers without a gap."""
    ids = sorted(quirk.id for quirk in Quirk if quirk.id.startswith(letter))
    assert ids == [f"{letter}{number:02d}" for number in range(1, len(ids) + 1)]
    assert len(ids) >= last


def test_every_quirk_says_what_and_whence() -> None:
    """A statement ends like a sentence, the source is named, and the basis is one of four."""
    assert [quirk.id for quirk in Quirk if not quirk.statement.endswith(".") or len(quirk.statement) < 15] == []
    assert [quirk.id for quirk in Quirk if not quirk.source.strip()] == []
    assert {quirk.basis for quirk in Quirk} == set(Basis)


def test_a_quirk_is_found_by_its_id() -> None:
    """by_id gives the member, and KeyError with the id for any other text."""
    assert [Quirk.by_id(quirk.id) for quirk in Quirk] == list(Quirk)
    for unknown in ("C99", "c04", "C04_LOOKUP_BY_EMAIL_REDIRECTS", ""):
        with pytest.raises(KeyError, match=repr(unknown)):
            Quirk.by_id(unknown)


def test_every_quirk_is_cited_in_the_package() -> None:
    """Outside the catalogue, code names it as a member, or a comment or docstring by its id."""
    assert {quirk.id for quirk in Quirk} - cited() == set()


def test_no_reference_is_dead() -> None:
    """Every id in any file is that of a quirk."""
    ids = {quirk.id for quirk in Quirk}
    files = [*PACKAGE, *CATALOGUES, *CONTRACTS, *PROSE]
    named = {path.relative_to(ROOT): set(ID.findall(path.read_text(encoding="utf-8"))) for path in files}
    assert {path: found - ids for path, found in named.items() if found - ids} == {}


def test_every_quirk_is_proven_or_is_said_not_to_be_provable() -> None:
    """Each quirk has a contract test or a reason why it has none, and never both."""
    ids = {quirk.id for quirk in Quirk}
    assert sorted(ids - set(proven()) - set(NOT_PROVABLE)) == []
    assert sorted(set(proven()) & set(NOT_PROVABLE)) == []
    assert sorted((set(proven()) | set(NOT_PROVABLE)) - ids) == []
    assert [quirk_id for quirk_id, reason in NOT_PROVABLE.items() if len(reason) < 20] == []


def test_every_assumption_is_asked_in_exactly_one_place() -> None:
    """One line of the package asks for each choice; the table of statuses and the store ask for given ones."""
    asked = Counter(name for path in PACKAGE for name in choices_asked(path))
    assert asked.pop("?") == 1
    assert asked + Counter([*status_table(), *BY_STORE]) == Counter({quirk.id: 1 for quirk in CHOICES})


def test_no_assumption_is_asked_by_its_id() -> None:
    """No code asks for a choice by a text such as "A01", which a search for the member would not find."""
    ids = {quirk.id for quirk in Quirk}
    texts = [
        f"{path.name}:{node.lineno}"
        for path in PACKAGE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and node.value in ids
    ]
    assert texts == []


def test_every_assumption_of_its_family_can_be_chosen() -> None:
    """Each quirk of the family A has choices."""
    assert {quirk for quirk in Quirk if quirk.id.startswith("A")} <= CHOICES.keys()


def test_an_assumption_has_a_default_and_an_alternative() -> None:
    """An assumption has at least two choices, each with a different meaning."""
    meanings = {quirk.id: list(choices.values()) for quirk, choices in CHOICES.items()}
    assert {name: texts for name, texts in meanings.items() if len(texts) < 2} == {}
    assert {name: texts for name, texts in meanings.items() if not all(map(str.strip, texts))} == {}
    assert {name: texts for name, texts in meanings.items() if len(set(texts)) < len(texts)} == {}
