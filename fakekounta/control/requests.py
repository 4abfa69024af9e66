"""Control calls for the journal: recorded requests and their responses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request

from fakekounta.control.calls import (
    CallRefused,
    answer,
    current_namespace,
    done,
    in_namespace,
    number_in_path,
    parameter_flag,
    parameter_number,
)
from fakekounta.control.described import FLAG, PATTERN, QUIRK, TEXT, Schema, takes, whole
from fakekounta.core.matching import STATUS_CLASSES, Conditions, is_about
from fakekounta.core.values import MOST_WHOLE
from fakekounta.schemas.journal import entry_document, entry_summary

blueprint: Blueprint = Blueprint("requests", __name__, url_prefix="/requests")

_WANTED = ("method", "path", "status", "client_id", "quirk")
_LIMIT = 1_000
_QUERY: Mapping[str, Schema] = {
    **dict.fromkeys(_WANTED, TEXT),
    "path": PATTERN,
    "quirk": QUIRK,
    "record_id": whole(0, MOST_WHOLE),
    "status": {"anyOf": [whole(0, 999), {"enum": [*STATUS_CLASSES]}]},
    "after": whole(0, 10**18),
    "limit": whole(1, _LIMIT),
    "summary": FLAG,
}


@blueprint.get("")
@takes(query=_QUERY, answers="ExchangePage")
def get_requests() -> Response:
    """Return the newest `limit` matching exchanges with a number above `after`, the oldest first.

    `status` is a number, or a class such as 4xx. `record_id` is that of a customer, an order and so on: exchanges with
    the id in their path, and the one that created the record. With `summary` the headers and bodies are left out.
    With several processes, `replica` is the one that answers: its journal lacks the reads that others have answered.
    """
    given = request.args
    wanted: dict[str, Any] = {name: given[name] for name in _WANTED if name in given}
    if wanted.get("status") not in (None, *STATUS_CLASSES):
        wanted["status"] = parameter_number("status", 0)
    after, limit = parameter_number("after", 0), parameter_number("limit", _LIMIT)
    document = entry_summary if parameter_flag("summary") else entry_document
    try:
        looked_for = Conditions(**wanted)
    except ValueError as error:
        raise CallRefused(str(error)) from None
    requests, number = current_namespace().requests, parameter_number("record_id", 0)
    found = [
        entry
        for entry in requests
        if entry.number > after and not looked_for.differences(entry) and (not number or is_about(entry, number))
    ]
    documents = [document(entry) for entry in found[-limit:]]
    replica = current_namespace().replica
    named = {} if replica is None else {"replica": replica}
    return answer({"total": requests.total, **named, "requests": documents})


@blueprint.get("/<number>")
@takes(answers="Exchange", refusals=(404,))
def get_request(number: str) -> Response:
    """Return one exchange by its number."""
    known = number_in_path(number)
    for entry in current_namespace().requests:
        if entry.number == known:
            return answer(entry_document(entry))
    raise CallRefused("no exchange has this number, or the journal no longer keeps it", 404)


@blueprint.delete("")
@takes()
def delete_requests() -> Response:
    """Delete all exchanges."""
    in_namespace(lambda here: here.change(lambda world: world.journal.clear()))
    return done()
