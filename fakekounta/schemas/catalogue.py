"""Documents of the catalogue: quirks with their coverage, and assumptions with their alternatives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fakekounta.catalogue.assumptions import CHOICES, Assumptions
from fakekounta.catalogue.quirks import Basis, Quirk
from fakekounta.core.fields import declared
from fakekounta.core.kinds import Choice, Text, Whole
from fakekounta.core.resources import Parts, Resource
from fakekounta.process.dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class _Quirk:
    id: str = declared(Text(), required=True)
    slug: str = declared(Text(), required=True)
    basis: str = declared(Choice(one.name for one in Basis), required=True)
    statement: str = declared(Text(), required=True)
    source: str = declared(Text(), required=True)
    covered: int = declared(Whole(), required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alternative:
    name: str = declared(Text(), required=True)
    meaning: str = declared(Text(), required=True)


QUIRK = Resource("quirk", _Quirk)
"""The fields of a quirk, and the number of exchanges that covered it."""
ALTERNATIVE = Resource("alternative", _Alternative)
"""The fields of an alternative of an assumption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Assumption:
    id: str = declared(Text(), required=True)
    statement: str = declared(Text(), required=True)
    chosen: str = declared(Text(), required=True)
    choices: tuple[_Alternative, ...] = declared(Parts(ALTERNATIVE), required=True)


ASSUMPTION = Resource("assumption", _Assumption)
"""The fields of an assumption, with its alternatives, the default first."""


def quirk_documents(covered: Mapping[Quirk, int]) -> Iterator[dict[str, Any]]:
    """Yield the document of every quirk; `covered` are the numbers of exchanges that covered it."""
    for quirk in Quirk:
        yield QUIRK.document(
            _Quirk(
                id=quirk.id,
                slug=quirk.slug,
                basis=quirk.basis.name,
                statement=quirk.statement,
                source=quirk.source,
                covered=covered.get(quirk, 0),
            )
        )


def assumption_documents(chosen: Assumptions) -> Iterator[dict[str, Any]]:
    """Yield the document of every assumption with its current choice."""
    for quirk, choices in CHOICES.items():
        alternatives = tuple(_Alternative(name=name, meaning=meaning) for name, meaning in choices.items())
        yield ASSUMPTION.document(
            _Assumption(id=quirk.id, statement=quirk.statement, chosen=chosen[quirk.id], choices=alternatives)
        )
