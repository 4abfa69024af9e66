"""What Django needs when its applications are called here: the test's database connection, and an allowed host."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from fakekounta.core.chain import new_context

IN_LOOP = (
    "Django's ASGI application cannot use the test's database connection here, because the call came from inside an "
    "event loop: make it by asgiref's sync_to_async, or give the WSGI application"
)


def settings() -> Any:
    """Return Django's settings, or None if no Django is set up in this process."""
    conf = sys.modules.get("django.conf")
    return None if conf is None or not conf.settings.configured else conf.settings


def has_database() -> bool:
    """Return whether a Django with a database is set up in this process."""
    databases: dict[str, dict[str, Any]] = getattr(settings(), "DATABASES", {})
    return any(not one.get("ENGINE", "").endswith(".dummy") for one in databases.values())


@contextmanager
def keeping_connections() -> Iterator[None]:
    """Keep Django from closing this thread's connections around a request, if a test's transaction is open.

    Django's own test client does so, too.
    """
    if not has_database():
        yield
        return
    from django.core.signals import request_finished, request_started  # noqa: PLC0415 - Django is installed if it has settings
    from django.db import close_old_connections, connections  # noqa: PLC0415 - see above

    is_open = any(one.in_atomic_block for one in connections.all(initialized_only=True))
    signals = [one for one in (request_started, request_finished) if is_open and one.disconnect(close_old_connections)]
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


def run(work: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Return what a coroutine function returns. Synchronous code in it runs in this thread, with its connection.

    Raise RuntimeError from inside an event loop.
    """
    from asgiref.sync import async_to_sync  # noqa: PLC0415 - it is there if Django is

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return int(new_context().run(async_to_sync(work)))
    raise RuntimeError(IN_LOOP)


def why_refused(status: int, url: str) -> str | None:
    """Return why Django refused a request, if it did so because of the URL's host."""
    known = settings()
    if status != 400 or known is None:
        return None
    from django.http.request import (  # noqa: PLC0415 - Django is installed if it has settings
        split_domain_port,
        validate_host,
    )

    allowed = list(known.ALLOWED_HOSTS) or ([".localhost", "127.0.0.1", "[::1]"] if known.DEBUG else [])
    host, _ = split_domain_port(urlsplit(url).netloc)
    if validate_host(host, allowed):
        return None
    plain = [name for name in allowed if name.strip(".*") == name]
    better = "testserver" if "testserver" in plain else (*plain, "testserver")[0]
    return (
        f"the receiver answered 400: Django's ALLOWED_HOSTS does not have {host!r}. Give the webhook an address such "
        f"as http://{better}/..., or add the host"
    )
