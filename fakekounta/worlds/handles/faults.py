"""Handles of faults: general fault rules, and methods for common ones."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fakekounta.core.api_paths import warn_of
from fakekounta.core.fault_book import FaultRule
from fakekounta.core.fault_fields import read_fault, read_fields
from fakekounta.core.faults import Fault
from fakekounta.core.world import World
from fakekounta.worlds.handles.errors import Clash, Missing
from fakekounta.worlds.handles.lasting import lasting

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from fakekounta.settings.keywords import (
        CutFields,
        FaultFields,
        FlakyFields,
        HandshakeFields,
        OtherFaultFields,
        SlowFields,
    )


class KountaFaults(ABC):
    """The fault rules of a fake, in the order in which a request is compared with them.

    Each method that adds a rule returns it, with its `id` and the current counts `matched` and `fired`; used in a
    `with` statement, the rule is removed at the end of the block. These methods raise ValueError that names the field
    and the reason.
    """

    @abstractmethod
    def add(self, **rule: Unpack[FaultFields]) -> FaultRule:
        """Add a rule.

        Args:
            **rule: Which requests match: `method`, `path`, `client_id`, `company_id`, `since`, `until`. Which of the
                matching requests fail: `nth`, `every`, `probability` with `seed`, `times`. How they fail: `status` with
                `headers` and `body`, `rate_limited`, `token_expired`, `connection` ("close", "reset", "garbage",
                "truncate", "drip" with `drip_seconds`), `handshake` ("before", "in", "after": where a connection by TLS
                is cut), `latency_seconds`, which with `clock` advance the fake's clock
                instead of waiting. `after_change` makes the request's change before it fails. A `disabled` rule matches
                nothing until `change` enables it.

        Raises:
            ValueError: The rule is invalid; the message names the field and the reason.
        """

    @abstractmethod
    def change(self, fault_id: int, **changes: Unpack[FaultFields]) -> FaultRule:
        """Change some fields of a rule; its id, its place and its counts stay.

        Args:
            fault_id: The id of the rule.
            **changes: The fields, as `add` takes them; None takes a field away, `disabled=True` switches the rule off.

        Raises:
            KeyError: There is no rule with this id.
            ValueError: The rule would be invalid; the message names the field and the reason.
        """

    @abstractmethod
    def all(self) -> list[FaultRule]:
        """Return every rule."""

    @abstractmethod
    def remove(self, fault_id: int) -> None:
        """Remove a rule. Raise KeyError if there is none with this id."""

    @abstractmethod
    def clear(self) -> None:
        """Remove all rules, also those from the settings, until the next reset."""

    def __iter__(self) -> Iterator[FaultRule]:
        return iter(self.all())

    def __len__(self) -> int:
        return len(self.all())

    # --- common faults -----------------------------------------------------------------------------------------

    def _add_common(self, rule: Mapping[str, Any]) -> FaultRule:
        return self.add(**rule)

    def rate_limited(
        self, method: str | None = None, path: str | None = None, **rule: Unpack[OtherFaultFields]
    ) -> FaultRule:
        """Refuse with 429, as over the rate limit (R01 to R03); `X-Ratelimit-Reset` has the end of the minute."""
        return self._add_common({"method": method, "path": path, "rate_limited": True, **rule})

    def expire_token(
        self, method: str | None = None, path: str | None = None, **rule: Unpack[OtherFaultFields]
    ) -> FaultRule:
        """Expire the access token of the next request for good (O07); a token issued afterwards is valid."""
        return self._add_common({"method": method, "path": path, "token_expired": True, "times": 1, **rule})

    def lose_answer(
        self, method: str | None = None, path: str | None = None, **rule: Unpack[OtherFaultFields]
    ) -> FaultRule:
        """Carry out the next request and close the connection without a response."""
        given = {"method": method, "path": path, "connection": "close", "after_change": True, "times": 1}
        return self._add_common({**given, **rule})

    def flaky(
        self,
        probability: float,
        method: str | None = None,
        path: str | None = None,
        *,
        seed: int = 0,
        **rule: Unpack[FlakyFields],
    ) -> FaultRule:
        """Refuse a share of the requests with 503, or as the rule says. The same seed chooses the same requests."""
        what = {} if _WHAT.intersection(rule) else {"status": 503}
        given = {"method": method, "path": path, "probability": probability, "seed": seed}
        return self._add_common({**given, **what, **rule})

    def slow(
        self,
        seconds: float | tuple[float, float],
        method: str | None = None,
        path: str | None = None,
        **rule: Unpack[SlowFields],
    ) -> FaultRule:
        """Delay responses by these seconds, or at random between two; with `clock=True` only the fake's clock moves."""
        return self.add(method=method, path=path, latency_seconds=seconds, **rule)

    def down(self, method: str | None = None, path: str | None = None, **rule: Unpack[OtherFaultFields]) -> FaultRule:
        """Refuse all requests with 503, for `until` seconds of the fake's clock or until the rule is removed."""
        return self._add_common({"method": method, "path": path, "status": 503, **rule})

    def cut(
        self, connection: str = "reset", method: str | None = None, path: str | None = None, **rule: Unpack[CutFields]
    ) -> FaultRule:
        """Make the connection fail: "close", "reset", "garbage", "truncate" or "drip"."""
        return self.add(method=method, path=path, connection=connection, **rule)

    def cut_handshake(self, handshake: str = "in", **rule: Unpack[HandshakeFields]) -> FaultRule:
        """Cut TLS connections "before", "in" or "after" the handshake. It matches no requests."""
        return self.add(handshake=handshake, **rule)


class Faults(KountaFaults):
    """The fault rules of the current world."""

    def __init__(self, world: Callable[[], World]) -> None:
        self._world = world

    def add(self, **rule: Unpack[FaultFields]) -> FaultRule:
        return self.add_document(rule)

    def add_document(self, document: Any) -> FaultRule:
        """Add the rule that a document describes, as `add` does."""
        return self._add([read_fault(document)], many=False)[0]

    def add_documents(self, documents: Sequence[Any]) -> list[FaultRule]:
        """Add the rules that documents describe, all or none; messages begin with the position, such as "[0]."."""
        return self._add([read_fault(one, f"[{index}].") for index, one in enumerate(documents)], many=True)

    def _add(self, faults: Sequence[Fault], *, many: bool) -> list[FaultRule]:
        try:
            added = lasting(self._world, lambda world: world.add_faults(faults, many=many))
        except ValueError as error:
            raise Clash(str(error)) from None
        for index, fault in enumerate(faults):
            warn_of(fault.path, f"[{index}]." if many else "")
        return added

    def change(self, fault_id: int, **changes: Unpack[FaultFields]) -> FaultRule:
        return self.change_document(fault_id, changes)

    def change_document(self, fault_id: int, changes: Any) -> FaultRule:
        """Change the fields of a rule that a document has, as `change` does."""
        read_fields(changes)
        try:
            changed = lasting(self._world, lambda world: world.change_fault(fault_id, changes))
        except ValueError as error:  # the sent fields contradict the rule's others
            raise Clash(str(error)) from None
        if changed is None:
            raise self._missing(fault_id)
        warn_of(changes.get("path"))
        return changed

    def __repr__(self) -> str:
        return f"<{len(self)} faults>"

    def all(self) -> list[FaultRule]:
        return self._world().faults.all()

    def remove(self, fault_id: int) -> None:
        if not lasting(self._world, lambda world: world.faults.remove(fault_id)):
            raise self._missing(fault_id)

    def _missing(self, fault_id: int) -> Missing:
        return Missing("fault", fault_id, [rule.id for rule in self.all()])

    def clear(self) -> None:
        lasting(self._world, lambda world: world.faults.clear())


_WHAT = frozenset(("status", "rate_limited", "token_expired", "connection"))
