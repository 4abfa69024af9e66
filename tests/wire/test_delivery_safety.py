"""Tests that deliveries go to this machine only, however its address is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fakekounta import FakeKounta, Receiver
from fakekounta.wire.delivery.over_http import HttpPost
from fakekounta.wire.delivery.posting import Blocked, Undelivered
from tests.caller import exactly
from tests.lab import CREATED
from tests.net import ELSEWHERE, ELSEWHERE_V6, Net, guarded_net, post, way_to_allow


@pytest.fixture
def net(fakekounta_receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Iterator[Net]:
    with guarded_net(fakekounta_receiver, monkeypatch) as net:
        yield net


# --- addresses -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        *(ELSEWHERE, "8.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
        *("0.0.0.1", "224.0.0.1", "255.255.255.255", "126.255.255.255", "128.0.0.1"),
        *("::2", ELSEWHERE_V6, "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:0:7f00:1"),
        *("::ffff:93.184.216.34", "::ffff:a00:1", "::ffff:0.0.0.0", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"),
    ],
)
def test_an_address_beyond_the_loopback_is_blocked(net: Net, address: str) -> None:
    """Every kind of other address, v4, v6 and v4 in v6, is blocked, and the error says how to allow it."""
    host = f"[{address.replace('%', '%25')}]" if ":" in address else address
    with pytest.raises(Blocked) as caught:
        post(net, f"http://{host}:8080/hook")
    named = address.replace("%", "%25")
    assert str(caught.value) == way_to_allow(named, named)
    assert net.nothing_was_called


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.1.2.3", "127.255.255.255", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:7f00:1"],
)
def test_every_loopback_address_is_called(net: Net, address: str) -> None:
    """Each loopback address is connected to as written, without resolving a name."""
    host = f"[{address}]" if ":" in address else address
    assert post(net, f"http://{host}:8080/hook?a=b") == 204
    assert net.called == [("http", address, 8080, address)]
    assert net.asked == []


@pytest.mark.parametrize(
    "host, address",
    [
        *(("1572395042", ELSEWHERE), ("0x5db8d822", ELSEWHERE), ("0135.0270.0330.042", ELSEWHERE)),
        *(("93.12113954", ELSEWHERE), ("0x5d.0xb8.0xd8.0x22", ELSEWHERE), ("0", "0.0.0.0"), ("010.0.0.1", "8.0.0.1")),
    ],
)
def test_other_forms_of_an_address_are_resolved(net: Net, host: str, address: str) -> None:
    """Decimal, hexadecimal, octal and short forms are names for the resolver, and its answer is blocked."""
    net.knows(host, [address])
    with pytest.raises(Blocked, match=exactly(way_to_allow(host, address))):
        post(net, f"http://{host}/")
    assert net.nothing_was_called


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "017700000001"])
def test_other_forms_of_the_loopback(net: Net, host: str) -> None:
    """Such forms of a loopback address are connected to at the address that was checked."""
    net.knows(host, ["127.0.0.1"])
    assert post(net, f"http://{host}/") == 204
    assert net.called == [("http", "127.0.0.1", 80, host)]


# --- names -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["localhost", "shop.lan", "LOCALHOST", "localhost."])
def test_a_name_is_what_it_resolves_to(net: Net, name: str) -> None:
    """A name that resolves to the loopback is connected to there, and named in Host."""
    net.knows(name.lower(), ["127.0.0.1"])
    assert post(net, f"http://{name}:8080/") == 204
    assert net.called == [("http", "127.0.0.1", 8080, name.lower())]
    assert net.receiver.received[0].headers["host"] == f"{name}:8080"


@pytest.mark.parametrize("name", ["shop.lan", "localhost", "127.0.0.1.shop.lan", "localhost.shop.lan"])
@pytest.mark.parametrize("address", [ELSEWHERE, ELSEWHERE_V6, "0.0.0.0", "::ffff:10.0.0.1"])
def test_a_name_that_resolves_elsewhere_is_blocked(net: Net, name: str, address: str) -> None:
    """A name that resolves elsewhere is blocked, even `localhost`."""
    net.knows(name, [address])
    with pytest.raises(Blocked, match=exactly(way_to_allow(name, address))):
        post(net, f"http://{name}/")
    assert net.nothing_was_called


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1", ELSEWHERE], [ELSEWHERE, "127.0.0.1"], ["::1", "127.0.0.1", ELSEWHERE_V6], ["::1", "0.0.0.0"]],
)
def test_one_address_elsewhere_blocks_the_name(net: Net, addresses: list[str]) -> None:
    """A name with several addresses is called only if all of them are this machine."""
    net.knows("shop.lan", addresses)
    with pytest.raises(Blocked, match=r"^shop\.lan is "):
        post(net, "http://shop.lan/")
    assert net.nothing_was_called


@pytest.mark.parametrize(
    "host, called", [("0.0.0.0", ["127.0.0.1"]), ("[::]", ["::1"]), ("[0:0:0:0:0:0:0:0]", ["::1"])]
)
def test_the_address_that_frameworks_print_is_this_machine(net: Net, host: str, called: list[str]) -> None:
    """`http://0.0.0.0:8000`, which servers on all addresses print, is called on the loopback."""
    assert post(net, f"http://{host}:8000/hook") == 204
    assert [ip for _, ip, _, _ in net.called] == called
    assert net.receiver.received[0].headers["host"] == f"{host}:8000"


def test_a_name_with_several_addresses_here(net: Net) -> None:
    """A name with several loopback addresses is called once."""
    net.knows("localhost", ["::1", "127.0.0.1"])
    assert post(net, "http://localhost/") == 204
    assert net.called == [("http", "::1", 80, "localhost")]
    assert len(net.receiver.received) == 1


def test_a_name_that_changes_between_check_and_connect(net: Net) -> None:
    """A name is resolved once for each post, and the checked address is connected to."""
    net.knows("rebind.lan", ["127.0.0.1"], [ELSEWHERE])
    assert post(net, "http://rebind.lan/") == 204
    assert net.asked == ["rebind.lan"]
    assert net.called == [("http", "127.0.0.1", 80, "rebind.lan")]


def test_a_name_that_changes_between_two_posts(net: Net) -> None:
    """Each post checks the name again, also on a kept connection: a name that now resolves elsewhere is blocked."""
    net.knows("rebind.lan", ["127.0.0.1"], ["127.0.0.1"], [ELSEWHERE])
    sender = HttpPost(resolver=net.resolve, connector=net.connect)
    assert [post(net, "http://rebind.lan/", sender=sender) for _ in range(2)] == [204, 204]
    with pytest.raises(Blocked, match=exactly(way_to_allow("rebind.lan", ELSEWHERE))):
        post(net, "http://rebind.lan/", sender=sender)
    assert len(net.called) == 1
    assert len(net.receiver.received) == 2


def test_a_name_that_cannot_be_resolved(net: Net) -> None:
    """An unresolvable name is a failure with the resolver's message, not blocked, and is retried."""
    with pytest.raises(Undelivered, match=r"^nowhere\.lan cannot be resolved: .*Name or service not known"):
        post(net, "http://nowhere.lan/")
    net.knows("nothing.lan", [])
    with pytest.raises(Undelivered, match=r"^nothing\.lan resolves to nothing$"):
        post(net, "http://nothing.lan/")
    assert net.nothing_was_called


def test_a_name_that_no_resolver_takes(net: Net) -> None:
    """A label of more than 63 letters, for which Python's resolver raises UnicodeError, is a failure like others."""

    def refuse(*_: Any) -> list[str]:
        raise UnicodeError("label too long")

    sender = HttpPost(resolver=refuse, connector=net.connect)
    with pytest.raises(Undelivered, match=r"\.lan cannot be resolved: label too long$"):
        post(net, f"http://{'a' * 64}.lan/", sender=sender)
    assert net.nothing_was_called


# --- URLs ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        *("http://user:secret@127.0.0.1/", "http://user@127.0.0.1/", "http://@127.0.0.1/", "http://:@127.0.0.1/"),
        *(f"http://127.0.0.1@{ELSEWHERE}/", f"http://127.0.0.1:80@{ELSEWHERE}/", f"http://{ELSEWHERE}@127.0.0.1/"),
        *("ftp://127.0.0.1/", "file:///etc/hosts", "gopher://127.0.0.1/", "javascript:1", "ws://127.0.0.1/", "unix:/x"),
        *("", "/hook", "//127.0.0.1/", "127.0.0.1", "127.0.0.1:80/", "http:", "http:///hook", "http:127.0.0.1"),
        *("http://127.0.0.1:0/", "http://127.0.0.1:65536/", "http://127.0.0.1:x/", "http://[::1/", "http://[x]/"),
        *("http://127.0.0.1/ a", "http://127.0.0.1/\r\nX-A: b", "http://127.0.0.1/é", "http://127.0.0.\uff11/"),
        *("http://127.0.0.1\x00.shop.lan/", "\thttp://127.0.0.1/", "http://127.0.0.1\t/"),
    ],
)
def test_urls_that_must_not_be_called(net: Net, url: str) -> None:
    """URLs with credentials, other schemes, no host, invalid ports, blanks or control characters are blocked.

    The API and `webhooks.add` refuse them, too; the courier checks again and resolves nothing.
    """
    with pytest.raises(Blocked, match=r"^the address "):
        post(net, url, "127.0.0.1", ELSEWHERE)
    assert net.nothing_was_called
    assert net.asked == []
    with pytest.raises(ValueError, match=r"^address: "):
        FakeKounta().webhooks.add(CREATED, url)


def test_errors_contain_no_credentials(net: Net) -> None:
    """The error contains neither the user nor the password."""
    with pytest.raises(Blocked, match=r"^the address must not contain a user or a password$"):
        post(net, "http://user:secret@127.0.0.1/")
