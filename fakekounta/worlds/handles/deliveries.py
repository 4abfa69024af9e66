"""The protocol of the handle `webhooks`, with assertions about deliveries, for local and remote fakes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from fakekounta.core.deliveries import DELIVERED, PENDING, Delivery, Disturbances
from fakekounta.core.records import Record
from fakekounta.core.webhooks import Webhook

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from fakekounta.settings.keywords import DisturbanceFields, WebhookFields

Where = Mapping[str, Any] | Callable[[Record], bool]
"""A condition for a payload: some of its keys with their values, or a function of it."""

_SHOWN = 5
_UNANNOUNCED = " (customers.add, change and remove make deliveries with announce=True only)"


class KountaWebhooks(ABC):
    """All webhooks of a fake and their deliveries."""

    # --- subscriptions -----------------------------------------------------------------------------------------

    @abstractmethod
    def add(
        self,
        topic: str,
        address: str,
        *,
        client_id: str | None = None,
        company_id: int | None = None,
        **fields: Unpack[WebhookFields],
    ) -> Webhook:
        """Add a webhook without a request to the API, by default for the default application.

        Args:
            topic: The topic, such as "customers/created" (W03).
            address: The URL that deliveries are posted to (W04).
            client_id: The application that it belongs to.
            company_id: The company that it belongs to.
            **fields: `format`, `filter` and `headers`.

        Raises:
            KeyError: There is no such company.
            ValueError: A field is wrong; the message names the field and the reason.
        """

    @abstractmethod
    def change(
        self,
        webhook_id: int,
        *,
        topic: str | None = None,
        address: str | None = None,
        company_id: int | None = None,
        **fields: Unpack[WebhookFields],
    ) -> Webhook:
        """Change a webhook without a request to the API, by default one of the default company.

        Args:
            webhook_id: The id of the webhook.
            topic: The new topic.
            address: The new URL that deliveries are posted to.
            company_id: The company that it belongs to.
            **fields: `format`, `filter` and `headers`; each replaces the old one as a whole (W07).

        Raises:
            KeyError: There is no such company, or it has no webhook with this id.
            ValueError: A field is wrong; the message names the field and the reason.
        """

    @abstractmethod
    def remove(self, webhook_id: int, *, company_id: int | None = None) -> None:
        """Delete a webhook; its pending deliveries are still made. Raise KeyError if there is none with this id."""

    @abstractmethod
    def all(self) -> list[Webhook]:
        """Return every webhook of every company and application."""

    # --- deliveries --------------------------------------------------------------------------------------------

    @property
    @abstractmethod
    def deliveries(self) -> list[Delivery]:
        """Every delivery, the oldest first, each with its attempts."""

    @abstractmethod
    def payload(self, delivery: Delivery) -> Record:
        """Return the customer as the receiver of the delivery gets it (W10)."""

    @abstractmethod
    def deliver(self) -> int:
        """Try all deliveries that are due, before this returns; return the number of attempts."""

    @abstractmethod
    def deliver_to(self, app: Any, *, asgi: bool | None = None) -> int:
        """Deliver into a WSGI or ASGI application without a socket, until the next reset.

        Deliveries that are due are made at once. The lifespan of an ASGI application lasts from now to the reset.

        Args:
            app: The application.
            asgi: Whether it is an ASGI application; to be given where its call does not tell, as with `*args`.

        Returns:
            The number of attempts.

        Raises:
            TypeError: It is no application; the message says what to give instead.
            RuntimeError: An ASGI application failed to start.
            NotImplementedError: The fake is on a remote server.
        """

    @abstractmethod
    def redeliver(self, delivery_id: int) -> Delivery:
        """Send a delivery once more. Raise KeyError if there is none, ValueError while it is pending."""

    @abstractmethod
    def disturb(self, **chances: Unpack[DisturbanceFields]) -> None:
        """Set the disturbances of deliveries: `duplicate reorder drop delay` from 0 to 1, `delay_seconds`, `seed`.

        Without arguments there are none. Raise ValueError that names the invalid argument.
        """

    @property
    @abstractmethod
    def disturbances(self) -> Disturbances:
        """The disturbances of deliveries."""

    @abstractmethod
    def _wait_until(self, arrived: Callable[[], bool], timeout: float) -> bool:
        """Wait until `arrived()` is true, at most `timeout` seconds of real time. Return whether it is."""

    @property
    def pending(self) -> list[Delivery]:
        """The deliveries that will be tried."""
        return [delivery for delivery in self.deliveries if delivery.outcome == PENDING]

    def wait_for(self, topic: str, *, timeout: float = 2.0, where: Where | None = None) -> Delivery:
        """Return the first arrived delivery of this topic; wait for it up to `timeout` seconds of real time.

        Raises:
            AssertionError: None arrived; the message has the nearest deliveries.
        """
        found: list[Delivery] = []
        judged: set[int] = set()

        def arrived() -> bool:
            new = [one for one in self.deliveries if one.outcome == DELIVERED and one.id not in judged]
            judged.update(one.id for one in new)
            found.extend(one for one in new if not self._differences(one, topic, where))
            return bool(found)

        if not self._wait_until(arrived, timeout):
            raise AssertionError(f"no {topic} was delivered within {timeout} s{self._nearest(topic, where)}")
        return found[0]

    def assert_delivered(self, topic: str, *, where: Where | None = None, times: int | None = None) -> list[Delivery]:
        """Return the arrived deliveries of this topic that match `where`.

        Raises:
            AssertionError: There is none, or not exactly `times`; the message shows the nearest deliveries.
        """
        found = self._delivered(topic, where)
        if times is None and not found:
            raise AssertionError(f"no {topic} was delivered{self._nearest(topic, where)}")
        if times is not None and len(found) != times:
            raise AssertionError(f"{topic} was delivered {len(found)} times, not {times}{self._nearest(topic, where)}")
        return found

    def _delivered(self, topic: str, where: Where | None) -> list[Delivery]:
        return [one for one in self.deliveries if one.outcome == DELIVERED and not self._differences(one, topic, where)]

    def _differences(self, delivery: Delivery, topic: str, where: Where | None) -> list[str]:
        """Return how a delivery differs from the wanted one."""
        differences = [] if delivery.topic == topic else [f"topic is {delivery.topic}"]
        payload = self.payload(delivery)
        if callable(where):
            return differences if where(payload) else [*differences, "the function `where` returns false"]
        for key, value in (where or {}).items():
            if key not in payload:
                differences.append(f"there is no {key}")
            elif payload[key] != value:
                differences.append(f"{key} is {payload[key]!r}, not {value!r}")
        return differences

    def _nearest(self, topic: str, where: Where | None) -> str:
        judged: list[tuple[int, Delivery, list[str]]] = []
        unannounced = "" if any(one.topic == topic for one in self.deliveries) else _UNANNOUNCED
        for delivery in self.deliveries:
            differences = self._differences(delivery, topic, where)
            if delivery.outcome != DELIVERED:
                differences.append(_why_not(delivery))
            judged.append((len(differences), delivery, differences))
        if not judged:
            return (
                "; there were no deliveries at all" + ("" if self.all() else ", and there is no webhook") + unannounced
            )
        judged.sort(key=lambda one: (one[0], -one[1].id))
        lines = [
            f"  #{one.id} {one.topic} to {one.webhook.address}: {', '.join(differences) or 'as looked for'}"
            for _, one, differences in judged[:_SHOWN]
        ]
        return f"; the nearest of {len(judged)} deliveries{unannounced}:\n" + "\n".join(lines)


def given(**arguments: Any) -> dict[str, Any]:
    """Return the arguments that are not None."""
    return {name: value for name, value in arguments.items() if value is not None}


def _why_not(delivery: Delivery) -> str:
    if not delivery.attempts:
        return (
            f"it is {delivery.outcome}, not tried yet" if delivery.outcome == "pending" else f"it is {delivery.outcome}"
        )
    return f"it is {delivery.outcome}: {delivery.attempts[-1].error}"
