"""Readers of settings: each checks the value of a setting from Python, and returns the value that the fake uses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfoNotFoundError

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.names import did_you_mean, known_are
from fakekounta.core.all_collections import is_of_several_kinds
from fakekounta.core.applications import APPLICATION, Application
from fakekounta.core.company import COMPANY, CompanyProfile
from fakekounta.core.deliveries import DISTURBANCES, SCHEDULE
from fakekounta.core.fault_fields import read_fault
from fakekounta.core.faults import Fault
from fakekounta.core.rate_limit import LIMITS, RequestsPerMinute
from fakekounta.core.resources import Resource
from fakekounta.core.values import any_text, flag, list_of, optional, raising, text, whole
from fakekounta.core.zones import zone_of
from fakekounta.process.files import expanded, is_database
from fakekounta.settings.errors import SettingsError
from fakekounta.settings.hosts import WEB_SCHEMES, bare_host, host_named, origin_text
from fakekounta.settings.kinds import SettingKind
from fakekounta.settings.table import SETTINGS

_ABSOLUTE_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!\"$-~]+")
Reader = Callable[[str, Any], Any]
_T = TypeVar("_T")


def _token(name: str, value: Any) -> str | None:
    """Return a token that a header can hold. The error message does not show the value."""
    if value is None:
        return None
    if not isinstance(value, str) or not value or not all("!" <= char <= "~" for char in value):
        raise SettingsError(f"{name}: must be a text of printable ASCII without blanks that is not empty")
    return value


def _host_name(name: str, value: Any) -> str:
    """Return a host name as `host_named` writes it, without a port."""
    host = bare_host(text(name, value))
    if host is None:
        raise SettingsError(f"{name}: must be the name or the address of a host in ASCII, not {value!r}")
    return host


def _origin(name: str, value: Any) -> str | None:
    """Return scheme, host and port of a URL, as in the header `Origin`."""
    if value is None:
        return None
    scheme, _, host = text(name, value).removesuffix("/").partition("://")
    if scheme.lower() not in WEB_SCHEMES or host_named(host) is None or host.endswith(":"):
        raise SettingsError(f"{name}: must be http:// or https:// and a host in ASCII, without a path, not {value!r}")
    return origin_text(scheme.lower(), host)


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
    if not isinstance(value, Mapping):
        raise SettingsError(f"{name}: must be true or false, or numbers for basic and oauth, not {value!r}")
    return _declared(LIMITS)(name, value)


def _declared(resource: Resource[_T]) -> Callable[[str, Any], _T]:
    """Return the reader of an object with declared fields, from a mapping; absent fields have their default."""

    def read(name: str, value: Any) -> _T:
        document = resource.document(value) if isinstance(value, resource.cls) else value
        given = _known_keys(name, document, tuple(resource.by_name))
        return resource.cls(**resource.read(name, given, given))

    return read


def _seed(name: str, value: Any) -> tuple[Any, ...]:
    if is_of_several_kinds(value):
        return (value,)
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Sequence):
        raise SettingsError(f"{name}: must be a list of customers; for a file use seed_file")
    return tuple(value)


def _path(name: str, value: Any) -> Path | None:
    if value is not None and not isinstance(value, (str, Path)):
        raise SettingsError(f"{name}: must be a path, not {value!r}")
    return None if value is None else expanded(value)


def _place(name: str, value: Any) -> Path | str | None:
    """Return a path, or the URL of a database as it is."""
    return value if isinstance(value, str) and is_database(value) else _path(name, value)


def _fault(name: str, value: Any) -> Fault:
    return read_fault(value, f"{name}.")


def _company(name: str, value: Any) -> CompanyProfile:
    if isinstance(value, CompanyProfile):
        value = asdict(value)
    given = _known_keys(name, value, tuple(COMPANY.by_name))
    checked: dict[str, Any] = {key: text(f"{name}.{key}", item) for key, item in given.items() if key != "id"}
    if "id" not in given:
        raise SettingsError(f"{name}.id: is required")
    try:
        zone_of(checked.get("timezone", CompanyProfile().timezone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(f"{name}.timezone: {checked['timezone']!r} is not an IANA time zone") from None
    return CompanyProfile(id=whole(1, 2**63 - 1)(f"{name}.id", given["id"]), **checked)


def _application(name: str, value: Any) -> Application:
    if isinstance(value, Application):
        value = asdict(value)
    given = _known_keys(name, value, tuple(APPLICATION.by_name))
    for key in ("client_id", "client_secret"):
        if key not in given:
            raise SettingsError(f"{name}.{key}: is required")
    return Application(**{key: _APPLICATION[key](f"{name}.{key}", item) for key, item in given.items()})


def _known_keys(name: str, value: Any, known: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise SettingsError(f"{name}: must have the keys {', '.join(known)}, not be {value!r}")
    for key in value:
        if key not in known:
            raise SettingsError(f"{name}: {key!r} is unknown; {known_are(key, known)}")
    return value


def _redirect_uris(name: str, value: Any) -> tuple[str, ...]:
    """Return the URLs to which /authorize can redirect a browser (O03)."""
    uris = _texts(name, value)
    for uri in uris:
        if not _ABSOLUTE_URI.fullmatch(uri):
            raise SettingsError(f"{name}: must be absolute URLs in ASCII without blanks and #, not {uri!r}")
    return uris


_APPLICATION: Mapping[str, Callable[[str, Any], Any]] = {
    "client_id": text,
    "client_secret": any_text,  # an application that `open_auth` created at /authorize has an empty one
    "company_id": whole(1),
    "signature_token": text,
    "access_token": optional(text),
    "refresh_token": optional(text),
    "redirect_uris": _redirect_uris,
    "any_redirect_uri": flag,
}

_BY_KIND: Mapping[str, Reader] = {
    "flag": flag,
    "text": text,
    "token": _token,
    "path": _path,
    "place": _place,
    "urls": _redirect_uris,
    "origin": _origin,
    "hosts": list_of(_host_name),
    "texts": _texts,
    "companies": list_of(_company),
    "applications": list_of(_application),
    "assumptions": _assumptions,
    "rate_limit": _rate_limit,
    "schedule": _declared(SCHEDULE),
    "disturbances": _declared(DISTURBANCES),
    "seed": _seed,
    "faults": list_of(_fault),
}


def _reader_of(kind: SettingKind) -> Reader:
    if kind.name == "whole":
        return whole(kind.least, kind.most)
    return _one_of(kind.choices) if kind.choices else _BY_KIND[kind.name]


def _one_of(choices: Sequence[str]) -> Reader:
    def read(name: str, value: Any) -> Any:
        if value not in choices:
            near = did_you_mean(value, choices)
            raise SettingsError(f"{name}: must be one of {', '.join(choices)}, not {value!r}{near}")
        return value

    return read


def _raising(reader: Reader) -> Reader:
    """Return the reader with SettingsError in place of each ValueError."""

    def read(name: str, value: Any) -> Any:
        with raising(SettingsError):
            return reader(name, value)

    return read


READERS: Mapping[str, Reader] = {setting.name: _raising(_reader_of(setting.kind)) for setting in SETTINGS}
"""The reader of each setting."""
