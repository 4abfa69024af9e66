"""Faults: seen with how often they fired, added, removed."""

from __future__ import annotations

from flask import Blueprint, Response

from fakekounta.control.calls import CallRefused, answer, body, done, in_room, number_in_path, room
from fakekounta.control.described import takes
from fakekounta.schemas.faults import fault_document

blueprint: Blueprint = Blueprint("faults", __name__, url_prefix="/faults")


@blueprint.get("")
@takes(answers="Faults")
def get_faults() -> Response:
    """Return the fault rules in the order in which they are tried, each with its counts."""
    return answer([fault_document(rule) for rule in room().faults])


@blueprint.post("")
@takes(body="NewFaults", answers="AddedFaults", status=201)
def add_faults() -> Response:
    """One rule, or several: all or none.

    It is a 409 if nobody can ask whom a rule is for, if a rule ends beyond the calendar, and if there were more than
    10,000 rules.
    """
    sent = body()
    if isinstance(sent, list):
        added = in_room(lambda here: here.faults.add_documents(sent))
        return answer([fault_document(rule) for rule in added], 201)
    return answer(fault_document(in_room(lambda here: here.faults.add_document(sent))), 201)


@blueprint.delete("/<fault_id>")
@takes(refusals=(404,))
def remove_fault(fault_id: str) -> Response:
    """Forget a rule."""
    try:
        in_room(lambda here: here.faults.remove(number_in_path(fault_id) or 0))
    except KeyError:
        raise CallRefused("no fault has this id", 404) from None
    return done()


@blueprint.delete("")
@takes()
def remove_faults() -> Response:
    """Forget all rules, those of the settings as well, until the next reset."""
    in_room(lambda here: here.faults.clear())
    return done()
