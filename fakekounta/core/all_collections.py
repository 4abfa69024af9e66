"""The table of all collections, by name; a collection comes after those whose records its own refer to."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fakekounta.core.collection import Collection
from fakekounta.core.sites import SITES

COLLECTIONS: Mapping[str, Collection[Any]] = MappingProxyType({one.plural: one for one in (SITES,)})

CUSTOMERS = "customers"
KINDS = frozenset((CUSTOMERS, *COLLECTIONS))
"""The keys of an object with records of several kinds, in a seed."""


def is_of_several_kinds(document: Any) -> bool:
    """Return whether a document of a seed holds records of several kinds, and is not one customer."""
    return isinstance(document, Mapping) and bool(document) and document.keys() <= KINDS
