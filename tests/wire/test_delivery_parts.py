"""Tests of parts of a delivery: the quirks of an attempt, a refusal of Django, a lifespan, a late application."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from fakekounta import Quirk
from fakekounta.core.deliveries import BLOCKED, DELIVERED, FAILED, Delivery
from fakekounta.core.webhooks import CALLBACK
from fakekounta.wire.delivery import django, into_app, lifespan
from fakekounta.wire.delivery.attempt import quirks_of
from fakekounta.wire.delivery.posting import Parcel
from tests.outboxes import filled

ALWAYS = {Quirk.W10_PAYLOAD, Quirk.W11_SIGNATURE}
D70 = Quirk.D70_COMPLETED_TOPIC
CREATED, UPDATED, COMPLETED = "customers/created", "customers/updated", "orders/completed"


def delivery(topic: str, **of_webhook: Any) -> Delivery:
    """Return a delivery to a webhook of a topic with these fields."""
    (one,) = filled().all()
    return replace(one, topic=topic, webhook=replace(one.webhook, topic=topic, **of_webhook))


ATTRIBUTES = {"attributes": ["phone"]}


@pytest.mark.parametrize(
    "topic, of_webhook, outcome, covered",
    [
        (CREATED, {}, DELIVERED, set()),
        (UPDATED, {}, DELIVERED, set()),
        (UPDATED, {"format": "xml"}, DELIVERED, {Quirk.W19_FORM_OF_XML}),
        (UPDATED, {"headers": {"X-Shop": "7"}}, DELIVERED, {Quirk.W05_WEBHOOK_HEADERS}),
        (UPDATED, {"filter": ATTRIBUTES}, DELIVERED, {Quirk.W08_ATTRIBUTE_FILTERS}),
        (COMPLETED, {}, DELIVERED, {D70}),
        (
            COMPLETED,
            {"filter": ATTRIBUTES},
            DELIVERED,
            {D70, Quirk.W16_ATTRIBUTES_OF_OTHER_TOPICS},
        ),
        (CREATED, {}, FAILED, {Quirk.W12_RETRIES}),
        (CREATED, {"address": "http://127.0.0.1:1/_fakekounta/reset"}, BLOCKED, {Quirk.W20_CHAINS_AND_CONTROL}),
        (CALLBACK, {}, DELIVERED, {Quirk.D31_CALLBACK}),
    ],
)
def test_an_attempt_covers(topic: str, of_webhook: Any, outcome: str, covered: set[Quirk]) -> None:
    """Each attempt covers what its webhook asks for and how it ended."""
    assert {*quirks_of(delivery(topic, **of_webhook), outcome)} - ALWAYS == covered


HOSTS = [".example.org", "*", "shop.local", "other.local"]


@pytest.mark.parametrize(
    "allowed, debug, better",
    [
        (HOSTS, False, None),
        ([*HOSTS[:1], *HOSTS[2:]], False, "shop.local"),
        ([*HOSTS[2:], "testserver"], False, "testserver"),
        ([], False, "testserver"),
        ([], True, "127.0.0.1"),
    ],
)
def test_a_host_that_django_refuses(
    allowed: list[str], debug: bool, better: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reason names a host that the settings allow as it is, and there is none if the host is allowed."""
    monkeypatch.setattr(django, "settings", lambda: SimpleNamespace(ALLOWED_HOSTS=allowed, DEBUG=debug))
    reason = django.why_refused(400, "http://x.example/hook")
    assert (reason is None) is (better is None)
    assert better is None or f"such as http://{better}/..." in str(reason)


def test_a_django_without_settings_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some library may have imported it."""
    monkeypatch.setitem(sys.modules, "django.conf", SimpleNamespace(settings=SimpleNamespace(configured=False)))
    assert django.settings() is None
    assert not django.has_database()


def test_the_scope_of_a_lifespan() -> None:
    """It is that of ASGI 3, and what an application waits for after the end never comes."""
    seen: list[Any] = []
    waited = Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)
        await receive()
        await send({"type": "lifespan.startup.complete"})
        seen.append(await receive())
        await send({"type": "lifespan.shutdown.complete"})
        try:
            await asyncio.wait_for(receive(), 0.01)
        except asyncio.TimeoutError:
            waited.set()

    started = lifespan.Lifespan(app)
    started.stop()
    assert seen == [
        {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}},
        {"type": "lifespan.shutdown"},
    ]
    assert waited.wait(10)


def test_an_application_that_is_too_late_is_cancelled() -> None:
    """It does not go on after its delivery has failed."""
    cancelled = Event()

    async def app(*_: Any) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async def late() -> None:
        with pytest.raises(lifespan.NoAnswer):
            await into_app._in_time(app, Parcel(url="http://x/", headers=(), body=b"", timeout_seconds=0.01), None)
        await asyncio.sleep(0)
        assert cancelled.is_set()

    asyncio.run(late())
