"""What the control surface does to a fake, as protocols: it stands below the fake itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.core.deliveries import Delivery
from fakekounta.core.webhooks import Webhook
from fakekounta.core.world import World


class Lab(Protocol):
    """The webhook lab of a namespace."""

    def add(self, topic: str, address: str, **fields: Any) -> Webhook:
        """Subscribe, past the API."""

    def deliver(self) -> int:
        """Try all that is due."""

    def redeliver(self, delivery_id: int) -> Delivery:
        """Send a delivery once more."""

    def disturb(self, **chances: Any) -> None:
        """Let deliveries be disturbed."""


class Room(Protocol):
    """A namespace, or the fake's own world."""

    @property
    def name(self) -> str:
        """Its name, "" for the fake's own."""

    @property
    def world(self) -> World:
        """The world that answers now."""

    def current(self) -> Room:
        """Return the namespace that has this name now.

        Raise ValueError if it was dropped and there is no room for a new one.
        """

    def reset(self) -> None:
        """Back to the seed."""

    def assume(self, **choices: str) -> None:
        """Take these choices from now on. Raises ValueError."""

    def replace_world(self, world: World) -> None:
        """Answer from this world from now on."""

    @property
    def webhooks(self) -> Lab:
        """The webhook lab."""


class Rooms(Protocol):
    """The namespaces that clients made."""

    def __getitem__(self, name: str) -> Room:
        """One of them. Raises KeyError."""

    def all(self) -> Sequence[Room]:
        """All of them, in the order of their names."""

    def drop(self, name: str) -> None:
        """Forget one. Raises KeyError."""


class Fake(Room, Protocol):
    """The fake."""

    @property
    def namespaces(self) -> Rooms:
        """The namespaces that clients made."""

    def describe(self, control: bool, assumptions: Assumptions, root: str) -> dict[str, Any]:  # noqa: FBT001 - see Describe
        """Return the OpenAPI document of the control surface, or of the API."""
