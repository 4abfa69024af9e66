"""The URL of a delivery in parts, and the IP addresses that it may go to."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from socket import SOCK_STREAM
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from fakekounta.core.webhooks import address_problem
from fakekounta.process.unpatched import getaddrinfo
from fakekounta.wire.delivery.made_up import advice, is_made_up
from fakekounta.wire.delivery.posting import Blocked, Undelivered

_PORTS = {"http": 80, "https": 443}
# Frameworks print `http://0.0.0.0:8000` and `http://[::]:8000` when they listen on all addresses of this machine.
# Only the address itself counts, not a name that resolves to it.
_EVERYWHERE = {IPv4Address(0): ("127.0.0.1",), IPv6Address(0): ("::1", "127.0.0.1")}
_CONTROL = re.compile(r"[/\\;]_fakekounta", re.IGNORECASE)

Resolver = Callable[[str, int], Sequence[str]]
"""Returns the IP addresses of a host name and port. Raises OSError."""


def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses from the machine's resolver. Raise OSError."""
    found = getaddrinfo(host, port, type=SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class DeliveryUrl(NamedTuple):
    """The parts of a URL; its host is not resolved."""

    scheme: str
    host: str
    port: int
    netloc: str
    path: str


def parsed_url(url: str) -> DeliveryUrl:
    """Return the parts of a URL. Raise Blocked for an invalid one (W17) and for the control surface (W20)."""
    target, reason = _parsed(url)
    if target is None:
        raise Blocked(reason)
    return target


@lru_cache(maxsize=1024)
def _parsed(url: str) -> tuple[DeliveryUrl | None, str]:
    problem = address_problem(url)
    if problem is not None:
        return None, f"the address {problem}"
    parts = urlsplit(url)
    if leads_to_control(parts.path):
        return None, "the address is the control surface of a fakekounta, which deliveries never reach (W20)"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    port = parts.port or _PORTS[parts.scheme]
    return DeliveryUrl(parts.scheme, parts.hostname or "", port, parts.netloc, path), ""


def leads_to_control(path: str) -> bool:
    """Return whether any part of a path begins with `_fakekounta`, however often it is percent-encoded.

    This holds for every host: a name may resolve to this machine, there may be a proxy in front of it, and another
    process may be a fake, too. If a proxy rewrites another path to such a one, the control surface itself refuses the
    request, by the signature header of deliveries.
    """
    plain, encoded = unquote(path), path
    while plain != encoded:  # each round makes it shorter
        plain, encoded = unquote(plain), plain
    return _CONTROL.search(plain) is not None


def addresses_of(target: DeliveryUrl, allowed_hosts: Collection[str], resolver: Resolver) -> list[str]:
    """Return the IP addresses to call, in order.

    Raise Blocked unless each of them is this machine or the host is allowed, Undelivered if there is none.
    """
    host = target.host
    literal = _ip(host)
    if literal is None and host not in allowed_hosts and is_made_up(host):
        raise Blocked(advice(host))
    found = _resolved(host, target.port, resolver) if literal is None else [host]
    if host in allowed_hosts:
        return list(found)
    if literal in _EVERYWHERE:
        return list(_EVERYWHERE[literal])
    for address in found:
        if not _is_loopback(address):
            named = host if literal is not None else f"{host} is {address}, which"
            raise Blocked(
                f"{named} is not this machine; --allow-webhook-host {host} (allow_webhook_hosts=[{host!r}]) allows it"
            )
    return list(found)


def _is_loopback(address: str) -> bool:
    found = ip_address(address.partition("%")[0])
    # Whether an IPv4-mapped IPv6 address counts as loopback depends on the version of Python
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


def _ip(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _resolved(host: str, port: int, resolver: Resolver) -> Sequence[str]:
    try:
        addresses = resolver(host, port)
    except (OSError, UnicodeError) as error:
        raise Undelivered(f"{host} cannot be resolved: {error}") from error
    if not addresses:
        raise Undelivered(f"{host} resolves to nothing")
    return addresses
