"""A pytest plugin that keeps every exchange accepted under the default assumptions, for a replay."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from fakekounta import Entry, FakeKounta
from fakekounta.catalogue.assumptions import Assumptions

FILE = "TEST_ACCEPTED_EXCHANGES"
_DEFAULT = repr(Assumptions())
_kept: dict[tuple[Any, ...], dict[str, Any]] = {}


@pytest.fixture(scope="session", autouse=True)
def watched(fakekounta_server: FakeKounta) -> None:
    def watch(entry: Entry) -> None:
        is_plain = entry.method in ("GET", "POST", "PUT", "DELETE") and repr(fakekounta_server.assumptions) == _DEFAULT
        if is_plain and 200 <= entry.status < 300 and entry.path.startswith("/v1/") and entry.fault is None:
            key = (entry.method, entry.target, entry.request.content, entry.status)
            _kept.setdefault(key, _exchange(entry))

    fakekounta_server.observe(watch)


def _exchange(entry: Entry) -> dict[str, Any]:
    return {
        "method": entry.method,
        "target": entry.target,
        "status": entry.status,
        "sent": _message(entry.request),
        "answered": _message(entry.response),
    }


def _message(message: Any) -> dict[str, Any]:
    return {"headers": message.pairs, "body": base64.b64encode(message.content).decode()}


def pytest_sessionfinish() -> None:
    """Write the exchanges."""
    Path(os.environ[FILE]).write_text(json.dumps([*_kept.values()]), "utf-8")
