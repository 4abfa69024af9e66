"""The target of a machine: a fake, in-process or over its socket, or a server at a base URL.

The class attributes of a machine name the target; this module checks them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import field
from functools import lru_cache
from typing import Any, ClassVar, Protocol
from urllib.parse import urlsplit
from uuid import uuid4

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Basis, Quirk
from fakekounta.core.applications import Application
from fakekounta.core.customers import CONTACTS
from fakekounta.kounta import REAL_ORIGIN, FakeKounta
from fakekounta.process.dataclass import dataclass
from fakekounta.stateful import draws
from fakekounta.stateful.wire import Auth, Send, in_process, over_socket

SMALL_PAGES = 3
_OTHER = ("machine-other-id", "machine-other-secret")
_TAG = "fakekounta-machine"
"""The beginning of the tag of customers at a base URL."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """One server for one run.

    `choices` are the known choices of assumptions. `mark` is put into values that must differ from those of other
    customers; it is "" for a fake, which has none. `kounta` is None for a server at a base URL.
    """

    send: Send
    origin: str
    company: int | str
    auth: Auth = field(repr=False)
    other_auth: Auth | None = field(repr=False)
    choices: Mapping[str, str]
    page_size: int | None
    mark: str
    kounta: FakeKounta | None

    def marked(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields with the mark in the values of look-ups and in unique values.

        It is put into emails and reference ids before the part in which they differ, and at the end of phone numbers. A
        tag says that this run created the customer. Without a mark, the fields are unchanged.
        """
        if not self.mark:
            return dict(fields)
        return {name: _marked(name, value, self.mark) for name, value in fields.items()}

    def now(self) -> float | None:
        """Return the fake's time in Unix seconds, or None for a server at a base URL."""
        return None if self.kounta is None else self.kounta.clock.now().timestamp()

    def wait(self, seconds: float) -> None:
        """Wait, or advance the fake's clock."""
        if self.kounta is None:
            time.sleep(seconds)
        else:
            self.kounta.clock.advance(seconds=seconds)


def at_fake(
    kounta: FakeKounta,
    auth: Auth | None,
    settings: Mapping[str, Any],
    assumptions: Mapping[str, str] | None,
    life: ExitStack,
) -> Target:
    """Return the fake as target, with a new world until `life` is closed; over its socket if it serves."""
    given = dict(settings) if assumptions is None else {**settings, "assumptions": assumptions}
    life.enter_context(kounta.fresh(**given))
    world, own = kounta.world, kounta.application
    others = [one for one in world.applications.all() if (one.company_id, one != own) == (own.company_id, True)]
    if not others:
        others = [Application(client_id=_OTHER[0], client_secret=_OTHER[1], company_id=own.company_id)]
        world.applications.add(others[0])
    send = in_process(kounta.wsgi_app)
    if kounta.url != REAL_ORIGIN:
        send, close = over_socket()
        life.callback(close)
    return Target(
        send=send,
        origin=kounta.url,
        company=kounta.company.id,
        auth=auth or kounta.auth,
        other_auth=(others[0].client_id, others[0].client_secret),
        choices=world.assumptions,
        page_size=world.page_size,
        mark="",
        kounta=kounta,
    )


def at_url(machine: Attributes, life: ExitStack) -> Target:
    """Return the server at the machine's base URL as target; the attributes were checked before."""
    assert machine.base_url and machine.auth and machine.company, "unchecked"  # noqa: S101, PT018 - a bug of ours
    send, close = over_socket()
    life.callback(close)
    return Target(
        send=send,
        origin=origin_of(machine.base_url),
        company=machine.company,
        auth=machine.auth,
        other_auth=machine.other_auth,
        choices=dict(machine.assumptions or {}),
        page_size=machine.page_size,
        mark=str(uuid4().int)[-9:],  # not from `random`, because Hypothesis seeds it: the mark of each run differs
        kounta=None,
    )


@lru_cache(maxsize=1)
def own_fake() -> FakeKounta:
    """Return the fake of machines that name no target. It serves only if a run reads its URL.

    It makes no deliveries: their addresses are drawn, and no rule looks at deliveries.
    """
    return FakeKounta(page_size=SMALL_PAGES, webhook_mode="collect")


def _marked(name: str, value: Any, mark: str) -> Any:
    if name == "tags":
        return [f"{_TAG}-{mark}", *(value or ())]
    if not value:
        return value
    if name in ("email", "reference_id"):
        return f"{mark}.{value}"
    return f"{value}{mark}" if name in ("phone", "mobile") else value


# --- the attributes of a machine ---------------------------------------------------------------------------------


class Attributes(Protocol):
    """The class attributes of a machine that name its target; see `base.BaseMachine`."""

    kounta: ClassVar[FakeKounta | None]
    base_url: ClassVar[str | None]
    auth: ClassVar[Auth | None]
    other_auth: ClassVar[Auth | None]
    company: ClassVar[int | str | None]
    assumptions: ClassVar[Mapping[str, str] | None]
    page_size: ClassVar[int | None]
    fields: ClassVar[tuple[str, ...]]
    tolerates: ClassVar[tuple[str, ...]]
    makes_orders: ClassVar[bool]


def check_attributes(machine: Attributes | type[Attributes]) -> None:
    """Raise ValueError that names the invalid attribute and the reason, without credentials."""
    unknown = [name for name in machine.fields if name not in draws.FIELDS]
    if unknown:
        raise ValueError(f"fields: {unknown[0]!r} cannot be set; known are {', '.join(draws.FIELDS)}")
    if "first_name" not in machine.fields or not set(CONTACTS) & set(machine.fields):
        raise ValueError("fields: must hold first_name and at least one of email, phone, mobile (C09)")
    Assumptions(machine.assumptions)
    for quirk_id in machine.tolerates:
        if not any(quirk.id == quirk_id and quirk.basis is Basis.ASSUMED for quirk in Quirk):
            raise ValueError(f"tolerates: {quirk_id} is not a quirk whose basis is ASSUMED")
    for name in ("auth", "other_auth"):
        if not _is_auth(getattr(machine, name)):
            raise ValueError(f"{name}: must be (client_id, client_secret) or an access token")
    if machine.base_url is not None:
        _check_server(machine, machine.base_url)


def origin_of(base_url: str) -> str:
    """Return scheme and host of a base URL, which may end with /v1. Raise ValueError."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("base_url: must be an http or https URL, such as https://api.kounta.com")
    if parts.username is not None or parts.password is not None:
        raise ValueError("base_url: must not contain a user or a password; put credentials into auth")
    if parts.path.rstrip("/") not in ("", "/v1") or parts.query or parts.fragment:
        raise ValueError("base_url: must end with the host, or with /v1")
    return f"{parts.scheme}://{parts.netloc}"


def _check_server(machine: Attributes | type[Attributes], base_url: str) -> None:
    if machine.kounta is not None:
        raise ValueError("kounta, base_url: set only one of them")
    if machine.makes_orders:
        raise ValueError("base_url: this machine makes orders, which would reach a kitchen; give it a fake as kounta")
    origin_of(base_url)
    if machine.auth is None:
        raise ValueError("auth: is required with base_url: (client_id, client_secret), or an access token")
    if machine.company is None:
        raise ValueError("company: is required with base_url: customers are created in it, and stay there")


def _is_auth(auth: object) -> bool:
    if auth is None or isinstance(auth, str):
        return auth != ""
    return isinstance(auth, tuple) and len(auth) == 2 and all(isinstance(part, str) for part in auth)
