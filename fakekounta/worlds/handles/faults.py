"""Handles of faults: rules of one's own, and those that are ready made."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fakekounta.core.fault_book import FaultRule
from fakekounta.core.fault_fields import read_fault
from fakekounta.core.faults import Fault
from fakekounta.core.world import World
from fakekounta.worlds.handles.errors import Clash
from fakekounta.worlds.handles.lasting import lasting

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from fakekounta.settings.keywords import CutFields, FaultFields, FlakyFields, OtherFaultFields, SlowFields


class KountaFaults(ABC):
    """The rules of a fake for what goes wrong on request, in the order in which they are asked.

    Each method that adds a rule returns it with its `id`, and `matched` and `fired` as they count; `with` removes it at
    the end of the block. They raise ValueError that names the field and the reason.
    """

    @abstractmethod
    def add(self, **rule: Unpack[FaultFields]) -> FaultRule:
        """Add a rule.

        When: `method`, `path`, `client_id`, `company_id`, `since`, `until`, and of these matches `nth`, `every`,
        `probability` with `seed`, `times`. What: `status` with `headers` and `body`, `rate_limited`, `token_expired`,
        `connection` ("close", "reset", "garbage", "truncate", "drip" with `drip_seconds`); `after_change`;
        `latency_seconds`, with `clock` on the fake's clock.
        """

    @abstractmethod
    def all(self) -> list[FaultRule]:
        """Return every rule."""

    @abstractmethod
    def remove(self, fault_id: int) -> None:
        """Delete a rule. Raise KeyError if there is none with this id."""

    @abstractmethod
    def clear(self) -> None:
        """Delete all rules, those of the settings as well, until the next reset."""

    def __iter__(self) -> Iterator[FaultRule]:
        return iter(self.all())

    def __len__(self) -> int:
        return len(self.all())

    # --- ready made --------------------------------------------------------------------------------------------

    def _add_ready_made(self, rule: Mapping[str, Any]) -> FaultRule:
        return self.add(**rule)

    def rate_limited(
        self, method: str | None = None, path: str | None = None, **rule: Unpack[OtherFaultFields]
    ) -> FaultRule:
        """Over the limit (R01 to R03): 429, with the end of the minute in `X-Ratelimit-Reset`."""
        return self._add_ready_made({"method": method, "path": path, "rate_limited": True, **rule})

    def expire_token(
        self, method: str | None = None, path: str | None = None, **rule: Unpack[OtherFaultFields]
    ) -> FaultRule:
        """Make the access token of the next request expired for good (O07); a token issued afterwards is valid."""
        return self._add_ready_made({"method": method, "path": path, "token_expired": True, "times": 1, **rule})

    def lose_answer(
        self, method: str | None = None, path: str | None = None, **rule: Unpack[OtherFaultFields]
    ) -> FaultRule:
        """Let the next request be done without its response: the connection is closed."""
        given = {"method": method, "path": path, "connection": "close", "after_change": True, "times": 1}
        return self._add_ready_made({**given, **rule})

    def flaky(
        self,
        probability: float,
        method: str | None = None,
        path: str | None = None,
        *,
        seed: int = 0,
        **rule: Unpack[FlakyFields],
    ) -> FaultRule:
        """Refuse some requests with 503, or as the rule says; always the same ones for the same seed."""
        what = {} if _WHAT.intersection(rule) else {"status": 503}
        given = {"method": method, "path": path, "probability": probability, "seed": seed}
        return self._add_ready_made({**given, **what, **rule})

    def slow(
        self,
        seconds: float | tuple[float, float],
        method: str | None = None,
        path: str | None = None,
        **rule: Unpack[SlowFields],
    ) -> FaultRule:
        """Answers come so much later, or by chance between two numbers; with `clock=True` nobody waits."""
        return self.add(method=method, path=path, latency_seconds=seconds, **rule)

    def down(self, method: str | None = None, path: str | None = None, **rule: Unpack[OtherFaultFields]) -> FaultRule:
        """Out of service: 503, for `until` seconds of the fake's clock or until the rule is removed."""
        return self._add_ready_made({"method": method, "path": path, "status": 503, **rule})

    def cut(
        self, connection: str = "reset", method: str | None = None, path: str | None = None, **rule: Unpack[CutFields]
    ) -> FaultRule:
        """Make the connection fail: "close", "reset", "garbage", "truncate" or "drip"."""
        return self.add(method=method, path=path, connection=connection, **rule)


class Faults(KountaFaults):
    """The rules of whatever world is there."""

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
            return lasting(self._world, lambda world: world.add_faults(faults, many=many))
        except ValueError as error:
            raise Clash(str(error)) from None

    def all(self) -> list[FaultRule]:
        return self._world().faults.all()

    def remove(self, fault_id: int) -> None:
        if not lasting(self._world, lambda world: world.faults.remove(fault_id)):
            raise KeyError(fault_id)

    def clear(self) -> None:
        lasting(self._world, lambda world: world.faults.clear())


_WHAT = frozenset(("status", "rate_limited", "token_expired", "connection"))
