"""What a machine asks: a fake, in-process or over its socket, or whatever answers at a base URL."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import uuid4

from fakekounta.core.applications import Application
from fakekounta.kounta import REAL_ORIGIN, FakeKounta
from fakekounta.stateful.attributes import Attributes, origin_of
from fakekounta.stateful.wire import Auth, Send, in_process, over_socket

SMALL_PAGES = 3
_OTHER = ("machine-other-id", "machine-other-secret")


@dataclass(frozen=True, kw_only=True)
class Target:
    """One server for one run.

    `told` are the assumptions that are known; `mark` is put into whatever must not be confused with other customers,
    "" where there can be none. `kounta` is None beyond a base URL.
    """

    send: Send
    origin: str
    company: int | str
    auth: Auth = field(repr=False)
    other_auth: Auth | None = field(repr=False)
    told: Mapping[str, str]
    page_size: int | None
    mark: str
    kounta: FakeKounta | None

    def now(self) -> float | None:
        """Return the fake's time in Unix seconds, or None where only the server knows it."""
        return None if self.kounta is None else self.kounta.clock.now().timestamp()

    def wait(self, seconds: float) -> None:
        """Wait, or let the fake's clock go forward."""
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
    """Return the fake as target, with a new world for as long as `life` lasts; over its socket if it serves."""
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
        told=world.assumptions,
        page_size=world.page_size,
        mark="",
        kounta=kounta,
    )


def at_url(machine: Attributes, life: ExitStack) -> Target:
    """Return the server at the machine's base URL as target; the attributes were checked before."""
    assert machine.base_url and machine.auth and machine.company, "unchecked"  # noqa: S101, PT018 - our own mistake
    send, close = over_socket()
    life.callback(close)
    return Target(
        send=send,
        origin=origin_of(machine.base_url),
        company=machine.company,
        auth=machine.auth,
        other_auth=machine.other_auth,
        told=dict(machine.assumptions or {}),
        page_size=machine.page_size,
        mark=str(uuid4().int)[-9:],  # not from `random`, which Hypothesis seeds: each run has another one
        kounta=None,
    )


@lru_cache(maxsize=1)
def own_fake() -> FakeKounta:
    """Return the fake of machines that name no target. It serves only if a run asks for its URL.

    It delivers nothing: the addresses are drawn, and no rule looks at what a delivery carries.
    """
    return FakeKounta(page_size=SMALL_PAGES, webhook_mode="collect")
