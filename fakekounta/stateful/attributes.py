"""What a machine is told by its class attributes, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Protocol
from urllib.parse import urlsplit

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Basis, Quirk
from fakekounta.kounta import FakeKounta
from fakekounta.stateful import draws
from fakekounta.stateful.model import CONTACTS
from fakekounta.stateful.wire import Auth


class Attributes(Protocol):
    """The class attributes of a machine that name its target; see `operations.Operations`."""

    kounta: ClassVar[FakeKounta | None]
    base_url: ClassVar[str | None]
    auth: ClassVar[Auth | None]
    other_auth: ClassVar[Auth | None]
    company: ClassVar[int | str | None]
    assumptions: ClassVar[Mapping[str, str] | None]
    page_size: ClassVar[int | None]
    fields: ClassVar[tuple[str, ...]]
    tolerates: ClassVar[tuple[str, ...]]


def check_attributes(machine: Attributes | type[Attributes]) -> None:
    """Raise ValueError that names the wrong attribute and the reason, and shows no credentials."""
    unknown = [name for name in machine.fields if name not in draws.FIELDS]
    if unknown:
        raise ValueError(f"fields: {unknown[0]!r} cannot be set; known are {', '.join(draws.FIELDS)}")
    if "first_name" not in machine.fields or not set(CONTACTS) & set(machine.fields):
        raise ValueError("fields: must hold first_name and at least one of email, phone, mobile (C09)")
    Assumptions(machine.assumptions)
    for quirk_id in machine.tolerates:
        if not any(quirk.id == quirk_id and quirk.basis is Basis.ASSUMED for quirk in Quirk):
            raise ValueError(f"tolerates: {quirk_id} is no quirk whose basis is ASSUMED")
    for name in ("auth", "other_auth"):
        if not _is_auth(getattr(machine, name)):
            raise ValueError(f"{name}: must be (client_id, client_secret) or an access token")
    if machine.base_url is not None:
        _check_server(machine, machine.base_url)


def origin_of(base_url: str) -> str:
    """Scheme and host of a base URL, which may end with /v1. Raises ValueError."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("base_url: must be an http or https URL, such as https://api.kounta.com")
    if parts.username is not None or parts.password is not None:
        raise ValueError("base_url: must not hold a user or a password; credentials belong into auth")
    if parts.path.rstrip("/") not in ("", "/v1") or parts.query or parts.fragment:
        raise ValueError("base_url: must end with the host, or with /v1")
    return f"{parts.scheme}://{parts.netloc}"


def _check_server(machine: Attributes | type[Attributes], base_url: str) -> None:
    if machine.kounta is not None:
        raise ValueError("kounta, base_url: only one of them can be asked")
    origin_of(base_url)
    if machine.auth is None:
        raise ValueError("auth: is required with base_url: (client_id, client_secret), or an access token")
    if machine.company is None:
        raise ValueError("company: is required with base_url: customers are made in it, and stay there")


def _is_auth(auth: object) -> bool:
    if auth is None or isinstance(auth, str):
        return auth != ""
    return isinstance(auth, tuple) and len(auth) == 2 and all(isinstance(part, str) for part in auth)
