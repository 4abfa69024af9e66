"""Tests of further hosts that deliveries may go to, and of what is recorded for all others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fakekounta import FakeKounta, Receiver
from fakekounta.wire.delivery.over_http import HttpPost
from fakekounta.wire.delivery.posting import Blocked
from tests.lab import CREATED, customer, outcomes, until_done
from tests.net import ELSEWHERE, ELSEWHERE_V6, Net, guarded_net, post, way_to_allow


@pytest.fixture
def net(fakekounta_receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Iterator[Net]:
    with guarded_net(fakekounta_receiver, monkeypatch) as net:
        yield net


# --- allowed hosts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [ELSEWHERE, ELSEWHERE_V6])
def test_a_host_that_was_allowed_is_called(net: Net, address: str) -> None:
    """An allowed name may resolve to any address, and is called there."""
    net.knows("shop.lan", [address])
    assert post(net, "https://Shop.lan:8443/hook", "shop.lan") == 204
    assert net.called == [("https", address, 8443, "shop.lan")]


@pytest.mark.parametrize("host", ["sub.shop.lan", "lan", "xshop.lan", "shop.lan.", ELSEWHERE])
def test_only_the_exact_host_is_allowed(net: Net, host: str) -> None:
    """A name below, above or like the allowed one is blocked, and so is its address."""
    net.knows(host, [ELSEWHERE])
    with pytest.raises(Blocked, match="is not this machine"):
        post(net, f"http://{host}/", "shop.lan")
    assert net.nothing_was_called


def test_an_address_can_be_allowed(net: Net) -> None:
    """An allowed address, v4 or v6, allows no other name or address."""
    assert post(net, f"http://{ELSEWHERE}/", ELSEWHERE) == 204
    assert post(net, f"http://[{ELSEWHERE_V6.upper()}]/", ELSEWHERE_V6) == 204
    net.knows("shop.lan", [ELSEWHERE])
    with pytest.raises(Blocked):
        post(net, "http://shop.lan/", ELSEWHERE)
    assert [ip for _, ip, _, _ in net.called] == [ELSEWHERE, ELSEWHERE_V6]


# --- in the whole fake -----------------------------------------------------------------------------------------


def through(net: Net, **settings: Any) -> FakeKounta:
    """A fake whose deliveries go through the replaced network."""
    kounta = FakeKounta(**settings)
    kounta._courier._post = HttpPost(resolver=net.resolve, connector=net.connect)
    return kounta


@pytest.mark.parametrize("mode", ["immediate", "collect"])
def test_what_is_blocked_is_recorded_and_not_tried_again(net: Net, mode: str, caplog: pytest.LogCaptureFixture) -> None:
    """One attempt without a status is recorded, error and log say how to allow the host, and no retry follows."""
    kounta = through(net, webhook_mode=mode)
    net.knows("shop.lan", [ELSEWHERE])
    kounta.webhooks.add(CREATED, "https://shop.lan/hook")
    customer(kounta)
    kounta.webhooks.deliver()
    kounta.clock.advance(seconds=7200)
    kounta.webhooks.deliver()
    (delivery,) = kounta.webhooks.deliveries
    (attempt,) = delivery.attempts
    assert (delivery.outcome, attempt.status) == ("blocked", None)
    assert attempt.error == way_to_allow("shop.lan", ELSEWHERE)
    assert way_to_allow("shop.lan", ELSEWHERE) in caplog.text
    assert net.nothing_was_called


def test_a_setting_allows_hosts(net: Net) -> None:
    """`allow_webhook_hosts` allows its hosts in any case, and no others."""
    kounta = through(net, allow_webhook_hosts=["Shop.lan"])
    for host in ("shop.lan", "other.lan"):
        net.knows(host, [ELSEWHERE])
        kounta.webhooks.add(CREATED, f"http://{host}/hook")
    customer(kounta)
    assert outcomes(kounta) == ["delivered", "blocked"]
    assert net.called == [("http", ELSEWHERE, 80, "shop.lan")]


def test_redelivery_resolves_the_host_again(net: Net) -> None:
    """A blocked delivery is made by `redeliver` once its name resolves to this machine."""
    kounta = through(net)
    net.knows("shop.lan", [ELSEWHERE], ["127.0.0.1"])
    kounta.webhooks.add(CREATED, "http://shop.lan/")
    customer(kounta)
    kounta.webhooks.redeliver(1)
    assert outcomes(kounta) == ["blocked", "delivered"]


def test_blocked_deliveries_delay_no_others(net: Net) -> None:
    """In `background`, blocked deliveries do not delay others."""
    with through(net, webhook_mode="background") as kounta:
        for url in (f"http://{ELSEWHERE}/", net.receiver.url, f"http://[{ELSEWHERE_V6}]/"):
            kounta.webhooks.add(CREATED, url)
        customer(kounta)
        assert [one.outcome for one in until_done(kounta)] == ["blocked", "delivered", "blocked"]
