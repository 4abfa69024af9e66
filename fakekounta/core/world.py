"""The world: one object with everything that can change, so that a reset replaces it as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import Any, Protocol

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.core.applications import Application, Applications
from fakekounta.core.clock import Clock
from fakekounta.core.company import Company, CompanyProfile
from fakekounta.core.deliveries import Disturbances, Schedule
from fakekounta.core.fault_book import FaultBook, FaultRule
from fakekounta.core.fault_fields import fault_fields, read_fault
from fakekounta.core.faults import Fault, check_asker
from fakekounta.core.journal import Journal
from fakekounta.core.outbox import Outbox
from fakekounta.core.rate_limit import RateLimit, RequestsPerMinute
from fakekounta.core.records import Records
from fakekounta.core.shelf import Seen, Shelves
from fakekounta.core.sources import SYSTEM, Sources
from fakekounta.core.store import CustomerStore
from fakekounta.core.webhooks import Webhook


class WorldSettings(Protocol):
    """What a world is made from. The first company is the default one."""

    @property
    def companies(self) -> Sequence[CompanyProfile]:
        """The companies, at least one."""

    @property
    def applications(self) -> Sequence[Application]:
        """The applications of all companies."""

    @property
    def assumptions(self) -> Assumptions:
        """The choices."""

    @property
    def page_size(self) -> int:
        """How many items a page has."""

    @property
    def rate_limit(self) -> RequestsPerMinute | None:
        """The limits, or None for no limit."""

    @property
    def open_auth(self) -> bool:
        """Whether any credentials are accepted."""

    @property
    def webhook_mode(self) -> str:
        """How deliveries are made."""

    @property
    def webhook_schedule(self) -> Schedule:
        """When a delivery is tried."""

    @property
    def webhook_disturbances(self) -> Disturbances:
        """The disturbances of deliveries."""

    @property
    def allow_webhook_hosts(self) -> Sequence[str]:
        """Further hosts that get deliveries."""

    @property
    def faults(self) -> Sequence[Fault]:
        """The fault rules."""


class _Shared:
    """Attributes that all views of a world share and can replace."""

    receiver: Any = None

    @cached_property
    def faults_limit(self) -> RateLimit:
        """The limit that `rate_limited` faults show in a world without one. Few worlds need it."""
        return RateLimit(RequestsPerMinute())


class World:
    """Companies with their customers, applications with their tokens, clock, journal, assumptions, faults, outbox."""

    def __repr__(self) -> str:
        return f"<world of {len(self.companies)} companies and {len(self.journal)} exchanges>"

    def __init__(
        self,
        settings: WorldSettings,
        *,
        stores: Mapping[int, CustomerStore],
        shelves: Mapping[int, Shelves],
        clock: Clock | None = None,
        sources: Sources = SYSTEM,
    ) -> None:
        self.journal: Journal = Journal()
        self.assumptions: Assumptions = settings.assumptions.reporting_to(self.journal.asked)
        self.clock: Clock = Clock(sources.now) if clock is None else clock
        self.records: Records = Records(self.assumptions)
        self.page_size: int = settings.page_size
        self.requests_per_minute: RequestsPerMinute | None = settings.rate_limit
        self.open_auth: bool = settings.open_auth
        self.webhook_mode: str = settings.webhook_mode
        self.allow_webhook_hosts: frozenset[str] = frozenset(host.lower() for host in settings.allow_webhook_hosts)
        self._shared = _Shared()
        self.outbox: Outbox = Outbox(settings.webhook_schedule, settings.webhook_disturbances)
        self.companies: dict[int, Company] = {
            one.id: self._new_company(one, stores.get(one.id), shelves.get(one.id)) for one in settings.companies
        }
        self.company: Company = next(iter(self.companies.values()))
        self.applications: Applications = self._new_applications(settings, sources)
        limits = self.requests_per_minute
        self.rate_limit: RateLimit | None = None if limits is None else RateLimit(limits)
        self.faults: FaultBook = FaultBook()
        if settings.faults:
            self.faults.add(settings.faults, self.clock.now())

    def _new_company(self, profile: CompanyProfile, store: CustomerStore | None, shelves: Shelves | None) -> Company:
        return Company(profile, self.assumptions, clock=self.clock, outbox=self.outbox, store=store, shelves=shelves)

    def _new_applications(self, settings: WorldSettings, sources: Sources) -> Applications:
        return Applications(
            settings.applications,
            self.assumptions,
            open_company_id=self.company.id if self.open_auth else None,
            token=sources.token,
        )

    def under(self, assumptions: Assumptions) -> World:
        """Return a view of the world under other assumptions; the views share all data.

        The choices of a view never change.
        """
        assumptions = assumptions.reporting_to(self.journal.asked)
        other = copy(self)
        other.assumptions, other.records = assumptions, Records(assumptions)
        other.applications = self.applications.under(assumptions)
        other.companies = {company.id: company.under(assumptions) for company in self.companies.values()}
        other.company = other.companies[self.company.id]
        return other

    def view(self, company: Company, now: str) -> Seen:
        """Return what the records of the company's collections show besides their own values; `now` is a text."""
        return Seen(
            company_id=company.id,
            shelves=company.shelves,
            zone=company.zone,
            now=now,
            with_id_str=self.records.with_id_str,
            choice=self.assumptions.choice,
            customer=company.store.get,
        )

    def is_one_with(self, other: World) -> bool:
        """Return whether both are views of the same world."""
        return self.journal is other.journal

    @property
    def faults_limit(self) -> RateLimit:
        """The rate limit whose headers a `rate_limited` fault shows."""
        return self.rate_limit or self._shared.faults_limit

    @property
    def receiver(self) -> Any:
        """What posts all deliveries into an application instead of to their addresses, or None."""
        return self._shared.receiver

    @receiver.setter
    def receiver(self, receiver: Any) -> None:
        self._shared.receiver = receiver

    def close_receiver(self) -> None:
        """Stop the application that gets the deliveries, if there is one; the next delivery starts it again."""
        if self.receiver is not None:
            self.receiver.close()

    def add_faults(self, faults: Sequence[Fault], *, many: bool = True) -> list[FaultRule]:
        """Add a rule for each fault, all or none. Raise ValueError that names the field; with `many` its position."""
        for index, fault in enumerate(faults):
            try:
                check_asker(fault, self.applications.all(), self.companies, open_auth=self.open_auth)
            except ValueError as error:
                raise ValueError(f"[{index}].{error}" if many else str(error)) from None
        return self.faults.add(faults, self.clock.now())

    def change_fault(self, number: int, changes: Mapping[str, Any]) -> FaultRule | None:
        """Change some fields of a rule; None takes one away. Return None if no rule has this id. Raise ValueError."""

        def changed(fault: Fault) -> Fault:
            after = read_fault({**fault_fields(fault), **changes})
            check_asker(after, self.applications.all(), self.companies, open_auth=self.open_auth)
            return after

        return self.faults.change(number, changed, self.clock.now())

    def signature_token(self, webhook: Webhook) -> str:
        """Return the secret of its application with which deliveries to a webhook are signed (W11)."""
        application = self.applications.owner(webhook.client_id or self.default_client_id(webhook.company_id))
        return "" if application is None else application.signature_token

    def default_client_id(self, company_id: int) -> str:
        """Return the client id that owns a reference id given without one: the company's first application's, or ""."""
        return next((one.client_id for one in self.applications.all() if one.company_id == company_id), "")
