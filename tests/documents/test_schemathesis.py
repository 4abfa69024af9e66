"""Tests of a running fake by schemathesis with its two documents: all checks, no finding. See docs/control.md."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from fakekounta import FakeKounta, Quirk
from fakekounta.core.all_collections import COLLECTIONS
from tests.pages import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PATIENCE_SECONDS = 500
CASES = 2  # for each operation, in addition to those for every limit; about 4,000 in total


@pytest.fixture
def kounta() -> Iterator[FakeKounta]:
    """Yield a café in which the order that examples name can still be changed and paid."""
    with FakeKounta(webhook_mode="collect", cafe=True) as serving:
        site, product, number = (COLLECTIONS[plural].first_id for plural in ("sites", "products", "orders"))
        line = {"product": {"id": product}, "unit_price": 4}
        if number in {one.id for one in serving.orders.all()}:
            serving.orders.remove(number)
        serving.orders.add(id=number, site_id=site, lines=[line] * 3, payments=[{"amount": 1}] * 2)
        yield serving


@pytest.mark.parametrize("document", ["openapi", "control.openapi"])
def test_nothing_is_found(kounta: FakeKounta, document: str) -> None:
    """Valid requests are accepted and others refused, with the documented statuses, headers and bodies."""
    kounta.customers.add(first_name="Kim", phone="1", primary_address={"city": "Exampleton"})
    succeeded: set[tuple[str, str]] = set()
    kounta.observe(lambda one: succeeded.add((one.method, one.path.rpartition("/")[2])) if one.status < 300 else None)
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(ROOT / "schemathesis.toml"), "run"]
    command += [f"{kounta.url}/_fakekounta/{document}.json", "--checks", "all", "--seed", "1", "--no-color"]
    command += ["--max-examples", str(CASES), "--continue-on-failure"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False, cwd=ROOT, encoding="utf-8"
    )
    assert done.returncode == 0, done.stdout
    found = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert found is not None, done.stdout
    assert found[1] == found[2]
    assert int(found[1]) > 1_000
    if document == "openapi":
        assert succeeded >= {("POST", name) for name in ("orders.json", "lines.json", "payments.json")}


def test_what_is_excused_names_its_statement() -> None:
    """Each exception for the API has the id of a quirk, and no check is switched off."""
    text = (ROOT / "schemathesis.toml").read_text("utf-8")
    api = text.partition("[[project]]")[2].partition("[[project]]")[0]
    excused = re.findall(r'^ *"[3-5]\d\d", #(.*)$', api, re.MULTILINE)
    assert len(excused) >= 8
    known = {quirk.id for quirk in Quirk}
    for reason in excused:
        assert known & set(re.findall(r"[A-Z]\d\d", reason)), reason
    assert "enabled" not in text


def test_nothing_but_statuses_is_excused() -> None:
    """The only configured exceptions are expected statuses."""
    found: dict[str, Any] = tomllib.loads((ROOT / "schemathesis.toml").read_text("utf-8"))
    checks = [part["checks"] for one in found["project"] for part in (one, *one["operations"])]
    assert {name for one in checks for name in one} == {"positive_data_acceptance", "not_a_server_error"}
    assert {key for one in checks for check in one.values() for key in check} == {"expected-statuses"}
