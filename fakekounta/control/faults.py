"""Control calls that list, add and remove fault rules."""

from __future__ import annotations

from flask import Blueprint, Response

from fakekounta.control.calls import CallRefused, answer, body, current_namespace, done, in_namespace, number_in_path
from fakekounta.control.described import takes
from fakekounta.schemas.faults import fault_document

blueprint: Blueprint = Blueprint("faults", __name__, url_prefix="/faults")


@blueprint.get("")
@takes(answers="Faults")
def get_faults() -> Response:
    """Return the fault rules in the order in which a request is compared with them, each with its counts."""
    return answer([fault_document(rule) for rule in current_namespace().faults])


@blueprint.post("")
@takes(body="NewFaults", answers="AddedFaults", status=201)
def add_faults() -> Response:
    """Add one fault rule, or a list of rules. If one is refused, none is added.

    The response is 409 if a rule names an application or a company that does not exist, if a rule ends beyond the end
    of the calendar, and if there would be more than 10,000 rules.
    """
    sent = body()
    if isinstance(sent, list):
        added = in_namespace(lambda here: here.faults.add_documents(sent))
        return answer([fault_document(rule) for rule in added], 201)
    return answer(fault_document(in_namespace(lambda here: here.faults.add_document(sent))), 201)


@blueprint.put("/<fault_id>")
@takes(body="FaultChanges", answers="Fault", refusals=(404,))
def change_fault(fault_id: str) -> Response:
    """Change some fields of a rule; null takes a field away. Its id, its place and its counts stay."""
    sent = body()
    try:
        changed = in_namespace(lambda here: here.faults.change_document(number_in_path(fault_id) or 0, sent))
    except KeyError:
        raise CallRefused("no fault has this id", 404) from None
    return answer(fault_document(changed))


@blueprint.delete("/<fault_id>")
@takes(refusals=(404,))
def remove_fault(fault_id: str) -> Response:
    """Remove a fault rule."""
    try:
        in_namespace(lambda here: here.faults.remove(number_in_path(fault_id) or 0))
    except KeyError:
        raise CallRefused("no fault has this id", 404) from None
    return done()


@blueprint.delete("")
@takes()
def remove_faults() -> Response:
    """Remove all fault rules, also those from the settings, until the next reset."""
    in_namespace(lambda here: here.faults.clear())
    return done()
