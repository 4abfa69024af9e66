"""Tests of webhooks by control call: changed and removed without a request to the API."""

from __future__ import annotations

from typing import Any

import pytest

from fakekounta import FakeKounta
from tests.control.test_control import control, refusal

HOOK = "http://127.0.0.1:1/hook"


@pytest.fixture
def kounta() -> FakeKounta:
    fake = FakeKounta(
        companies=[{"id": 6789}], applications=[{"client_id": "b", "client_secret": "b", "company_id": 6789}]
    )
    fake.webhooks.add("customers/created", HOOK, headers={"X-Key": "k3y"})
    fake.webhooks.add("customers/deleted", HOOK, company_id=6789)
    return fake


def test_a_webhook_is_changed(kounta: FakeKounta) -> None:
    """Each sent attribute is replaced, the others stay; values of headers are hidden."""
    changed = control(kounta, "PUT", "webhooks/1", {"topic": "customers/updated", "filter": {"attributes": ["email"]}})
    assert changed.status_code == 200
    assert changed.json()["headers"] == {"X-Key": "***"}
    mine, other = kounta.webhooks.all()
    assert (mine.topic, mine.address, mine.headers) == ("customers/updated", HOOK, {"X-Key": "k3y"})
    assert mine.filter == {"attributes": ["email"]}
    assert (other.topic, other.id) == ("customers/deleted", 1)


def test_a_webhook_of_another_company_is_changed_and_removed(kounta: FakeKounta) -> None:
    """Each company numbers its own webhooks, so the call names the company."""
    changed = control(kounta, "PUT", "webhooks/1?company_id=6789", {"address": "http://127.0.0.1:2/other"})
    assert (changed.json()["company_id"], changed.json()["address"]) == (6789, "http://127.0.0.1:2/other")
    assert control(kounta, "DELETE", "webhooks/1?company_id=6789").json() == {"status": "ok"}
    assert [one.company_id for one in kounta.webhooks.all()] == [5678]


@pytest.mark.parametrize("path", ["webhooks/2", "webhooks/x", "webhooks/1?company_id=1"])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_what_is_not_there_is_404(kounta: FakeKounta, method: str, path: str) -> None:
    """An unknown webhook or company is 404."""
    reason = refusal(control(kounta, method, path, {}), 404)
    assert reason.startswith("company_id: the companies are" if "?" in path else "company 5678 has no webhook")
    assert len(kounta.webhooks.all()) == 2


@pytest.mark.parametrize(
    "sent, message",
    [
        ({"topic": "customers/lost"}, "topic"),
        ({"address": ""}, "address"),
        ({"headers": {"Cookie": "a"}}, "headers"),
        ({"client_id": "b"}, "client_id: is unknown; known are topic, address, format, filter, headers"),
        ([], "webhook: must be an object"),
    ],
)
def test_a_wrong_change_changes_nothing(kounta: FakeKounta, sent: Any, message: str) -> None:
    """The refusal has the field and the reason."""
    before = kounta.webhooks.all()
    assert message in refusal(control(kounta, "PUT", "webhooks/1", sent))
    assert kounta.webhooks.all() == before
