"""Tests of names that documentation and tests make up: no delivery looks them up, and the attempt says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fakekounta import FakeKounta, Receiver
from fakekounta.wire.delivery import made_up
from fakekounta.wire.delivery.posting import Blocked
from tests.lab import CREATED, customer
from tests.net import ELSEWHERE, Net, guarded_net, post, way_to_allow

ADVICE = (
    "shop.example is a name for examples and tests, which is not looked up; use 127.0.0.1 or webhooks.deliver_to(app); "
    "if it is a real host here, a line in the hosts file or --allow-webhook-host shop.example "
    "(allow_webhook_hosts=['shop.example']) says so"
)


@pytest.fixture
def net(fakekounta_receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Iterator[Net]:
    with guarded_net(fakekounta_receiver, monkeypatch) as net:
        yield net


@pytest.fixture
def hosts_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hosts file of the test's own in the place of the machine's."""
    monkeypatch.setattr(made_up, "_HOSTS_FILE", tmp_path / "hosts")
    return tmp_path / "hosts"


@pytest.mark.parametrize(
    "host",
    [
        *("shop.example", "Shop.EXAMPLE", "a.shop.test", "shop.test.", "shop.invalid", "example", "test", "invalid"),
        *("example.com", "www.example.com", "example.net", "example.org.", "hooks.Example.org"),
    ],
)
def test_a_made_up_name_is_blocked_without_a_look_up(net: Net, host: str) -> None:
    """Names below .example, .test and .invalid, and example.com, .net and .org, are blocked, and DNS is not asked."""
    with pytest.raises(Blocked, match=r"is a name for examples and tests, which is not looked up; use 127\.0\.0\.1 or"):
        post(net, f"https://{host}/hook")
    assert (net.asked, net.nothing_was_called) == ([], True)


@pytest.mark.parametrize(
    "host", ["shop.lan", "example.shop", "myexample.com", "test.shop", "shop.tests", "example.com.au", "contest"]
)
def test_other_names_are_looked_up(net: Net, host: str) -> None:
    """A name that only resembles one of these goes to the resolver."""
    net.knows(host, [ELSEWHERE])
    with pytest.raises(Blocked) as caught:
        post(net, f"http://{host}/")
    assert (str(caught.value), net.asked) == (way_to_allow(host, ELSEWHERE), [host])


def test_an_allowed_name_is_looked_up(net: Net) -> None:
    """Whoever allows a made-up name means it: a network of containers may know it."""
    net.knows("shop.test", [ELSEWHERE])
    assert post(net, "http://shop.test/", "shop.test") == 204
    assert net.asked == ["shop.test"]


@pytest.mark.parametrize(
    "line, is_known",
    [
        ("127.0.0.1 shop.test", True),
        ("127.0.0.1\tlocalhost SHOP.Test # ours", True),
        ("# 127.0.0.1 shop.test", False),
        ("127.0.0.1 localhost # shop.test", False),
        ("127.0.0.1 my.shop.test", False),
        ("", False),
    ],
)
def test_a_name_in_the_hosts_file_is_looked_up(net: Net, hosts_file: Path, line: str, is_known: bool) -> None:
    """A line of the hosts file makes the name a real one; a comment does not."""
    hosts_file.write_text(f"::1 localhost\n{line}\n", encoding="utf-8")
    net.knows("shop.test", ["127.0.0.1"])
    if is_known:
        assert post(net, "http://shop.test/") == 204
    else:
        with pytest.raises(Blocked, match=r"^shop\.test is a name for examples"):
            post(net, "http://shop.test/")


def test_without_a_hosts_file_nothing_is_known(net: Net, hosts_file: Path) -> None:
    """A machine without the file blocks such names."""
    assert not hosts_file.exists()
    with pytest.raises(Blocked, match=r"^shop\.test is a name for examples"):
        post(net, "http://shop.test/")


def test_the_attempt_has_the_advice_and_is_not_repeated() -> None:
    """The delivery is blocked after one attempt, whose error says what to do."""
    kounta = FakeKounta(webhook_mode="immediate")
    kounta.webhooks.add(CREATED, "http://shop.example/hook")
    customer(kounta)
    (delivery,) = kounta.webhooks.deliveries
    assert (delivery.outcome, [one.error for one in delivery.attempts]) == ("blocked", [ADVICE])
