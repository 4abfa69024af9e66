"""The webhook lab: subscriptions, deliveries, and what a test wants to know of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fakekounta.core.errors import BadField
from fakekounta.core.outbox import DELIVERED, Delivery, Disturbances
from fakekounta.core.records import Record, timestamp
from fakekounta.core.webhooks import Webhook
from fakekounta.core.world import World
from fakekounta.delivery.courier import Courier
from fakekounta.settings import Settings

Where = Mapping[str, Any] | Callable[[Record], bool]
"""What a payload must be like: some of its keys with their values, or a function of it."""

_SHOWN = 5


class Webhooks:
    """All webhooks of the fake and their deliveries."""

    def __init__(self, world: Callable[[], World], courier: Courier) -> None:
        self._world = world
        self._courier = courier

    # --- subscriptions -----------------------------------------------------------------------------------------

    def add(
        self, topic: str, address: str, *, client_id: str | None = None, company_id: int | None = None, **fields: Any
    ) -> Webhook:
        """Subscribe, past the API, for the default application unless another is named.

        `fields` are `format`, `filter` and `headers`. Raises ValueError that names the field and the reason.
        """
        world = self._world()
        company = world.company if company_id is None else world.companies[company_id]
        owner = world.default_client_id(company.id) if client_id is None else client_id
        if world.applications.get(owner) is None:
            raise ValueError(f"client_id: no application has the client id {owner!r}")
        try:
            return company.subscriptions.create(
                owner, {"topic": topic, "address": address, **fields}, world.clock.now()
            )
        except BadField as refusal:
            raise ValueError(refusal.description) from None

    def all(self) -> list[Webhook]:
        """Every webhook of every company and application."""
        return [one for company in self._world().companies.values() for one in company.subscriptions.all()]

    # --- deliveries --------------------------------------------------------------------------------------------

    @property
    def deliveries(self) -> list[Delivery]:
        """Every delivery, the oldest first, each with its attempts."""
        return self._world().outbox.all()

    @property
    def pending(self) -> list[Delivery]:
        """The deliveries that are still to be tried."""
        return self._world().outbox.pending()

    def payload(self, delivery: Delivery) -> Record:
        """The customer as the delivery's listener is shown it (W10)."""
        world = self._world()
        webhook = delivery.webhook
        now = timestamp(delivery.occurred_at, world.companies[webhook.company_id].zone)
        record = world.records.full(delivery.customer, webhook.client_id, now)
        return {**record, "tags": list(record["tags"])}

    def deliver(self) -> int:
        """Try all that is due now, in this thread; returns how many attempts were made."""
        return self._courier.deliver_due()

    def deliver_to(self, app: Any) -> int:
        """From now until the next reset, deliver straight into a WSGI or ASGI application, without a socket.

        Whatever is due is delivered at once; returns how many attempts were made.
        """
        self._world().receiver = app
        return self._courier.deliver_due()

    def redeliver(self, delivery_id: int) -> Delivery:
        """Send a delivery once more. Raises KeyError if there is none, ValueError while it is pending."""
        world = self._world()
        again = world.outbox.redeliver(delivery_id, world.clock.now())
        self._courier.settle()
        return again

    def disturb(self, **chances: Any) -> None:
        """Let deliveries be disturbed from now on: `duplicate reorder drop delay` from 0 to 1, `delay_seconds`, `seed`.

        Without arguments, nothing is disturbed any more. Raises ValueError that names what is wrong.
        """
        self._world().outbox.disturb(Settings.of(webhook_disturbances=chances).webhook_disturbances)

    @property
    def disturbances(self) -> Disturbances:
        """What goes wrong on the way."""
        return self._world().outbox.disturbances

    # --- what a test wants to know -----------------------------------------------------------------------------

    def wait_for(self, topic: str, *, timeout: float = 2.0, where: Where | None = None) -> Delivery:
        """The first delivery of this topic that has arrived; waits for it up to `timeout` seconds of real time.

        Raises AssertionError, with the nearest deliveries, if none arrives.
        """
        found: list[Delivery] = []
        judged: set[int] = set()

        def arrived() -> bool:
            new = [one for one in self.deliveries if one.outcome == DELIVERED and one.id not in judged]
            judged.update(one.id for one in new)
            found.extend(one for one in new if not self._faults(one, topic, where))
            return bool(found)

        if not self._courier.wait_until(arrived, timeout):
            raise AssertionError(f"no {topic} was delivered within {timeout} s{self._nearest(topic, where)}")
        return found[0]

    def assert_delivered(self, topic: str, *, where: Where | None = None, times: int | None = None) -> list[Delivery]:
        """The deliveries of this topic that have arrived and are like `where`: at least one, or exactly `times`.

        Raises AssertionError, with the nearest deliveries and how they differ.
        """
        found = self._delivered(topic, where)
        if times is None and not found:
            raise AssertionError(f"no {topic} was delivered{self._nearest(topic, where)}")
        if times is not None and len(found) != times:
            raise AssertionError(f"{topic} was delivered {len(found)} times, not {times}{self._nearest(topic, where)}")
        return found

    def _delivered(self, topic: str, where: Where | None) -> list[Delivery]:
        return [one for one in self.deliveries if one.outcome == DELIVERED and not self._faults(one, topic, where)]

    def _faults(self, delivery: Delivery, topic: str, where: Where | None) -> list[str]:
        """How a delivery differs from what is looked for."""
        faults = [] if delivery.topic == topic else [f"topic is {delivery.topic}"]
        payload = self.payload(delivery)
        if callable(where):
            return faults if where(payload) else [*faults, "the function `where` says no"]
        for key, value in (where or {}).items():
            if key not in payload:
                faults.append(f"there is no {key}")
            elif payload[key] != value:
                faults.append(f"{key} is {payload[key]!r}, not {value!r}")
        return faults

    def _nearest(self, topic: str, where: Where | None) -> str:
        judged = []
        for delivery in self.deliveries:
            faults = self._faults(delivery, topic, where)
            if delivery.outcome != DELIVERED:
                faults.append(_why_not(delivery))
            judged.append((len(faults), delivery, faults))
        if not judged:
            return "; there were no deliveries at all" + ("" if self.all() else ", and there is no webhook")
        judged.sort(key=lambda one: (one[0], -one[1].id))
        lines = [
            f"  #{one.id} {one.topic} to {one.webhook.address}: {', '.join(faults) or 'as looked for'}"
            for _, one, faults in judged[:_SHOWN]
        ]
        return f"; the nearest of {len(judged)} deliveries:\n" + "\n".join(lines)


def _why_not(delivery: Delivery) -> str:
    if not delivery.attempts:
        return (
            f"it is {delivery.outcome}, not tried yet" if delivery.outcome == "pending" else f"it is {delivery.outcome}"
        )
    return f"it is {delivery.outcome}: {delivery.attempts[-1].error}"
