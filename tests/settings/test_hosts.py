"""Tests of names of hosts: which of them are this machine."""

from __future__ import annotations

import pytest

from fakekounta.settings.hosts import host_named, is_loopback


@pytest.mark.parametrize("text", [".localhost", ".LOCALHOST", "..localhost", ".LOCALHOST:80", ".localhost."])
def test_a_name_with_a_leading_dot_is_not_this_machine(text: str) -> None:
    """A leading dot makes no host name, in any spelling; a name below localhost is this machine (RFC 6761)."""
    assert host_named(text) is None
    assert not is_loopback(text.lower().partition(":")[0])
    assert is_loopback(host_named(f"shop.{text.lstrip('.')}"))
