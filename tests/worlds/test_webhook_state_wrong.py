"""Tests of states that are wrong about webhooks and deliveries: the error names the field, and nothing changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from fakekounta import FakeKounta
from fakekounta.schemas.errors import StateError
from fakekounta.worlds.state import state_of, world_from
from tests.caller import exactly
from tests.lab import CREATED, HOOK, UPDATED, customer

Step = str | int
PENDING: tuple[Step, ...] = ("deliveries", "pending", 0)
WEBHOOK: tuple[Step, ...] = ("companies", 0, "webhooks", 0)
IN_PENDING, IN_WEBHOOK = "deliveries.pending[0]", "companies[0].webhooks[0]"
MISSING: Any = object()


def each(path: tuple[Step, ...], values: Sequence[Any], reason: str) -> list[tuple[tuple[Step, ...], Any, str]]:
    return [(path, value, reason) for value in values]


WRONG: list[tuple[tuple[Step, ...], Any, str]] = [
    (("deliveries",), [], "deliveries: must be an object"),
    (("deliveries", "left"), [], "deliveries.left: is unknown; known are next_id, pending"),
    (("deliveries", "next_id"), 0, "deliveries.next_id: must be a whole number from 1 to "),
    (("deliveries", "next_id"), "2", "deliveries.next_id: must be a whole number from 1 to "),
    (("deliveries", "pending"), {}, "deliveries.pending: must be an array"),
    (PENDING, None, f"{IN_PENDING}: must be an object"),
    ((*PENDING, "extra"), 1, f"{IN_PENDING}.extra: is unknown; known are id, "),
    *each((*PENDING, "id"), [0, "1", None, True, 2**63], f"{IN_PENDING}.id: must be a whole number"),
    *each((*PENDING, "company_id"), [1, "5678", None, [], True], f"{IN_PENDING}.company_id: "),
    *each((*PENDING, "topic"), ["x", None, []], f"{IN_PENDING}.topic: must be one of "),
    *each((*PENDING, "attempts"), [-1, "0", None, 0.5], f"{IN_PENDING}.attempts: must be a whole"),
    *each((*PENDING, "due_at"), ["soon", None, 5, "2026-11-23T18:40:00"], f"{IN_PENDING}.due_at: "),
    ((*PENDING, "occurred_at"), MISSING, f"{IN_PENDING}.occurred_at: must be an ISO 8601"),
    ((*PENDING, "customer"), None, f"{IN_PENDING}.customer"),
    ((*PENDING, "customer", "id"), MISSING, f"{IN_PENDING}.customer.id: is required"),
    ((*PENDING, "customer", "first_name"), 5, f"{IN_PENDING}.customer.first_name: "),
    ((*PENDING, "webhook"), MISSING, f"{IN_PENDING}.webhook: must be an object"),
    ((*PENDING, "webhook", "address"), "ftp://x/", f"{IN_PENDING}.webhook.address: must begin with http"),
    ((*PENDING, "webhook", "client_id"), "nobody", f"{IN_PENDING}.webhook.client_id: "),
    ((*WEBHOOK[:3],), {}, "companies[0].webhooks: must be an array"),
    (("companies", 0, "next_webhook_id"), 0, "companies[0].next_webhook_id: must be a whole number from 1"),
    (WEBHOOK, 1, f"{IN_WEBHOOK}: must be an object"),
    ((*WEBHOOK, "extra"), 1, f"{IN_WEBHOOK}.extra: is unknown; known are id, "),
    *each((*WEBHOOK, "id"), [0, "1", None, MISSING], f"{IN_WEBHOOK}.id: must be a whole number"),
    *each((*WEBHOOK, "client_id"), [None, "nobody", MISSING, []], f"{IN_WEBHOOK}.client_id: "),
    *each((*WEBHOOK, "topic"), ["x", 5, "", MISSING], f"{IN_WEBHOOK}.topic: "),
    *each((*WEBHOOK, "address"), ["", "http://u:p@x/", 5, MISSING], f"{IN_WEBHOOK}.address: "),
    *each((*WEBHOOK, "format"), ["yaml", 5], f"{IN_WEBHOOK}.format: "),
    *each((*WEBHOOK, "filter"), [{"attributes": ["x"]}, {"x": [1]}, [1]], f"{IN_WEBHOOK}.filter"),
    *each((*WEBHOOK, "headers"), [{"Host": "x"}, {"X-A": "a\r\nb"}, [1]], f"{IN_WEBHOOK}.headers"),
    *each((*WEBHOOK, "created_at"), [None, "never", 5, MISSING], f"{IN_WEBHOOK}.created_at: "),
    *each((*WEBHOOK, "updated_at"), [None, "never", 5, MISSING], f"{IN_WEBHOOK}.updated_at: "),
    (("webhook_mode",), "at once", "webhook_mode: must be one of background, immediate, collect"),
    (("webhook_schedule",), {"minutes": []}, "webhook_schedule.minutes: must be a list of numbers"),
    (("webhook_schedule",), {"minutes": [1, 0]}, "webhook_schedule.minutes: must ascend"),
    (("webhook_schedule", "timeout_seconds"), 0, "webhook_schedule.timeout_seconds: must be a number from 0.001"),
    (("webhook_disturbances", "drop"), 2, "webhook_disturbances.drop: must be a number from 0 to 1"),
    (("allow_webhook_hosts",), "shop.example", "allow_webhook_hosts: must be a list of texts"),
]


def put(document: Any, path: tuple[Step, ...], value: Any) -> None:
    for step in path[:-1]:
        document = document[step]
    if value is MISSING:
        del document[path[-1]]
    else:
        document[path[-1]] = value


@pytest.fixture
def full() -> FakeKounta:
    """A fake with a webhook and a pending delivery."""
    kounta = FakeKounta(webhook_mode="collect")
    kounta.webhooks.add(UPDATED, HOOK, headers={"X-Own": "1"})
    kounta.webhooks.add(CREATED, HOOK)
    customer(kounta)
    return kounta


@pytest.mark.parametrize("path, value, reason", WRONG)
def test_a_wrong_document_names_the_field(full: FakeKounta, path: tuple[Step, ...], value: Any, reason: str) -> None:
    """The refusal begins with the wrong field, by HTTP as in Python, and nothing changes."""
    document = json.loads(json.dumps(state_of(full.world)))
    put(document, path, value)
    with pytest.raises(StateError) as caught:
        world_from(document)
    assert str(caught.value).startswith(reason)
    before = full.world
    with full.httpx_client() as client:
        answer = client.put("/_fakekounta/state", json=document)
    assert (answer.status_code, answer.json()["error_description"]) == (400, str(caught.value))
    assert full.world is before


TWICE: list[tuple[Callable[[Any], list[Any]], str]] = [
    (lambda document: document["companies"][0]["webhooks"], "companies[0].webhooks[2].id: is used twice"),
    (lambda document: document["deliveries"]["pending"], "deliveries.pending[1].id: is used twice"),
]


@pytest.mark.parametrize("array, reason", TWICE)
def test_repeated_ids_are_refused(full: FakeKounta, array: Callable[[Any], list[Any]], reason: str) -> None:
    """Two webhooks or deliveries with one id are refused, since one would be lost."""
    document = json.loads(json.dumps(state_of(full.world)))
    array(document).append(array(document)[0])
    with pytest.raises(StateError, match=exactly(reason)):
        world_from(document)
