"""Control calls for webhooks, their deliveries, and the disturbances of deliveries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import islice
from typing import TypeVar

from flask import Blueprint, Response, request

from fakekounta.control.calls import (
    CallRefused,
    answer,
    body,
    current_namespace,
    done,
    in_namespace,
    number_in_path,
    object_of,
    parameter_flag,
    parameter_number,
)
from fakekounta.control.companies import COMPANY, company_of_query
from fakekounta.control.described import FLAG, TEXT, Schema, takes, whole
from fakekounta.core.deliveries import DISTURBANCES, OUTCOMES
from fakekounta.core.kept_deliveries import KEPT
from fakekounta.core.webhooks import FIELDS
from fakekounta.schemas.deliveries import (
    delivery_document,
    full_delivery_document,
    signature_documents,
    webhook_document,
)
from fakekounta.worlds.handles import Webhooks

blueprint: Blueprint = Blueprint("webhooks", __name__)

_FILTERS = ("topic", "webhook_id", "record_id", "outcome")
_QUERY: Mapping[str, Schema] = {
    "topic": TEXT,
    "webhook_id": TEXT,
    "record_id": TEXT,
    "outcome": {"enum": list(OUTCOMES)},
    "limit": whole(1, 10**12),
    "full": FLAG,
}
_NEW = (*FIELDS, "client_id", "company_id")
_Done = TypeVar("_Done")


@blueprint.get("/webhooks")
@takes(answers="Webhooks")
def get_webhooks() -> Response:
    """Return every webhook of every company and application."""
    return answer([webhook_document(one) for one in current_namespace().webhooks.all()])


@blueprint.post("/webhooks")
@takes(body="NewWebhook", answers="Webhook", status=201, refusals=(404,))
def add_webhook() -> Response:
    """Add a webhook without a request to the API."""
    sent = object_of("webhook", _NEW)
    for name in ("topic", "address"):
        if name not in sent:
            raise CallRefused(f"{name}: is required")
    if not isinstance(sent.get("client_id", ""), str):
        raise CallRefused("client_id: must be a text")
    if sent.get("company_id") not in (None, *current_namespace().companies):
        raise CallRefused(f"company_id: the companies are {', '.join(map(str, current_namespace().companies))}", 404)
    return answer(webhook_document(in_namespace(lambda here: here.webhooks.add(**sent))), 201)


@blueprint.put("/webhooks/<webhook_id>")
@takes(query=COMPANY, body="WebhookChanges", answers="Webhook", refusals=(404,))
def change_webhook(webhook_id: str) -> Response:
    """Replace the attributes of a webhook that are sent (W07), without a request to the API."""
    sent = object_of("webhook", FIELDS)
    return answer(webhook_document(_with_webhook(webhook_id, lambda hooks, *of: hooks.change_document(*of, sent))))


@blueprint.delete("/webhooks/<webhook_id>")
@takes(query=COMPANY, refusals=(404,))
def remove_webhook(webhook_id: str) -> Response:
    """Delete a webhook without a request to the API; its pending deliveries are still made."""
    _with_webhook(webhook_id, lambda hooks, number, company_id: hooks.remove(number, company_id=company_id))
    return done()


def _with_webhook(webhook_id: str, act: Callable[[Webhooks, int, int], _Done]) -> _Done:
    """Call `act` with a webhook of the company of the query. Raise CallRefused if there is none."""
    company = company_of_query(current_namespace())
    try:
        return in_namespace(lambda here: act(here.webhooks, number_in_path(webhook_id) or 0, company.id))
    except KeyError:
        raise CallRefused(f"company {company.id} has no webhook with this id", 404) from None


@blueprint.get("/deliveries")
@takes(query=_QUERY, answers="Deliveries")
def get_deliveries() -> Response:
    """Return the newest `limit` deliveries with their attempts, the oldest first.

    With `full`, each has its webhook and its record as they were at the event, and the payload that was sent.
    """
    given, here = request.args, current_namespace()
    wanted = {name: given[name] for name in _FILTERS if name in given}
    if wanted.get("outcome") not in (None, *OUTCOMES):
        raise CallRefused(f"outcome: must be one of {', '.join(OUTCOMES)}")
    limit = parameter_number("limit", KEPT) if "limit" in given else None
    document = partial(full_delivery_document, here.world) if parameter_flag("full") else delivery_document
    documents = map(document, reversed(here.webhooks.deliveries))
    found = (one for one in documents if all(str(one[name]) == wanted[name] for name in wanted))
    return answer([*islice(found, limit)][::-1])


@blueprint.post("/deliveries/<delivery_id>/redeliver")
@takes(answers="Delivery", status=201, refusals=(404, 409))
def redeliver(delivery_id: str) -> Response:
    """Send a delivery once more, as a new delivery."""
    try:
        again = current_namespace().webhooks.redeliver(number_in_path(delivery_id) or 0)
    except KeyError:
        raise CallRefused("no delivery has this id", 404) from None
    except ValueError as error:
        raise CallRefused(str(error), 409) from None
    return answer(delivery_document(again), 201)


@blueprint.get("/deliveries/<delivery_id>/signatures")
@takes(answers="Signatures", refusals=(404,))
def get_signatures(delivery_id: str) -> Response:
    """Return the signature of each attempt, and the one that the application's current signature token gives (W11)."""
    known, here = number_in_path(delivery_id), current_namespace()
    for delivery in here.webhooks.deliveries:
        if delivery.id == known:
            return answer(signature_documents(delivery, here.world.signature_token(delivery.webhook)))
    raise CallRefused("no delivery has this id", 404)


@blueprint.post("/deliver")
@takes(answers="Attempts")
def deliver() -> Response:
    """Try all deliveries that are due, and return when these attempts have ended."""
    return answer({"attempts": current_namespace().webhooks.deliver()})


@blueprint.get("/disturbances")
@takes(answers="Disturbances")
def get_disturbances() -> Response:
    """Return the disturbances of webhook deliveries."""
    return answer(DISTURBANCES.document(current_namespace().webhooks.disturbances))


@blueprint.put("/disturbances")
@takes(body="Disturbances", answers="Disturbances")
def put_disturbances() -> Response:
    """Set the disturbances of webhook deliveries; a field that is absent is set to 0."""
    sent = body()
    if not isinstance(sent, Mapping):
        raise CallRefused("disturbances: must be an object")
    try:
        in_namespace(lambda here: here.webhooks.disturb(**sent))
    except CallRefused as refused:
        raise CallRefused(refused.description.removeprefix("webhook_disturbances.")) from None
    except TypeError as error:  # a key that is the name of a parameter, such as "self"
        raise CallRefused(str(error)) from None
    return get_disturbances()
