"""What a fake is told when it is made: one table for Python, the marker, flags, environment and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.core.applications import Application
from fakekounta.core.company import CompanyProfile
from fakekounta.core.deliveries import Disturbances, Schedule
from fakekounta.core.faults import Fault, check_asker
from fakekounta.core.rate_limit import RequestsPerMinute
from fakekounta.settings.readers import MODES, READERS, SettingsError

__all__ = ["DEFAULT_APPLICATION", "DEFAULT_COMPANY", "DEFAULT_REDIRECT_URI", "MODES", "Settings", "SettingsError"]

_T = TypeVar("_T")

DEFAULT_COMPANY = CompanyProfile()
DEFAULT_REDIRECT_URI = "http://localhost/callback"
DEFAULT_APPLICATION = Application(
    client_id="fake-client-id",
    client_secret="fake-client-secret",  # noqa: S106 - documented fake credentials, no secrets
    company_id=DEFAULT_COMPANY.id,
    signature_token="fake-signature-token",  # noqa: S106
    access_token="fake-access-token",  # noqa: S106
    refresh_token="fake-refresh-token",  # noqa: S106
    redirect_uris=(DEFAULT_REDIRECT_URI,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings, checked. Raises SettingsError, and TypeError for a name that is no setting.

    `companies` and `applications` are in addition to the default ones, or in their place where the id is the same.
    `webhook_mode` is one of MODES; `webhook_schedule` has `minutes` and `timeout_seconds` (W12);
    `webhook_disturbances` has the probabilities `duplicate reorder drop delay`, `delay_seconds` and `seed`;
    `allow_webhook_hosts` may be delivered to although they are not this machine. `rate_limit` is False, True for the
    documented limits, or `{"basic": 60, "oauth": 180}`. `faults` are the rules of `fakekounta.core.faults.Fault`.
    """

    companies: Sequence[CompanyProfile] = ()
    applications: Sequence[Application] = ()
    redirect_uris: Sequence[str] = ()
    assumptions: Assumptions = field(default_factory=Assumptions)
    page_size: int = 25
    rate_limit: RequestsPerMinute | None = None
    open_auth: bool = False
    webhook_mode: str = "immediate"
    webhook_schedule: Schedule = field(default_factory=Schedule)
    webhook_disturbances: Disturbances = field(default_factory=Disturbances)
    allow_webhook_hosts: Sequence[str] = ()
    seed: Sequence[Any] = ()
    seed_file: Path | None = None
    faults: Sequence[Fault] = ()

    @property
    def default_application(self) -> Application:
        """The first application of the default company; of any, if that has none."""
        own = (one for one in self.applications if one.company_id == self.companies[0].id)
        return next(own, self.applications[0])

    @staticmethod
    def of(**given: Any) -> Settings:
        """Return the settings for values as people write them: dictionaries, texts, True."""
        unknown = given.keys() - READERS.keys()
        if unknown:
            raise TypeError(f"unknown setting {min(unknown)!r}; known are {', '.join(READERS)}")
        values = {name: READERS[name](name, value) for name, value in given.items()}
        values["companies"] = _by_key("id", DEFAULT_COMPANY, values.get("companies", ()))
        default = _default_application(tuple(values.get("redirect_uris", ())))
        values["applications"] = _by_key("client_id", default, values.get("applications", ()))
        settings = Settings(**values)
        known = {company.id for company in settings.companies}
        for application in settings.applications:
            if application.company_id not in known:
                raise SettingsError(
                    f"applications: {application.client_id} belongs to company {application.company_id}, "
                    f"but the companies are {', '.join(map(str, sorted(known)))}"
                )
        for index, fault in enumerate(settings.faults):
            try:
                check_asker(fault, settings.applications, known, open_auth=settings.open_auth)
            except ValueError as error:
                raise SettingsError(f"faults[{index}].{error}") from None
        return settings


def _default_application(redirect_uris: tuple[str, ...]) -> Application:
    values = {one.name: getattr(DEFAULT_APPLICATION, one.name) for one in fields(Application)}
    return Application(**{**values, "redirect_uris": (*DEFAULT_APPLICATION.redirect_uris, *redirect_uris)})


def _by_key(key: str, default: _T, others: Sequence[_T]) -> tuple[_T, ...]:
    """Return the default and the others; a later one replaces an earlier one with the same key."""
    return tuple({getattr(one, key): one for one in (default, *others)}.values())
