"""One attempt to deliver: what is posted, its result, and the quirks that it covers."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime

from fakekounta.catalogue.assumptions import Asked
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.all_collections import event_of
from fakekounta.core.deliveries import BLOCKED, FAILED, Attempt, Delivery
from fakekounta.core.webhooks import CALLBACK
from fakekounta.core.world import World
from fakekounta.process.dataclass import dataclass
from fakekounta.process.unpatched import perf_counter
from fakekounta.schemas.deliveries import name_of, record_of
from fakekounta.schemas.payloads import delivery_headers, payload
from fakekounta.wire.delivery.addresses import leads_to_control
from fakekounta.wire.delivery.flights import Flight
from fakekounta.wire.delivery.posting import Parcel, nothing


@dataclass(slots=True)
class Result:
    """The result of an attempt."""

    at: datetime | None = None
    parcel: Parcel = field(default_factory=nothing)
    status: int | None = None
    outcome: str = FAILED
    error: str | None = "the attempt was broken off"
    began: float = field(default_factory=perf_counter)
    asked: Asked = field(default_factory=dict)
    """The assumptions that the payload depends on."""

    def attempt(self, delivery: Delivery) -> Attempt:
        """Return the attempt to record; a body equal to that of the attempt before is stored once."""
        body = self.parcel.body
        if delivery.attempts and delivery.attempts[-1].body == body:
            body = delivery.attempts[-1].body
        return Attempt(
            number=delivery.tries + 1,
            at=self.at or delivery.due_at,
            headers=tuple(self.parcel.headers),
            body=body,
            status=self.status,
            error=self.error,
            duration_seconds=perf_counter() - self.began,
        )


def quirks_of(delivery: Delivery, outcome: str) -> list[Quirk]:
    """Return the quirks that an attempt covers, apart from the assumptions that it asks."""
    webhook = delivery.webhook
    covered = [Quirk.W10_PAYLOAD, Quirk.W11_SIGNATURE, *delivery.covered]
    if webhook.format == "xml":
        covered.append(Quirk.W19_FORM_OF_XML)
    if delivery.topic == CALLBACK:
        covered.append(Quirk.D31_CALLBACK)
    if webhook.headers:
        covered.append(Quirk.W05_WEBHOOK_HEADERS)
    announced = event_of(delivery.topic)
    if announced is not None:
        covered.append(announced)
    if webhook.filter.get("attributes"):
        covered.append(Quirk.W08_ATTRIBUTE_FILTERS if announced is None else Quirk.W16_ATTRIBUTES_OF_OTHER_TOPICS)
    if outcome == BLOCKED and leads_to_control(webhook.address):
        covered.append(Quirk.W20_CHAINS_AND_CONTROL)
    if outcome == FAILED or delivery.tries:
        covered.append(Quirk.W12_RETRIES)
    return covered


def parcel_of(world: World, delivery: Delivery, flight: Flight) -> Parcel:
    """Return the exact bytes and headers of a delivery (W05, W10, W11)."""
    webhook = delivery.webhook
    content_type, body = payload(record_of(world, delivery), webhook.format, name_of(delivery))
    token = world.signature_token(webhook)
    headers = delivery_headers(content_type, body, token, webhook.headers, caused_by=delivery.caused_by)
    return Parcel(
        url=webhook.address,
        headers=headers,
        body=body,
        timeout_seconds=world.outbox.schedule.timeout_seconds,
        allowed_hosts=world.allow_webhook_hosts,
        flight=flight,
    )
