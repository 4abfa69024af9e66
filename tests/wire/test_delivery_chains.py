"""Tests of W20: deliveries never reach the control surface of a fake, and every chain of deliveries ends."""

from __future__ import annotations

import logging
from itertools import count
from typing import Any

import pytest

from fakekounta import FakeKounta
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.chain import MOST_CAUSED
from fakekounta.settings.kinds import Mode
from fakekounta.wire.delivery.over_http import HttpPost
from tests.caller import CUSTOMERS
from tests.lab import CREATED, HOOK, calling, customer, outcomes, until

BLOCKED = "the address is the control surface of a fakekounta, which deliveries never reach (W20)"
REFUSED = "A webhook delivery never reaches the control surface (W20)"
RESET = "/_fakekounta/reset"
SPELLINGS = (
    *(RESET, f"{RESET}?a=b", f"{RESET}/", "/_fakekounta", "/_fakekounta/", "/_fakekounta/deliver"),
    *(f"/{RESET}", f"//{RESET}", f"/.{RESET}", f"/v1/..{RESET}", f"/a;b{RESET}", "/;_fakekounta/reset"),
    *("/%5ffakekounta/reset", "/_%66akekounta/%72eset", "/%2F_fakekounta%2Freset", "/%252F_fakekounta%252Freset"),
    *("/_fakekounta;a=b/reset", "/_FAKEKOUNTA/reset", "/%5C_fakekounta/reset", f"/http://127.0.0.1{RESET}"),
    *(f"/_fakekounta/namespaces/a{RESET}", "/_fakekounta/namespaces/a/v1/companies/me/customers.json"),
)
HOSTS = (
    "127.0.0.1",
    "127.0.0.2",
    "localhost",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "0.0.0.0",
    "2130706433",
    "0x7f.1",
    "shop.test",
)


# --- the control surface ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SPELLINGS)
def test_the_control_surface_is_blocked(path: str, caplog: pytest.LogCaptureFixture) -> None:
    """Any spelling of its path is blocked: nothing is sent, and the attempt and the log give the reason."""
    with FakeKounta() as kounta:
        kounta.webhooks.add(CREATED, f"{kounta.url}{path}")
        customer(kounta)
        (delivery,) = kounta.webhooks.deliveries
        (attempt,) = delivery.attempts
        assert (delivery.outcome, attempt.status, attempt.error) == ("blocked", None, BLOCKED)
        assert BLOCKED in caplog.text
        assert len(kounta.world.journal) == 0
        assert Quirk.W20_CHAINS_AND_CONTROL in kounta.world.journal.covered


@pytest.mark.parametrize("host", HOSTS)
def test_the_control_surface_is_blocked_on_every_host(host: str) -> None:
    """On any host, since a fake may run there, the path is blocked without a call or a look-up of the name."""
    asked: list[str] = []

    def resolve(name: str, _: int) -> list[str]:
        asked.append(name)
        return ["127.0.0.1"]

    with FakeKounta() as kounta:
        kounta._http_post = HttpPost(resolver=resolve)
        kounta.webhooks.add(CREATED, f"http://{host}:{kounta.port}{RESET}")
        customer(kounta)
        assert (outcomes(kounta), asked) == (["blocked"], [])


@pytest.mark.parametrize("mode", ["background", "immediate", "collect"])
def test_the_control_surface_is_blocked_for_deliver_to(mode: Mode) -> None:
    """A delivery into the fake's own application is blocked, too."""
    with FakeKounta(webhook_mode=mode) as kounta:
        kounta.webhooks.add(CREATED, f"http://shop.test{RESET}")
        kounta.webhooks.deliver_to(kounta.wsgi_app)
        customer(kounta)
        kounta.webhooks.deliver()
        until(kounta, lambda: outcomes(kounta) == ["blocked"], "it is blocked")


@pytest.mark.parametrize("token", [None, "secret"])
def test_the_control_surface_refuses_deliveries_of_proxies(token: str | None) -> None:
    """The control surface refuses a request with the signature header of deliveries, before it checks a token.

    So it is reached neither through a proxy that rewrites paths nor from another fake on the same machine.
    """
    with FakeKounta(control_token=token) as kounta, FakeKounta() as other:
        app = _behind_a_proxy(kounta)
        headers = {"X-Fakekounta-Token": token or "", "X-Fakekounta-Namespace": "a", "Authorization": f"Bearer {token}"}
        other.webhooks.add(CREATED, "http://shop.test/outside/reset", headers=headers)
        other.webhooks.deliver_to(app)
        customer(kounta)
        customer(other)
        (delivery,) = other.webhooks.deliveries
        assert delivery.attempts[0].status == 403
        assert len(kounta.customers) == 1
        assert list(kounta.namespaces) == []


def _behind_a_proxy(kounta: FakeKounta) -> Any:
    def proxy(environ: dict[str, Any], start_response: Any) -> Any:
        environ["PATH_INFO"] = environ["PATH_INFO"].replace("/outside", "/_fakekounta")
        return kounta.wsgi_app(environ, start_response)

    return proxy


def test_the_refusal_says_why() -> None:
    """A control call with a signature header is a 403 with the reason; without the header it is accepted."""
    kounta = FakeKounta()
    with kounta.httpx_client() as client:
        headers = {"Content-Type": "application/json"}
        refused = client.post(RESET, headers={**headers, "X-Kounta-Signature": "abc"})
        assert (refused.status_code, refused.json()["error_description"]) == (403, REFUSED)
        assert client.post(RESET, headers=headers).is_success


# --- chains ----------------------------------------------------------------------------------------------------


def looping(kounta: FakeKounta, address: str, namespace: str | None = None) -> None:
    """A webhook whose delivery creates a customer, which causes a delivery to the same webhook."""
    headers = {"Authorization": f"Bearer {kounta.application.access_token}"}
    if namespace is not None:
        headers["X-Fakekounta-Namespace"] = namespace
    kounta.webhooks.add(CREATED, f"{address}{CUSTOMERS}.json", headers=headers)


@pytest.mark.parametrize("mode", ["background", "immediate", "collect"])
@pytest.mark.parametrize("way", ["socket", "app"])
def test_a_webhook_to_the_fake_itself_ends(mode: Mode, way: str) -> None:
    """Deliveries cause exactly a hundred further ones; then the journal and the delivery say that the chain ended."""
    with FakeKounta(webhook_mode=mode) as kounta:
        looping(kounta, kounta.url)
        if way == "app":
            kounta.webhooks.deliver_to(kounta.wsgi_app)
        customer(kounta, phone=None, email="jamie@example.com")
        kounta.webhooks.deliver()
        until(kounta, lambda: "blocked" in outcomes(kounta), "the chain ends")
        until(kounta, lambda: "pending" not in outcomes(kounta), "all are done")
        deliveries = kounta.webhooks.deliveries
        assert [one.outcome for one in deliveries] == ["delivered"] * (MOST_CAUSED + 1) + ["blocked"]
        assert [one.caused_by for one in deliveries] == [*range(MOST_CAUSED + 2)]
        (attempt,) = deliveries[-1].attempts
        assert str(attempt.error).startswith("W20: a chain of 100 deliveries")
        until(kounta, lambda: len(kounta.world.journal) == MOST_CAUSED + 1, "the journal has all")
        notes = [[note for note in entry.notes if note.startswith("W20")] for entry in kounta.world.journal]
        assert notes == [[]] * MOST_CAUSED + [[f"{attempt.error} ({deliveries[-1].webhook.address})"]]
        assert len(kounta.customers) == MOST_CAUSED + 2
        assert kounta.world.journal.covered[Quirk.W20_CHAINS_AND_CONTROL] == 1


def test_a_chain_across_fakes_ends() -> None:
    """A chain through two fakes counts as one: the user agent carries the number from one to the other."""
    with FakeKounta(webhook_mode="background") as one, FakeKounta(webhook_mode="background") as other:
        looping(one, other.url)
        looping(other, one.url)
        customer(one, phone=None, email="jamie@example.com")
        until(other, lambda: "blocked" in outcomes(one) + outcomes(other), "the chain ends")
        counts = sorted(delivery.caused_by for kounta in (one, other) for delivery in kounta.webhooks.deliveries)
    assert counts == [*range(MOST_CAUSED + 2)]


def test_a_chain_across_namespaces_ends() -> None:
    """A chain through another namespace, named by the webhook's headers, ends, too."""
    with FakeKounta(webhook_mode="background") as kounta:
        namespace = kounta.namespace("a")
        looping(kounta, kounta.url, "a")
        headers = {"Authorization": f"Bearer {kounta.application.access_token}"}
        namespace.webhooks.add(CREATED, f"{kounta.url}{CUSTOMERS}.json", headers=headers)
        customer(kounta, phone=None, email="jamie@example.com")
        rooms = (kounta, namespace)

        def all_outcomes() -> list[str]:
            return [one.outcome for room in rooms for one in room.webhooks.deliveries]

        until(kounta, lambda: "blocked" in all_outcomes(), "the chain ends")
        assert len(all_outcomes()) == MOST_CAUSED + 2


def test_direct_changes_in_a_receiver_end_as_a_chain() -> None:
    """An app in this process that adds a customer directly for each delivery ends as a chain, too."""
    kounta = FakeKounta(webhook_mode="collect")
    kounta.webhooks.deliver_to(calling(lambda *_: customer(kounta)))
    kounta.webhooks.add(CREATED, HOOK)
    customer(kounta)
    assert kounta.webhooks.deliver() == MOST_CAUSED + 1
    assert outcomes(kounta)[-1] == "blocked"


def test_only_deliveries_of_a_chain_have_a_count_in_the_user_agent() -> None:
    """The user agent of a delivery in a chain has the count; that of any other delivery does not."""
    kounta = FakeKounta(webhook_mode="collect")
    looping(kounta, HOOK.removesuffix("/webhooks"))
    kounta.webhooks.deliver_to(kounta.wsgi_app)
    customer(kounta, phone=None, email="jamie@example.com")
    kounta.webhooks.deliver()
    agents = [dict(one.attempts[0].headers).get("User-Agent", "") for one in kounta.webhooks.deliveries[:3]]
    assert [agent.partition(" ")[2] for agent in agents] == ["", "(caused by 1 deliveries)", "(caused by 2 deliveries)"]


def test_other_requests_do_not_count(caplog: pytest.LogCaptureFixture) -> None:
    """A request with the user agent of a delivery, but without a signature, is not part of a chain."""
    caplog.set_level(logging.WARNING)
    kounta = FakeKounta(webhook_mode="collect")
    kounta.webhooks.add(CREATED, HOOK)
    agent = {"User-Agent": "fakekounta/1.0 (caused by 99 deliveries)"}
    with kounta.httpx_client() as client:
        for number, headers in enumerate(
            (agent, {**agent, "X-Kounta-Signature": "a"}, {"X-Kounta-Signature": "a"}, {})
        ):
            fields = {"first_name": "A", "mobile": str(number)}
            assert client.post(f"{CUSTOMERS}.json", json=fields, auth=kounta.auth, headers=headers).is_success
    assert [one.caused_by for one in kounta.webhooks.deliveries] == [0, 100, 1, 0]


def test_a_redelivery_keeps_its_place_in_the_chain() -> None:
    """`redeliver` does not begin a new chain."""
    kounta = FakeKounta(webhook_mode="collect")
    kounta.webhooks.add(CREATED, HOOK)
    headers = {"User-Agent": "fakekounta/1.0 (caused by 6 deliveries)", "X-Kounta-Signature": "a"}
    with kounta.httpx_client() as client:
        client.post(f"{CUSTOMERS}.json", json={"first_name": "A", "mobile": "1"}, auth=kounta.auth, headers=headers)
    kounta.webhooks.deliver_to(calling(lambda *_: None))
    assert kounta.webhooks.redeliver(1).caused_by == 7


@pytest.mark.parametrize("is_async", [True, False])
def test_an_asgi_receiver_is_in_the_chain(*, is_async: bool, caplog: pytest.LogCaptureFixture) -> None:
    """A change by an ASGI app with an in-process client counts, in the app's thread and in one of the client's."""
    caplog.set_level(logging.ERROR)
    kounta = FakeKounta(webhook_mode="collect")
    mobiles = count()

    async def app(scope: Any, _: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        new: Any = {"json": {"first_name": "A", "mobile": str(next(mobiles))}, "auth": kounta.auth}
        if is_async:
            async with kounta.httpx_async_client() as client:
                await client.post(f"{CUSTOMERS}.json", **new)
        else:
            kounta.httpx_client().post(f"{CUSTOMERS}.json", **new)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    kounta.webhooks.add(CREATED, HOOK)
    kounta.webhooks.deliver_to(app)
    customer(kounta)
    assert kounta.webhooks.deliver() == MOST_CAUSED + 1
    assert [one.caused_by for one in kounta.webhooks.deliveries] == [*range(MOST_CAUSED + 2)]
