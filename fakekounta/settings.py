"""What a fake is told when it is made: one table for Python, the marker, flags, environment and files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fakekounta.assumptions import Assumptions
from fakekounta.core.applications import Application
from fakekounta.core.company import CompanyProfile
from fakekounta.core.fault_fields import read_fault
from fakekounta.core.faults import Fault, check_asker
from fakekounta.core.outbox import Disturbances, Schedule
from fakekounta.core.rate_limit import RequestsPerMinute

_T = TypeVar("_T")

MODES = ("background", "immediate", "collect")

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


class SettingsError(ValueError):
    """A setting is wrong; the message is one line that names it and the reason."""


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
        """Settings from values as people write them: dictionaries, texts, True."""
        unknown = given.keys() - _READERS.keys()
        if unknown:
            raise TypeError(f"unknown setting {min(unknown)!r}; known are {', '.join(_READERS)}")
        values = {name: _READERS[name](name, value) for name, value in given.items()}
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
    """The default and the others, a later one in the place of an earlier one with the same key."""
    return tuple({getattr(one, key): one for one in (default, *others)}.values())


# --- readers: from what people write to what the fake keeps ----------------------------------------------------


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise SettingsError(f"{name}: must be true or false, not {value!r}")
    return value


def _page_size(name: str, value: Any) -> int:
    return whole_number(name, value, 1, 100_000)


def whole_number(name: str, value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise SettingsError(f"{name}: must be a whole number from {least} to {most}, not {value!r}")
    return value


def text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise SettingsError(f"{name}: must be a text that is not empty, not {value!r}")
    return value


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise SettingsError(f"{name}: must be a list of texts, not {value!r}")
    return tuple(text(name, item) for item in value)


def _assumptions(name: str, value: Any) -> Assumptions:
    if isinstance(value, Assumptions):
        return value
    if not isinstance(value, Mapping):
        raise SettingsError(f"{name}: must be a mapping of ids to choices, not {value!r}")
    try:
        return Assumptions(value)
    except ValueError as error:
        raise SettingsError(f"{name}: {error}") from None


def _rate_limit(name: str, value: Any) -> RequestsPerMinute | None:
    if value is None or isinstance(value, bool):
        return RequestsPerMinute() if value else None
    if isinstance(value, RequestsPerMinute):
        return value
    limits = _known_keys(name, value, ("basic", "oauth"))
    return RequestsPerMinute(**{key: whole_number(f"{name}.{key}", n, 0, 10**9) for key, n in limits.items()})


def _mode(name: str, value: Any) -> str:
    if value not in MODES:
        raise SettingsError(f"{name}: must be one of {', '.join(MODES)}, not {value!r}")
    return str(value)


def _number(name: str, value: Any, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
        raise SettingsError(f"{name}: must be a number from {least} to {most}, not {value!r}")
    return value


def _schedule(name: str, value: Any) -> Schedule:
    given = _known_keys(name, asdict(value) if isinstance(value, Schedule) else value, ("minutes", "timeout_seconds"))
    checked: dict[str, Any] = {}
    if "minutes" in given:
        minutes = given["minutes"]
        if isinstance(minutes, (str, bytes)) or not isinstance(minutes, Sequence) or not minutes:
            raise SettingsError(f"{name}.minutes: must be a list of numbers that is not empty, not {minutes!r}")
        checked["minutes"] = tuple(
            _number(f"{name}.minutes[{index}]", one, 0, 525_600) for index, one in enumerate(minutes)
        )
        if list(checked["minutes"]) != sorted(checked["minutes"]):
            raise SettingsError(f"{name}.minutes: must ascend")
    if "timeout_seconds" in given:
        checked["timeout_seconds"] = _number(f"{name}.timeout_seconds", given["timeout_seconds"], 0.001, 3_600)
    return Schedule(**checked)


def _disturbances(name: str, value: Any) -> Disturbances:
    known = [one.name for one in fields(Disturbances)]
    given = _known_keys(name, asdict(value) if isinstance(value, Disturbances) else value, known)
    checked: dict[str, Any] = {}
    for key, item in given.items():
        if key == "seed":
            checked[key] = whole_number(f"{name}.{key}", item, 0, 2**63)
        else:
            checked[key] = _number(f"{name}.{key}", item, 0, 31_536_000 if key == "delay_seconds" else 1)
    return Disturbances(**checked)


def _seed(name: str, value: Any) -> tuple[Any, ...]:
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Sequence):
        raise SettingsError(f"{name}: must be a list of customers; a file is given as seed_file")
    return tuple(value)


def _path(name: str, value: Any) -> Path | None:
    if value is not None and not isinstance(value, (str, Path)):
        raise SettingsError(f"{name}: must be a path, not {value!r}")
    return None if value is None else Path(value)


def _list_of(one: Callable[[str, Any], _T]) -> Callable[[str, Any], tuple[_T, ...]]:
    def read(name: str, value: Any) -> tuple[_T, ...]:
        if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Sequence):
            raise SettingsError(f"{name}: must be a list, not {value!r}")
        return tuple(one(f"{name}[{index}]", item) for index, item in enumerate(value))

    return read


def _fault(name: str, value: Any) -> Fault:
    try:
        return read_fault(value, f"{name}.")
    except ValueError as error:
        raise SettingsError(str(error)) from None


def _company(name: str, value: Any) -> CompanyProfile:
    if isinstance(value, CompanyProfile):
        value = asdict(value)
    given = _known_keys(name, value, ("id", "name", "timezone"))
    checked: dict[str, Any] = {key: text(f"{name}.{key}", item) for key, item in given.items() if key != "id"}
    if "id" not in given:
        raise SettingsError(f"{name}.id: is required")
    try:
        ZoneInfo(checked.get("timezone", DEFAULT_COMPANY.timezone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(f"{name}.timezone: {checked['timezone']!r} is no IANA time zone") from None
    return CompanyProfile(id=whole_number(f"{name}.id", given["id"], 1, 2**63 - 1), **checked)


def _application(name: str, value: Any) -> Application:
    if isinstance(value, Application):
        value = asdict(value)
    given = _known_keys(name, value, [one.name for one in fields(Application)])
    for key in ("client_id", "client_secret"):
        if key not in given:
            raise SettingsError(f"{name}.{key}: is required")
    return Application(**{key: _APPLICATION[key](f"{name}.{key}", item) for key, item in given.items()})


def _known_keys(name: str, value: Any, known: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise SettingsError(f"{name}: must have the keys {', '.join(known)}, not be {value!r}")
    for key in value:
        if key not in known:
            raise SettingsError(f"{name}: {key!r} is unknown; known are {', '.join(known)}")
    return value


def _optional_text(name: str, value: Any) -> str | None:
    return None if value is None else text(name, value)


def _any_text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise SettingsError(f"{name}: must be a text, not {value!r}")
    return value


_APPLICATION: Mapping[str, Callable[[str, Any], Any]] = {
    "client_id": text,
    "client_secret": _any_text,  # empty is that of one which `open_auth` made on its way through /authorize
    "company_id": lambda name, value: whole_number(name, value, 1, 2**63 - 1),
    "signature_token": text,
    "access_token": _optional_text,
    "refresh_token": _optional_text,
    "redirect_uris": _texts,
    "any_redirect_uri": _flag,
}

_READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "companies": _list_of(_company),
    "applications": _list_of(_application),
    "redirect_uris": _texts,
    "assumptions": _assumptions,
    "page_size": _page_size,
    "rate_limit": _rate_limit,
    "open_auth": _flag,
    "webhook_mode": _mode,
    "webhook_schedule": _schedule,
    "webhook_disturbances": _disturbances,
    "allow_webhook_hosts": _texts,
    "seed": _seed,
    "seed_file": _path,
    "faults": _list_of(_fault),
}
