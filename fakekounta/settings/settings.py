"""`Settings` and `ServerSettings`: the checked settings of a world and of a server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.core.applications import Application
from fakekounta.core.company import CompanyProfile
from fakekounta.core.deliveries import Disturbances, Schedule
from fakekounta.core.faults import Fault, check_asker
from fakekounta.core.rate_limit import RequestsPerMinute
from fakekounta.process.dataclass import dataclass
from fakekounta.settings.errors import SettingsError
from fakekounta.settings.hosts import bare_host, is_loopback
from fakekounta.settings.readers import READERS
from fakekounta.settings.table import BY_NAME, PYTHON, WORLD, settings_of, unknown

__all__ = ["DEFAULT_APPLICATION", "DEFAULT_COMPANY", "DEFAULT_REDIRECT_URI", "Settings", "SettingsError"]

_T = TypeVar("_T")

DEFAULT_COMPANY = CompanyProfile()
DEFAULT_REDIRECT_URI = "http://localhost/callback"
DEFAULT_APPLICATION = Application(
    client_id="fake-client-id",
    client_secret="fake-client-secret",  # noqa: S106 - documented credentials of the fake, no secrets
    company_id=DEFAULT_COMPANY.id,
    signature_token="fake-signature-token",  # noqa: S106
    access_token="fake-access-token",  # noqa: S106
    refresh_token="fake-refresh-token",  # noqa: S106
    redirect_uris=(DEFAULT_REDIRECT_URI,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The checked settings of a world; `fakekounta.settings.table` describes each.

    `companies` and `applications` begin with the default ones.
    """

    companies: Sequence[CompanyProfile]
    applications: Sequence[Application]
    redirect_uris: Sequence[str]
    assumptions: Assumptions
    page_size: int
    rate_limit: RequestsPerMinute | None
    open_auth: bool
    webhook_mode: str
    webhook_schedule: Schedule
    webhook_disturbances: Disturbances
    allow_webhook_hosts: Sequence[str]
    seed: Sequence[Any]
    seed_file: Path | None
    cafe: bool
    faults: Sequence[Fault]

    @property
    def default_application(self) -> Application:
        """The first application of the default company, or the first of all if that company has none."""
        own = (one for one in self.applications if one.company_id == self.companies[0].id)
        return next(own, self.applications[0])

    @staticmethod
    def of(**given: Any) -> Settings:
        """Return the settings that the keywords describe with dictionaries, texts, numbers and booleans.

        Raises:
            SettingsError: A value is invalid.
            TypeError: A name is not a setting of a world.

        """
        values = {**_DEFAULTS, **_read(given, WORLD)}
        values["companies"] = _by_key("companies", "id", DEFAULT_COMPANY, values["companies"])
        default = _default_application(values["redirect_uris"])
        values["applications"] = _by_key("applications", "client_id", default, values["applications"])
        settings = Settings(**values)
        settings._refuse_strangers()
        return settings

    def _refuse_strangers(self) -> None:
        """Raise SettingsError for an application of an unknown company, and a fault that no application can match."""
        known = {company.id for company in self.companies}
        for application in self.applications:
            if application.company_id not in known:
                raise SettingsError(
                    f"applications: {application.client_id} belongs to company {application.company_id}, "
                    f"but the companies are {', '.join(map(str, sorted(known)))}"
                )
        for index, fault in enumerate(self.faults):
            try:
                check_asker(fault, self.applications, known, open_auth=self.open_auth)
            except ValueError as error:
                raise SettingsError(f"faults[{index}].{error}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """The checked settings of a server, on which its worlds do not depend."""

    host: str
    port: int
    allow_hosts: Sequence[str]
    public_url: str | None
    trust_proxy: bool
    control_token: str | None
    body_bytes: int
    tls: bool
    tls_names: Sequence[str]
    ca_file: Path | None
    tls_dir: Path | None
    tls_cert: Path | None
    tls_key: Path | None
    proxy_pass_through: bool

    @staticmethod
    def of(given: Mapping[str, Any]) -> ServerSettings:
        """Return the settings of the server among those of a fake.

        Raises:
            SettingsError: A value is invalid.
            TypeError: A name is not a setting of a fake.

        """
        own = {name: value for name, value in given.items() if name not in _OF_WORLDS}
        settings = ServerSettings(**{**_DEFAULTS_OF_SERVER, **_read(own, PYTHON)})
        settings._refuse_without_tls()
        settings._refuse_half_a_certificate()
        settings._refuse_open_proxy()
        return settings

    def _refuse_without_tls(self) -> None:
        """Raise SettingsError for a setting of TLS where TLS is off."""
        for name in ("tls_names", "ca_file", "tls_dir", "tls_cert", "tls_key"):
            if getattr(self, name) and not self.tls:
                raise SettingsError(f"{name}: is for a server with TLS: set tls, too")

    def _refuse_half_a_certificate(self) -> None:
        """Raise SettingsError for a certificate without its key, and for two sources of a certificate."""
        if (self.tls_cert is None) != (self.tls_key is None):
            given, other = ("tls_key", "tls_cert") if self.tls_cert is None else ("tls_cert", "tls_key")
            raise SettingsError(f"{given}: needs {other}, too; a file with both is given twice")
        for name in ("ca_file", "tls_dir"):
            if getattr(self, name) and self.tls_cert:
                raise SettingsError(f"{name}: is for certificates that the fake makes: leave it out beside tls_cert")

    @property
    def tls_files(self) -> tuple[Path, Path] | None:
        """The user's own certificate and key, or None."""
        return None if self.tls_cert is None or self.tls_key is None else (self.tls_cert, self.tls_key)

    def _refuse_open_proxy(self) -> None:
        """Raise SettingsError where everybody on the network could use this machine to reach others."""
        if self.proxy_pass_through and not is_loopback(bare_host(self.host)):
            raise SettingsError(f"proxy_pass_through: is for a loopback host only, not {self.host}, which others reach")


def of_worlds(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of worlds among those of a fake."""
    return {name: value for name, value in given.items() if name in _OF_WORLDS}


def _read(given: Mapping[str, Any], way: str) -> dict[str, Any]:
    """Return the checked values. Raises TypeError for a name that is not a setting in this way of giving them."""
    for name in given:
        if name not in BY_NAME:
            raise TypeError(unknown(name, (setting.name for setting in settings_of(way))))
        if way not in BY_NAME[name].ways:
            raise TypeError(f"{name}: {_NOT_HERE if PYTHON in BY_NAME[name].ways else _NOT_IN_PYTHON}")
    return {name: READERS[name](name, value) for name, value in given.items()}


def _defaults(names: Iterable[str]) -> dict[str, Any]:
    return {name: READERS[name](name, BY_NAME[name].default) for name in names}


_NOT_HERE = "is a setting of the server: give it to FakeKounta, or in the fixture fakekounta_settings"
_NOT_IN_PYTHON = "is a setting of `fakekounta serve` only"
_OF_WORLDS = frozenset(setting.name for setting in settings_of(WORLD))
_DEFAULTS = _defaults(_OF_WORLDS)
_DEFAULTS_OF_SERVER = _defaults(one.name for one in settings_of(PYTHON) if one.name not in _OF_WORLDS)


def _default_application(redirect_uris: Sequence[str]) -> Application:
    values = {one.name: getattr(DEFAULT_APPLICATION, one.name) for one in fields(Application)}
    return Application(**{**values, "redirect_uris": (*DEFAULT_APPLICATION.redirect_uris, *redirect_uris)})


def _by_key(setting: str, key: str, default: _T, others: Sequence[_T]) -> tuple[_T, ...]:
    """Return the default and the others; one with the key of the default replaces it.

    Raises SettingsError if two of the others have one key.
    """
    seen = set()
    for index, one in enumerate(others):
        value = getattr(one, key)
        if value in seen:
            raise SettingsError(f"{setting}[{index}].{key}: {value!r} is given twice")
        seen.add(value)
    return tuple({getattr(one, key): one for one in (default, *others)}.values())
