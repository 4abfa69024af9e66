"""An exchange that shows each quirk, and the contract tests that prove it, as recorded by `make docs`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from fakekounta.catalogue.quirks import Quirk

_FILE = Path(__file__).with_name("examples.json")


class Proof(NamedTuple):
    """What proves a quirk.

    Attributes:
        tests: The contract tests, such as "contracts/test_paging.py::test_pages".
        example: One exchange or delivery of them, a JSON object with `test`, `request`, `response`; None without any.
        not_proven: Why no contract test proves it, or None.

    """

    tests: Sequence[str]
    example: Mapping[str, Any] | None
    not_proven: str | None


def proof_of(quirk: Quirk) -> Proof:
    """Return what proves a quirk."""
    found = _recorded()[quirk.id]
    return Proof(found["tests"], found.get("example"), found.get("not_proven"))


@cache
def _recorded() -> Any:
    return json.loads(_FILE.read_text(encoding="utf-8"))
