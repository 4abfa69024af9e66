"""Faults: seen with how often they fired, added, removed."""

from __future__ import annotations

from flask import Blueprint, Response

from fakekounta.control.calls import Refused, answer, body, done, lasting, number_in_path, world
from fakekounta.control.described import takes
from fakekounta.core.fault_fields import read_fault
from fakekounta.schemas.faults import fault_document

blueprint = Blueprint("faults", __name__, url_prefix="/faults")


@blueprint.get("")
@takes(answers="Faults")
def get_faults() -> Response:
    """Return the fault rules in the order in which they are tried, each with its counts."""
    return answer([fault_document(rule) for rule in world().faults.all()])


@blueprint.post("")
@takes(body="NewFaults", answers="AddedFaults", status=201)
@lasting
def add_faults() -> Response:
    """One rule, or several: all or none.

    It is a 409 if nobody can ask whom a rule is for, if a rule ends beyond the calendar, and if there were more than
    10,000 rules.
    """
    sent = body()
    many = isinstance(sent, list)
    try:
        faults = [read_fault(one, f"[{index}]." if many else "") for index, one in enumerate(sent if many else [sent])]
    except ValueError as error:
        raise Refused(str(error)) from None
    try:
        added = world().add_faults(faults, many=many)
    except ValueError as error:
        raise Refused(str(error), 409) from None
    documents = [fault_document(rule) for rule in added]
    return answer(documents if many else documents[0], 201)


@blueprint.delete("/<fault_id>")
@takes(refusals=(404,))
@lasting
def remove_fault(fault_id: str) -> Response:
    """Forget a rule."""
    if not world().faults.remove(number_in_path(fault_id) or 0):
        raise Refused("no fault has this id", 404)
    return done()


@blueprint.delete("")
@takes()
@lasting
def remove_faults() -> Response:
    """Forget all rules, those of the settings as well, until the next reset."""
    world().faults.clear()
    return done()
