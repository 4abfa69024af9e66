"""The faults in a test's hand: rules of one's own, and those that are ready made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fakekounta.core.fault_book import FaultRule
from fakekounta.core.fault_fields import read_fault
from fakekounta.core.world import World
from fakekounta.worlds.handles.lasting import lasting


class Faults:
    """The rules of whatever world is there, in the order in which they are asked.

    Everywhere, `rule` are the fields of `fakekounta.core.faults.Fault`, as they stand in `add`. Each method answers the
    rule with its `id`, and `matched` and `fired` as they count; `with` removes it at the end of the block. Raises
    ValueError that names the field and the reason.
    """

    def __init__(self, world: Callable[[], World]) -> None:
        self._world = world

    def add(self, **rule: Any) -> FaultRule:
        """One more rule.

        When: `method`, `path`, `client_id`, `company_id`, `since`, `until`, and of these matches `nth`, `every`,
        `probability` with `seed`, `times`. What: `status` with `headers` and `body`, `rate_limited`, `token_expired`,
        `connection` ("close", "reset", "garbage", "truncate", "drip" with `drip_seconds`); `after_change`;
        `latency_seconds`, with `clock` on the fake's clock.
        """
        fault = read_fault(rule)
        return lasting(self._world, lambda world: world.add_faults([fault], many=False)[0])

    def all(self) -> list[FaultRule]:
        """Every rule."""
        return self._world().faults.all()

    def remove(self, fault_id: int) -> None:
        """Forget a rule. Raises KeyError if there is none with this id."""
        if not self._world().faults.remove(fault_id):
            raise KeyError(fault_id)

    def clear(self) -> None:
        """Forget all rules, those of the settings as well, until the next reset."""
        lasting(self._world, lambda world: world.faults.clear())

    def __iter__(self) -> Iterator[FaultRule]:
        return iter(self.all())

    def __len__(self) -> int:
        return len(self.all())

    # --- ready made --------------------------------------------------------------------------------------------

    def rate_limited(self, method: str | None = None, path: str | None = None, **rule: Any) -> FaultRule:
        """Over the limit (R01 to R03): 429, with the end of the minute in `X-Ratelimit-Reset`."""
        return self.add(method=method, path=path, rate_limited=True, **rule)

    def expire_token(self, method: str | None = None, path: str | None = None, **rule: Any) -> FaultRule:
        """Make the access token of the next request expired for good (O07); a token issued afterwards is valid."""
        return self.add(**{"method": method, "path": path, "token_expired": True, "times": 1, **rule})

    def lose_answer(self, method: str | None = None, path: str | None = None, **rule: Any) -> FaultRule:
        """Let the next request be done without its response: the connection is closed."""
        given = {"method": method, "path": path, "connection": "close", "after_change": True, "times": 1}
        return self.add(**{**given, **rule})

    def flaky(
        self, probability: float, method: str | None = None, path: str | None = None, *, seed: int = 0, **rule: Any
    ) -> FaultRule:
        """Refuse some requests with 503, or as the rule says; always the same ones for the same seed."""
        what = {} if _WHAT.intersection(rule) else {"status": 503}
        return self.add(method=method, path=path, probability=probability, seed=seed, **what, **rule)

    def slow(
        self, seconds: float | tuple[float, float], method: str | None = None, path: str | None = None, **rule: Any
    ) -> FaultRule:
        """Answers come so much later, or by chance between two numbers; with `clock=True` nobody waits."""
        return self.add(method=method, path=path, latency_seconds=seconds, **rule)

    def down(self, method: str | None = None, path: str | None = None, **rule: Any) -> FaultRule:
        """Out of service: 503, for `until` seconds of the fake's clock or until the rule is removed."""
        return self.add(**{"method": method, "path": path, "status": 503, **rule})

    def cut(
        self, connection: str = "reset", method: str | None = None, path: str | None = None, **rule: Any
    ) -> FaultRule:
        """Make the connection fail: "close", "reset", "garbage", "truncate" or "drip"."""
        return self.add(method=method, path=path, connection=connection, **rule)


_WHAT = frozenset(("status", "rate_limited", "token_expired", "connection"))
