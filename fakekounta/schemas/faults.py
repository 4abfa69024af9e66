"""Faults as JSON documents: shown with their counts, and put back from a state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakekounta.core.fault_book import FaultRule
from fakekounta.core.fault_fields import fault_fields, read_fault
from fakekounta.core.faults import check_asker
from fakekounta.core.world import World
from fakekounta.schemas.errors import StateError

_COUNTS = {"id": 1, "matched": 0, "fired": 0}


def fault_document(rule: FaultRule) -> dict[str, Any]:
    """Return a fault rule as a document: id, counts, and fields; its times are moments."""
    return {"id": rule.id, "matched": rule.matched, "fired": rule.fired, **fault_fields(rule.fault)}


def restore_faults(world: World, documents: Any) -> None:
    """Put back the rules that `fault_document` told, with their ids and counts. Raises StateError."""
    if not isinstance(documents, list) or not all(isinstance(document, Mapping) for document in documents):
        raise StateError("faults: must be an array of objects")
    before = 0
    for index, document in enumerate(documents):
        name = f"faults[{index}]."
        counts = {key: _count(f"{name}{key}", document.get(key), least) for key, least in _COUNTS.items()}
        if counts["id"] <= before:
            raise StateError(f"{name}id: must be above the one before it")
        before = counts["id"]
        try:
            fault = read_fault({key: value for key, value in document.items() if key not in _COUNTS}, name)
        except ValueError as error:
            raise StateError(str(error)) from None
        try:
            check_asker(fault, world.applications.all(), world.companies, open_auth=world.open_auth)
            resolved = fault.at(world.clock.now())
        except ValueError as error:
            raise StateError(f"{name}{error}") from None
        world.faults.restore(resolved, counts["id"], matched=counts["matched"], fired=counts["fired"])


def _count(name: str, value: Any, least: int) -> int:
    if type(value) is not int or not least <= value < 2**63:
        raise StateError(f"{name}: must be a whole number, {least} or more")
    return value
