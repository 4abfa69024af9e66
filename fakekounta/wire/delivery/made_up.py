"""Names that documentation and tests make up (RFC 2606, RFC 6761): nobody is there, so they are not looked up."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from fakekounta.process.unpatched import content_of

_MADE_UP = ("example", "invalid", "test", "example.com", "example.net", "example.org")
_HOSTS_FILE = (
    Path(os.environ.get("SystemRoot", r"C:\Windows"), "System32", "drivers", "etc", "hosts")  # noqa: SIM112 - its name there
    if sys.platform == "win32"
    else Path("/etc/hosts")
)


def is_made_up(host: str) -> bool:
    """Return whether a host, in lower case, is below a name for examples and tests, and in no hosts file."""
    name = host.removesuffix(".")
    return any(name == one or name.endswith(f".{one}") for one in _MADE_UP) and not _is_in_hosts_file(name)


def advice(host: str) -> str:
    """Return why a made-up host is not called, and what can be done."""
    return (
        f"{host} is a name for examples and tests, which is not looked up; use 127.0.0.1 or webhooks.deliver_to(app); "
        f"if it is a real host here, a line in the hosts file or --allow-webhook-host {host} "
        f"(allow_webhook_hosts=[{host!r}]) says so"
    )


def _is_in_hosts_file(name: str) -> bool:
    try:
        text = content_of(str(_HOSTS_FILE)).decode("utf-8", "replace").lower()
    except OSError:
        return False
    return name in text and any(name in line.partition("#")[0].split()[1:] for line in text.splitlines())
