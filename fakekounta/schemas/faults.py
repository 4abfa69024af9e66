"""Fault rules as JSON documents with their counts, and restored from a state document."""

from __future__ import annotations

from typing import Any

from fakekounta.core.fault_book import FaultRule
from fakekounta.core.fault_fields import fault_fields, read_fault
from fakekounta.core.faults import check_asker
from fakekounta.core.values import objects, whole
from fakekounta.core.world import World

_COUNTS = {"id": 1, "matched": 0, "fired": 0}


def fault_document(rule: FaultRule) -> dict[str, Any]:
    """Return a fault rule as a document: id, counts, and fields; its times are moments."""
    return {"id": rule.id, "matched": rule.matched, "fired": rule.fired, **fault_fields(rule.fault)}


def restore_faults(world: World, documents: Any, next_id: Any) -> None:
    """Add the rules of documents that `fault_document` returned, with their ids and counts. Raise ValueError."""
    before = 0
    world.faults.keep_ids_from(whole(1)("next_fault_id", next_id))
    for index, document in enumerate(objects("faults", documents)):
        name = f"faults[{index}]."
        counts = {key: whole(least)(f"{name}{key}", document.get(key)) for key, least in _COUNTS.items()}
        if counts["id"] <= before:
            raise ValueError(f"{name}id: must be above the one before it")
        before = counts["id"]
        fault = read_fault({key: value for key, value in document.items() if key not in _COUNTS}, name)
        try:
            check_asker(fault, world.applications.all(), world.companies, open_auth=world.open_auth)
            resolved = fault.at(world.clock.now())
        except ValueError as error:
            raise ValueError(f"{name}{error}") from None
        world.faults.restore(resolved, counts["id"], matched=counts["matched"], fired=counts["fired"])
