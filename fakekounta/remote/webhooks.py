"""The webhooks and deliveries of a server, with the names of `fakekounta.worlds.handles.webhooks`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, field, replace
from typing import TYPE_CHECKING, Any

from fakekounta.core.deliveries import Delivery, Disturbances
from fakekounta.core.records import Record
from fakekounta.core.webhooks import WEBHOOK, Webhook
from fakekounta.process.dataclass import dataclass
from fakekounta.process.unpatched import monotonic, sleep
from fakekounta.remote.calls import Calls, NotThere, OnlyInProcess
from fakekounta.schemas.deliveries import delivery_from, webhook_from
from fakekounta.settings.settings import Settings
from fakekounta.worlds.handles.deliveries import KountaWebhooks, given
from fakekounta.worlds.handles.errors import Missing, refuse_unknown

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from fakekounta.settings.keywords import DisturbanceFields, WebhookFields

_BETWEEN_SECONDS = 0.01


@dataclass(slots=True, kw_only=True, eq=False)
class RemoteDelivery(Delivery):
    """A delivery, from the server's document."""

    payload: Record = field(default_factory=dict)
    """The customer as the webhook's receiver gets it (W10)."""


class RemoteWebhooks(KountaWebhooks):
    """All webhooks of the server and their deliveries. The values of a webhook's own headers are shown as `***`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def __repr__(self) -> str:
        return f"<webhooks at {self._calls.base_url}>"

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
        refuse_unknown(fields, WEBHOOK.sent, "a webhook")
        owner = given(client_id=client_id, company_id=company_id)
        try:
            made = webhook_from(self._calls.post("webhooks", {"topic": topic, "address": address, **owner, **fields}))
        except NotThere:
            raise self._no_company(company_id) from None
        return replace(made, headers=dict(fields.get("headers") or {}))

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
        refuse_unknown(sent, WEBHOOK.sent, "a webhook")
        try:
            changed = webhook_from(self._calls.put(f"webhooks/{webhook_id}", sent, **given(company_id=company_id)))
        except NotThere as refusal:
            raise self._missing(refusal, webhook_id, company_id) from None
        return replace(changed, headers=dict(fields.get("headers") or changed.headers))

    def remove(self, webhook_id: int, *, company_id: int | None = None) -> None:
        try:
            self._calls.delete(f"webhooks/{webhook_id}", **given(company_id=company_id))
        except NotThere as refusal:
            raise self._missing(refusal, webhook_id, company_id) from None

    def _missing(self, refusal: NotThere, webhook_id: int, company_id: int | None) -> Missing:
        """Return the error for a 404: which the server does not know, the company or the webhook."""
        if str(refusal.args[0]).startswith("company_id: "):
            return self._no_company(company_id)
        own = self._companies()[0] if company_id is None else company_id
        return Missing("webhook", webhook_id, [one.id for one in self.all() if one.company_id == own])

    def _no_company(self, company_id: int | None) -> Missing:
        return Missing("company", company_id, self._companies())

    def _companies(self) -> list[int]:
        return [profile["id"] for profile in self._calls.get("settings")["companies"]]

    def all(self) -> list[Webhook]:
        return [webhook_from(document) for document in self._calls.get("webhooks")]

    # --- deliveries --------------------------------------------------------------------------------------------

    @property
    def deliveries(self) -> list[Delivery]:
        return [_delivery(document) for document in self._calls.get("deliveries", full="true")]

    def payload(self, delivery: Delivery) -> Record:
        """Return the customer as the receiver of the delivery gets it (W10). The delivery must be of this server."""
        if not isinstance(delivery, RemoteDelivery):
            raise TypeError("delivery: must be one of the server's, from `deliveries`")
        return dict(delivery.payload)

    def deliver(self) -> int:
        attempts: int = self._calls.post("deliver")["attempts"]
        return attempts

    def deliver_to(self, app: Any, *, asgi: bool | None = None) -> int:  # noqa: ARG002 - as the other one
        """Raise OnlyInProcess: a server cannot call an application in this process."""
        raise OnlyInProcess("webhooks.deliver_to", f"serve {app!r} on a port and add a webhook with its address")

    def redeliver(self, delivery_id: int) -> Delivery:
        try:
            again: int = self._calls.post(f"deliveries/{delivery_id}/redeliver")["id"]
        except NotThere:
            raise Missing("delivery", delivery_id, [one.id for one in self.deliveries]) from None
        return next(one for one in self.deliveries if one.id == again)

    def disturb(self, **chances: Unpack[DisturbanceFields]) -> None:
        self._calls.put("disturbances", asdict(Settings.of(webhook_disturbances=chances).webhook_disturbances))

    @property
    def disturbances(self) -> Disturbances:
        return Disturbances(**self._calls.get("disturbances"))

    def _wait_until(self, arrived: Callable[[], bool], timeout: float) -> bool:
        deadline = monotonic() + timeout
        while not arrived():
            if monotonic() >= deadline:
                return False
            sleep(_BETWEEN_SECONDS)
        return True


def _delivery(document: dict[str, Any]) -> RemoteDelivery:
    plain = delivery_from(document)
    values = {name: getattr(plain, name) for name in Delivery.__slots__}
    return RemoteDelivery(**values, payload=document["payload"])
