"""Handles of webhooks and their deliveries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from fakekounta.core.company import Company
from fakekounta.core.deliveries import Delivery, Disturbances
from fakekounta.core.errors import BadField, NotFound
from fakekounta.core.records import Record
from fakekounta.core.webhooks import WEBHOOK, Webhook
from fakekounta.core.world import World
from fakekounta.schemas.deliveries import payload_of
from fakekounta.schemas.schemas import webhook_fields
from fakekounta.settings.settings import Settings
from fakekounta.wire.delivery.courier import Courier
from fakekounta.worlds.handles.deliveries import KountaWebhooks, given
from fakekounta.worlds.handles.errors import Clash, Missing, refuse_unknown
from fakekounta.worlds.handles.lasting import lasting

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from fakekounta.settings.keywords import DisturbanceFields, WebhookFields


class Webhooks(KountaWebhooks):
    """The webhooks and deliveries of the current world."""

    def __init__(self, world: Callable[[], World], courier: Courier) -> None:
        self._world = world
        self._courier = courier

    def __repr__(self) -> str:
        return f"<{len(self.all())} webhooks, {len(self.deliveries)} deliveries>"

    # --- subscriptions -----------------------------------------------------------------------------------------

    def add(
        self,
        topic: str,
        address: str,
        *,
        client_id: str | None = None,
        company_id: int | None = None,
        **fields: Unpack[WebhookFields],
    ) -> Webhook:
        sent = {"topic": topic, "address": address, **fields}
        refuse_unknown(sent, WEBHOOK.sent, "a webhook")
        return lasting(self._world, lambda world: self._add(world, client_id, company_id, sent))

    def _add(self, world: World, client_id: str | None, company_id: int | None, fields: dict[str, Any]) -> Webhook:
        company = world.company if company_id is None else _company(world, company_id)
        owner = world.default_client_id(company.id) if client_id is None else client_id
        if world.applications.get(owner) is None:
            raise Clash(f"client_id: no application has the client id {owner!r}")
        try:
            return company.subscribe(owner, webhook_fields(fields))
        except BadField as refusal:
            raise ValueError(refusal.description) from None

    def change(
        self,
        webhook_id: int,
        *,
        topic: str | None = None,
        address: str | None = None,
        company_id: int | None = None,
        **fields: Unpack[WebhookFields],
    ) -> Webhook:
        sent = {**given(topic=topic, address=address), **fields}
        return self.change_document(webhook_id, company_id, sent)

    def change_document(self, webhook_id: int, company_id: int | None, document: Mapping[str, Any]) -> Webhook:
        """Change the attributes that a document has, as `change` does."""
        refuse_unknown(document, WEBHOOK.sent, "a webhook")
        return lasting(self._world, lambda world: self._change(world, webhook_id, company_id, document))

    def _change(self, world: World, webhook_id: int, company_id: int | None, document: Mapping[str, Any]) -> Webhook:
        company, webhook = _found(world, webhook_id, company_id)
        try:
            return company.change_webhook(webhook.client_id, webhook_id, webhook_fields(document))
        except BadField as refusal:
            raise ValueError(refusal.description) from None
        except NotFound:  # removed meanwhile
            raise Missing("webhook", webhook_id, ()) from None

    def remove(self, webhook_id: int, *, company_id: int | None = None) -> None:
        def gone(world: World) -> None:
            company, webhook = _found(world, webhook_id, company_id)
            company.subscriptions.remove(webhook.client_id, webhook_id)

        try:
            lasting(self._world, gone)
        except NotFound:  # removed meanwhile
            raise Missing("webhook", webhook_id, ()) from None

    def all(self) -> list[Webhook]:
        return [one for company in self._world().companies.values() for one in company.subscriptions.all()]

    # --- deliveries --------------------------------------------------------------------------------------------

    @property
    def deliveries(self) -> list[Delivery]:
        return self._world().outbox.all()

    def payload(self, delivery: Delivery) -> Record:
        return payload_of(self._world(), delivery)

    def deliver(self) -> int:
        return self._courier.deliver_due()

    def deliver_to(self, app: Any, *, asgi: bool | None = None) -> int:
        from fakekounta.wire.delivery.into_app import AppReceiver  # noqa: PLC0415 - asyncio is heavy, and few need it

        receiver = AppReceiver(app, asgi=asgi)
        self._world().close_receiver()
        lasting(self._world, lambda world: setattr(world, "receiver", receiver))
        return self._courier.deliver_due()

    def redeliver(self, delivery_id: int) -> Delivery:
        world = self._world()
        try:
            again = world.outbox.redeliver(delivery_id, world.clock.now())
        except KeyError:
            raise Missing("delivery", delivery_id, [one.id for one in world.outbox.all()]) from None
        self._courier.deliver_if_immediate()
        return again

    def disturb(self, **chances: Unpack[DisturbanceFields]) -> None:
        disturbances = Settings.of(webhook_disturbances=chances).webhook_disturbances
        lasting(self._world, lambda world: world.outbox.disturb(disturbances))

    @property
    def disturbances(self) -> Disturbances:
        return self._world().outbox.disturbances

    def _wait_until(self, arrived: Callable[[], bool], timeout: float) -> bool:
        return self._courier.wait_until(arrived, timeout)


def _company(world: World, company_id: int) -> Company:
    if company_id not in world.companies:
        raise Missing("company", company_id, world.companies)
    return world.companies[company_id]


def _found(world: World, webhook_id: int, company_id: int | None) -> tuple[Company, Webhook]:
    """Return a webhook and the company that it is of. Raise KeyError."""
    company = world.company if company_id is None else _company(world, company_id)
    for webhook in company.subscriptions.all():
        if webhook.id == webhook_id:
            return company, webhook
    raise Missing("webhook", webhook_id, [one.id for one in company.subscriptions.all()])
