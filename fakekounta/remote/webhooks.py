"""The webhooks and deliveries of a server, with the names of `fakekounta.worlds.handles.webhooks`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from fakekounta.core.deliveries import Delivery, Disturbances
from fakekounta.core.records import Record
from fakekounta.core.webhooks import Webhook
from fakekounta.process.unpatched import monotonic, sleep
from fakekounta.remote.calls import Calls, Missing, OnlyInProcess
from fakekounta.schemas.deliveries import delivery_from, webhook_from
from fakekounta.settings.settings import Settings
from fakekounta.worlds.handles.deliveries import KountaWebhooks, given

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
        owner = given(client_id=client_id, company_id=company_id)
        try:
            made = webhook_from(self._calls.post("webhooks", {"topic": topic, "address": address, **owner, **fields}))
        except Missing:
            raise KeyError(company_id) from None
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
        try:
            changed = webhook_from(self._calls.put(f"webhooks/{webhook_id}", sent, **given(company_id=company_id)))
        except Missing as missing:
            raise KeyError(_missed(missing, webhook_id, company_id)) from None
        return replace(changed, headers=dict(fields.get("headers") or changed.headers))

    def remove(self, webhook_id: int, *, company_id: int | None = None) -> None:
        try:
            self._calls.delete(f"webhooks/{webhook_id}", **given(company_id=company_id))
        except Missing as missing:
            raise KeyError(_missed(missing, webhook_id, company_id)) from None

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
        except Missing:
            raise KeyError(delivery_id) from None
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


def _missed(missing: Missing, webhook_id: int, company_id: int | None) -> int | None:
    """Return the error for a 404: which the server does not know, the company or the webhook."""
    return company_id if str(missing.args[0]).startswith("company_id: ") else webhook_id
