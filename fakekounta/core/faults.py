"""Faults as data: when a request fails, and how."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta
from random import Random

from fakekounta.core.applications import Application
from fakekounta.core.reprs import fields_given
from fakekounta.process.dataclass import dataclass

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
CONNECTIONS = ("close", "reset", "garbage", "truncate", "drip")
HANDSHAKES = ("before", "in", "after")
DRIP_SECONDS = 1.0

Moment = datetime | float
"""A moment on the fake's clock, or the seconds from adding the rule until then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """When a request fails, and how. `fakekounta.core.fault_fields` makes and checks faults.

    A request *matches* by method, path, application, company and time. A rule *fires* on the `nth` match, on every
    `every`th match, with a `probability`, at most `times`. It has one effect (`status`, `rate_limited`, `token_expired`
    or `connection`), or a delay (`latency_seconds`, from least to most), or both. A rule with `handshake` matches
    connections that begin TLS, and no requests. A `disabled` rule matches nothing.
    """

    methods: Sequence[str] = ()
    path: str | None = None
    client_id: str | None = None
    company_id: int | None = None
    since: Moment | None = None
    until: Moment | None = None
    nth: int | None = None
    every: int | None = None
    probability: float | None = None
    seed: int = 0
    times: int | None = None
    status: int | None = None
    headers: Sequence[tuple[str, str]] = ()
    body: str | None = None
    rate_limited: bool = False
    token_expired: bool = False
    connection: str | None = None
    handshake: str | None = None
    drip_seconds: float = DRIP_SECONDS
    after_change: bool = False
    latency_seconds: tuple[float, float] | None = None
    clock: bool = False
    disabled: bool = False

    __repr__ = fields_given

    @property
    def needs_application(self) -> bool:
        """Whether the rule can only be checked once the application is known."""
        return self.rate_limited or self.token_expired or self.client_id is not None or self.company_id is not None

    @property
    def is_only_late(self) -> bool:
        """Whether the rule only delays the response."""
        has_effect = self.rate_limited or self.token_expired or self.handshake is not None
        return self.status is None and self.connection is None and not has_effect

    @property
    def summary(self) -> str:
        """The effect in a few words, without the delay."""
        did = (
            f"status {self.status}"
            if self.status is not None
            else "rate limited"
            if self.rate_limited
            else "token expired"
            if self.token_expired
            else f"cut {self.handshake} the TLS handshake"
            if self.handshake is not None
            else f"connection: {self.connection}"
        )
        return f"{did}, after the change" if self.after_change else did

    def is_on(self, now: datetime) -> bool:
        """Return whether the fault is active at `now`. Only for a fault whose seconds `at` replaced by moments."""
        return not (
            (isinstance(self.since, datetime) and now < self.since)
            or (isinstance(self.until, datetime) and now >= self.until)
        )

    def at(self, now: datetime) -> Fault:
        """Return the fault with moments instead of seconds from now. Raise ValueError beyond the calendar."""
        return replace(self, since=_moment("since", self.since, now), until=_moment("until", self.until, now))


def _moment(name: str, moment: Moment | None, now: datetime) -> datetime | None:
    if moment is None or isinstance(moment, datetime):
        return moment
    try:
        return now + timedelta(seconds=moment)
    except OverflowError:
        raise ValueError(f"{name}: leads beyond the end of the calendar") from None


def fires(fault: Fault, matched: int, fired: int) -> bool:
    """Return whether a fault fires on match number `matched`, counted from 1, after firing `fired` times."""
    if fault.times is not None and fired >= fault.times:
        return False
    if fault.nth is not None and matched != fault.nth:
        return False
    if fault.every is not None and matched % fault.every:
        return False
    return fault.probability is None or chance(fault.seed, matched) < fault.probability


def chance(seed: int, number: int) -> float:
    """Return a pseudo-random number from 0 to 1, always the same for the same seed and number."""
    return Random(f"{seed}/{number}").random()  # noqa: S311 - no secret


def check_asker(
    fault: Fault, applications: Iterable[Application], company_ids: Collection[int], *, open_auth: bool
) -> None:
    """Raise ValueError, one line that begins with the field, if no application can ever match the fault."""
    client_id, company_id = fault.client_id, fault.company_id
    own = {one.client_id: one.company_id for one in applications}
    if client_id is not None and client_id not in own and not open_auth:
        raise ValueError(f"client_id: no application has the client id {client_id!r}; known are {', '.join(own)}")
    if company_id is not None and company_id not in company_ids:
        raise ValueError(f"company_id: the companies are {', '.join(map(str, sorted(company_ids)))}, not {company_id}")
    if company_id is not None and company_id not in own.values() and not open_auth:
        raise ValueError(f"company_id: no application belongs to company {company_id}")
    if company_id is not None and client_id in own and own[client_id] != company_id:
        raise ValueError(f"company_id: {client_id} belongs to company {own[client_id]}, not {company_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """The authenticated application; `scheme` is "basic" or "oauth"."""

    client_id: str
    company_id: int
    scheme: str


@dataclass(slots=True, kw_only=True)
class Hit:
    """The effects on one request: the delays of all rules that fired, and the fault of the one that did more."""

    fault: Fault | None = None
    delay_seconds: float = 0.0
    clock_seconds: float = 0.0
    texts: list[str] = field(default_factory=list)
