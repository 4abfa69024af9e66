"""Tests that Prism, as a proxy with the document, finds nothing wrong in accepted exchanges.

It follows redirects itself.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from fakekounta import FakeKounta
from tests.documents.accepted import FILE
from tests.documents.generated import Generated
from tests.documents.proxy import ITS_OWN, Prism
from tests.documents.replay import plain, replaying
from tests.pages import ROOT

PATIENCE_SECONDS = 300
CUSTOMERS = ("change", "clearing", "create", "forms", "lists", "lookup", "lookup_choices")
WEBHOOKS = ("fields", "filters", "resource")
OTHERS = ("authentication", "companies", "headers", "long_ids", "paging", "requests", "tokens", "transport")
ORDERS = ("orders", "orders_writing", "orders_payments")
MENU = ("sites", "registers", "staff", "taxes", "categories", "products")
PARTS = (*(f"customers_{one}" for one in CUSTOMERS), *(f"webhooks_{one}" for one in WEBHOOKS), *OTHERS, *ORDERS, *MENU)
FILES = [f"contracts/test_{part}.py" for part in PARTS]


def test_the_calls_of_a_generated_client(client: Generated, kounta: FakeKounta, prism: Prism) -> None:
    """Requests and responses are valid by the document."""
    with prism.before(kounta.url, kounta.openapi()) as url:
        client.use(kounta, url)
    assert {entry.status for entry in kounta.requests} == {200, 201, 204}


def test_it_finds_what_is_wrong(kounta: FakeKounta, prism: Prism) -> None:
    """Prism finds errors in a request and in a response, so the other tests can fail."""
    document = kounta.openapi()
    document["components"]["schemas"]["Company"]["properties"]["name"] = {"type": "integer"}
    with prism.before(kounta.url, document) as url, httpx.Client(base_url=url, auth=kounta.auth) as asking:
        wrong = [
            asking.get("/v1/companies/5678.json"),
            asking.post("/v1/companies/5678/customers.json", json={"first_name": "Kim"}),
        ]
        right = asking.get("/v1/companies/5678/customers.json")
    assert [one.headers["Content-Type"] for one in wrong] == [ITS_OWN, ITS_OWN]
    assert (right.status_code, right.json()) == (200, [])


def test_what_the_contract_suite_sends_and_gets_accepted(prism: Prism, tmp_path: Path) -> None:
    """Each such exchange under the default assumptions is valid."""
    exchanges = accepted(tmp_path / "accepted.json")
    assert len(exchanges) > 600
    with (
        replaying(exchanges) as upstream,
        prism.before(upstream, FakeKounta().openapi()) as url,
        httpx.Client(base_url=url, timeout=PATIENCE_SECONDS) as asking,
    ):
        faults = [fault for number, one in enumerate(exchanges) for fault in found(asking, number, one)]
    assert not faults, "\n".join(faults)


def accepted(file: Path) -> list[dict[str, Any]]:
    """Return the exchanges of the contract suite that were accepted."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.documents.accepted", "-p", "no:cacheprovider", *FILES]
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
        env={**os.environ, FILE: str(file)},
    )
    assert done.returncode == 0, done.stdout
    return [one for one in json.loads(file.read_text("utf-8")) if is_described(one)]


_IN_DOCUMENT = re.compile(
    r"orders(/[0-9].*|/saleid/[^/]+|/[a-z_]+|/pending/accounts)?|[a-z]+/[^/]+/orders(/[a-z_]+|/pending/accounts)?"
)


def is_described(exchange: dict[str, Any]) -> bool:
    """Return whether the document has the path: it cannot have lists of orders with several filters, in any order."""
    below = exchange["target"].partition("?")[0].removesuffix(".json").split("/", 4)[4:]
    return "orders" not in "/".join(below).split("/") or _IN_DOCUMENT.fullmatch(below[0]) is not None


def found(asking: httpx.Client, number: int, exchange: dict[str, Any]) -> list[str]:
    """Return what Prism finds wrong with this exchange."""
    headers = [(name, value) for name, value in plain(exchange["sent"]["headers"]) if name.lower() != "host"]
    body = base64.b64decode(exchange["sent"]["body"])
    request = asking.build_request(exchange["method"], exchange["target"], content=body)
    request.headers = httpx.Headers([*headers, ("X-Replay", str(number)), ("Host", request.url.netloc.decode())])
    if body:
        request.headers["Content-Length"] = str(len(body))
    answer = asking.send(request)
    if answer.headers.get("Content-Type") != ITS_OWN and answer.status_code == exchange["status"]:
        return []
    return [f"{exchange['method']} {exchange['target']} {body[:300]!r}: {answer.status_code} {answer.text[:600]}"]
