"""Load, soon after a server listens, the modules and files that are otherwise loaded on first use.

Later they may no longer be readable, for example after an upgrade of the package. One thread in each process sends
requests to a separate in-process fake, one for each such part. The thread begins when a server has listened for a
second, so that short test sessions do not pay for it, and rests between two requests.
"""

from __future__ import annotations

import atexit
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from contextvars import Context
from json import dumps
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from fakekounta.control import PREFIX
from fakekounta.wire.clients.call import REAL_ORIGIN, call

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_BEGIN_SECONDS = 1.0
_REST_SECONDS = 0.02
_AGAIN_SECONDS = 1.0
_FORK_SECONDS = 2.0

_ID, _HOOK = "/v1/companies/5678", {"topic": "customers/created", "address": "http://127.0.0.1:9/"}
_CALLS = (
    ("GET", f"{PREFIX}/health", None),
    ("GET", f"{PREFIX}/", None),
    ("POST", f"{_ID}/webhooks.json", _HOOK),
    ("POST", f"{_ID}/webhooks.json", {**_HOOK, "format": "xml"}),
    ("POST", f"{_ID}/customers.json", {"first_name": "A", "phone": "1", "addresses": [{"country": "au"}]}),
    ("POST", f"{_ID}/customers.json", {"first_name": 1}),
    ("GET", f"{_ID}/customers.json", None),
    ("POST", f"{PREFIX}/deliver", None),
    ("GET", f"{PREFIX}/deliveries", None),
    ("GET", f"{PREFIX}/requests", None),
    ("POST", f"{PREFIX}/faults", {"status": 500}),
    ("GET", f"{PREFIX}/state", None),
    ("GET", f"{PREFIX}/openapi.json", None),
    ("GET", f"{PREFIX}/control.openapi.json", None),
)
_HEADERS = (("Authorization", "Bearer fake-access-token"), ("Content-Type", "application/json"))

log: logging.Logger = logging.getLogger("fakekounta")
finished: Event = Event()
"""Set once everything is loaded."""
_loading = Lock()
"""Held while a module is imported: a child forked at that moment would wait for ever for the import lock."""
_exiting = Event()
_threads: list[Thread] = []


def begin(steps: Callable[[], Iterator[Callable[[], object]]], ended: Event) -> None:
    """Start the thread that takes these steps, unless one runs or has finished. It stops early if the server ends."""
    if finished.is_set() or any(thread.is_alive() for thread in _threads):
        return
    thread = Thread(target=Context().run, args=(_take, steps, ended), name="fakekounta-rehearsal", daemon=True)
    _threads[:] = [thread]
    with suppress(RuntimeError, MemoryError):  # without threads there is no rehearsal
        thread.start()


def steps_of(make_app: Callable[[], WSGIApplication]) -> Iterator[Callable[[], object]]:
    """Yield the steps, each a request to this app that makes it load something."""
    app = make_app()
    for method, path, document in _CALLS:
        body = b"" if document is None else dumps(document).encode()
        yield lambda method=method, path=path, body=body: _ask(app, method, path, body)  # type: ignore[misc]


def _ask(app: WSGIApplication, method: str, path: str, body: bytes) -> None:
    status = call(app, method, f"{REAL_ORIGIN}{path}", _HEADERS, body).status
    if status >= 500:
        raise OSError(f"{method} {path} answered {status}")


def _take(steps: Callable[[], Iterator[Callable[[], object]]], ended: Event) -> None:
    pause = _BEGIN_SECONDS
    while not ended.wait(pause) and not _exiting.is_set() and not finished.is_set():
        try:
            if _take_all(steps(), ended):
                finished.set()
        except Exception as error:  # noqa: BLE001 - no free descriptor, no memory: a later try may succeed
            log.debug("a module or file cannot be loaded now: %s", error)
            pause = _AGAIN_SECONDS


def _take_all(steps: Iterator[Callable[[], object]], ended: Event) -> bool:
    """Take each step. Return False if the server ended meanwhile."""
    while not _exiting.is_set():
        with _loading:
            step = next(steps, None)
            if step is None:
                return True
            step()
        if ended.wait(_REST_SECONDS):
            return False
    return False


def _end() -> None:
    """Wait at the exit of the process for the step under way."""
    _exiting.set()
    for thread in _threads:
        thread.join(_FORK_SECONDS)


def _before_fork() -> None:
    _loading.acquire(timeout=_FORK_SECONDS)


def _after_fork() -> None:
    with suppress(RuntimeError):
        _loading.release()


atexit.register(_end)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)
