"""Tests that the OpenAPI documents are valid and complete, and describe the responses correctly."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from fakekounta import FakeKounta, Quirk
from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.control.app import DASHBOARD
from fakekounta.control.described import call_of
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.openapi.operations import EVERYWHERE, OPERATIONS, WITH_CREDENTIALS
from fakekounta.openapi.orders import UNDESCRIBED
from tests.choices import LAST
from tests.commands import run_here
from tests.conftest import options_without_plugins
from tests.described import Described
from tests.openapi.drive import drive_under, fill_collections, recorded, recorded_module
from tests.pages import ROOT

METHODS = {"get", "post", "put", "delete"}
ALTERNATIVES = [(quirk.id, name) for quirk, names in CHOICES.items() for name in list(names)[1:]]
ROUNDS = [
    {quirk.id: name for quirk, names in CHOICES.items() for name in list(names)[1:][turn : turn + 1]}
    for turn in range(max(map(len, CHOICES.values())) - 1)
]
"""Choices of which each alternative is in one."""
RECORDED = ROOT / "fakekounta" / "openapi" / "recorded.py"


@pytest.fixture(scope="module")
def kounta() -> FakeKounta:
    return FakeKounta()


def routes(app: Any) -> set[tuple[str, str]]:
    """Return every route of an app, spelled as in a document, without HEAD and OPTIONS."""
    found = set()
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith((f"{DASHBOARD}.", UNDESCRIBED)):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            found |= {(path, method.lower()) for method in rule.methods - {"HEAD", "OPTIONS"}}
    return found


def described(document: dict[str, Any]) -> set[tuple[str, str]]:
    """Return every path and method of a document."""
    return {(path, method) for path, item in document["paths"].items() for method in METHODS & item.keys()}


# --- whole -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("control", [False, pytest.param(True, marks=pytest.mark.whole_verification)])
def test_the_documents_are_valid(kounta: FakeKounta, control: bool) -> None:
    """openapi-spec-validator accepts them as OpenAPI 3.1."""
    document = kounta.openapi(control=control)
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


@pytest.mark.parametrize("control", [False, True])
def test_the_schemas_are_valid_and_used(kounta: FakeKounta, control: bool) -> None:
    """Each is JSON Schema 2020-12, and the document refers to it."""
    document = kounta.openapi(control=control)
    text = json.dumps(document)
    for name, schema in document["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert f'#/components/schemas/{name}"' in text, f"nothing refers to {name}"


@pytest.mark.whole_verification
def test_the_document_is_valid_under_other_assumptions() -> None:
    """Choices that change paths, statuses and schemas give a valid document with these."""
    document = FakeKounta(assumptions=LAST).openapi()
    OpenAPIV31SpecValidator(document).validate()
    assert LAST.items() <= document["x-assumptions"].items()


def test_every_route_of_the_api_is_described(kounta: FakeKounta) -> None:
    """Each route is described once, below /v1 also with `.json`, and DELETE of a customer if it exists."""
    there = routes(kounta._front._api)
    assert len(there) > 14
    both = there | {(f"{path}.json", method) for path, method in there if path.startswith("/v1/")}
    customer = "/v1/companies/{company_id}/customers/{customer_id}"
    assert described(kounta.openapi()) == both - {(customer, "delete"), (f"{customer}.json", "delete")}
    assert described(FakeKounta(assumptions={"C21": "204"}).openapi()) == both
    assert OPERATIONS.keys() | {UNDESCRIBED} == {rule.endpoint for rule in kounta._front._api.url_map.iter_rules()}


def test_every_route_of_the_control_surface_is_described(kounta: FakeKounta) -> None:
    """Each route is described, and each view has a description."""
    app = kounta._front.control()
    assert described(kounta.openapi(control=True)) == routes(app)
    schemas = kounta.openapi(control=True)["components"]["schemas"]
    for endpoint, view in app.view_functions.items():
        if not endpoint.startswith(f"{DASHBOARD}."):
            call = call_of(view)
            assert call is not None, f"{endpoint} lacks @takes(...)"
            assert {call.answers, call.body} - {None} <= schemas.keys(), endpoint
            assert view.__doc__, endpoint


def test_operation_ids_are_unique(kounta: FakeKounta) -> None:
    """They are unique in each document, and every operation has a summary."""
    for control in (False, True):
        paths = kounta.openapi(control=control)["paths"]
        operations = [item[method] for item in paths.values() for method in METHODS & item.keys()]
        ids = [operation["operationId"] for operation in operations]
        assert len(ids) == len(set(ids))
        assert all(operation["summary"].endswith(".") for operation in operations)


def test_the_control_surface_is_grouped(kounta: FakeKounta) -> None:
    """Each call has one tag, by which tools show the calls in groups."""
    paths = kounta.openapi(control=True)["paths"]
    tags = [item[method]["tags"] for item in paths.values() for method in METHODS & item.keys()]
    groups = "cafe catalogue changes clock customers faults namespaces openapi requests state webhooks"
    assert {tag for (tag,) in tags} == {*groups.split(), *COLLECTIONS}


def patterns_in(part: Any) -> Iterator[str]:
    """Return all patterns of a document."""
    for key, value in part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ():
        if key == "pattern" and isinstance(value, str):
            yield value
        yield from patterns_in(value)


def test_patterns_mean_the_same_everywhere(kounta: FakeKounta) -> None:
    """Each pattern is anchored, without blanks, digits, words and dots that languages define differently."""
    found = {one for control in (False, True) for one in patterns_in(kounta.openapi(control=control))}
    assert len(found) > 10
    for pattern in found:
        assert not re.search(r"\\[sSdDwWbBAZ]", pattern), pattern
        assert "." not in re.sub(r"\\.|\[[^]]*\]", "", pattern), pattern
        assert (pattern[0], pattern[-1]) == ("^", "$"), pattern


def test_quirks_have_their_statements(kounta: FakeKounta) -> None:
    """Each id of an operation is in the document with basis, statement and source."""
    document = kounta.openapi()
    used = {
        quirk_id
        for item in document["paths"].values()
        for method in METHODS & item.keys()
        for quirk_id in item[method]["x-quirks"]
    }
    assert used == document["x-quirks"].keys()
    assert document["x-quirks"]["C04"] == {
        "basis": "DOCUMENTED",
        "statement": Quirk.C04_LOOKUP_BY_EMAIL_REDIRECTS.statement,
        "source": Quirk.C04_LOOKUP_BY_EMAIL_REDIRECTS.source,
    }


def test_only_webhooks_themselves_are_left_out(kounta: FakeKounta) -> None:
    """The document has all statements except those about deliveries and about the guard (K09)."""
    left_out = {quirk.id for quirk in Quirk} - kounta.openapi()["x-quirks"].keys()
    assert left_out == {"D31", "D65", "W10", "W11", "W12", "W14", "W18", "W19", "W20", "K09", "K10", "K11"}


@pytest.mark.whole_verification
def test_the_contract_suite_sees_what_is_described() -> None:
    """Every exchange of a part of the contract suite, in-process, is valid by the document of its world."""
    parts = "authentication companies customers_create customers_change customers_lookup long_ids paging rate_limit"
    files = [f"contracts/test_{part}.py" for part in (*parts.split(), "sites", "tokens", "webhooks_resource")]
    options = ["-q", "-k", "in-process", "-p", "tests.openapi_watch", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, *options_without_plugins().split(), *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    described = re.search(r"^openapi: (\d+) exchanges, 0 faults$", done.stdout, re.MULTILINE)
    assert done.returncode == 0, done.stdout
    assert described is not None, done.stdout
    assert int(described[1]) > 500


# --- ways to get it ---------------------------------------------------------------------------------------------


def test_by_control_call(kounta: FakeKounta) -> None:
    """The documents of a namespace have its assumptions and, if its path is used, its address."""
    with kounta.httpx_client() as client:
        for path, control in (("openapi.json", False), ("control.openapi.json", True)):
            printed = json.dumps(kounta.describe(control, kounta.assumptions, kounta.url))
            assert client.get(f"/_fakekounta/{path}").json() == json.loads(printed)
        shop = "/_fakekounta/ns/shop"
        client.put(f"{shop}/_fakekounta/assumptions", json={"A07": "422"})
        document = client.get(f"{shop}/_fakekounta/openapi.json").json()
        assert document["servers"] == [{"url": f"{kounta.url}{shop}"}]
        assert document["x-assumptions"]["A07"] == "422"
        assert "422" in document["paths"]["/v1/companies/{company_id}/customers"]["post"]["responses"]
        kounta.namespaces.drop("shop")


@pytest.mark.parametrize("arguments,control", [([], False), (["--control"], True)])
def test_by_the_command_line(kounta: FakeKounta, arguments: list[str], control: bool) -> None:
    """`fakekounta openapi` prints the same document."""
    printed = run_here("openapi", *arguments)
    assert printed.returncode == 0, printed.stderr
    assert json.loads(printed.stdout)["servers"] == [{"url": "http://127.0.0.1:8080"}]
    assert json.loads(printed.stdout) == json.loads(json.dumps(kounta.openapi(control=control)))


def test_the_server_is_the_one_that_serves() -> None:
    """The document names the fake's address and never the real service's."""
    with FakeKounta() as serving:
        assert serving.openapi()["servers"] == [{"url": serving.url}]
        assert serving.openapi()["components"]["securitySchemes"]["oauth"]["flows"]["authorizationCode"] == {
            "authorizationUrl": f"{serving.url}/authorize",
            "tokenUrl": f"{serving.url}/v1/token",
            "refreshUrl": f"{serving.url}/v1/token",
            "scopes": {},
        }
    assert "kounta.com" not in json.dumps(FakeKounta().openapi())
    printed = run_here("openapi", "--url", "http://fake.example:9/").stdout
    assert json.loads(printed)["servers"] == [{"url": "http://fake.example:9"}]


def test_the_command_line_takes_assumptions() -> None:
    """The command takes assumptions, and refuses unknown ones."""
    assert json.loads(run_here("openapi", "--assume", "A07=422").stdout)["x-assumptions"]["A07"] == "422"
    refused = run_here("openapi", "--assume", "A07=500")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("fakekounta: assumptions: assumption A07 has no choice '500'")


# --- compared with responses ------------------------------------------------------------------------------------


OF_NO_OPERATION = (Quirk.C21_NO_DELETE, Quirk.M24_GET_OF_PAYMENTS)
"""The quirks of methods that a path does not have."""


def judged(under: str = "", **settings: Any) -> tuple[Described, list[str]]:
    """Return the differences between the document and a drive through a fake with these settings."""
    kounta = FakeKounta(body_bytes=100_000, page_size=1, **settings)
    document = Described(kounta.openapi())
    faults: list[str] = []

    def watch(entry: Any) -> None:
        faults.extend(f"{entry.method} {entry.target} -> {entry.status}: {one}" for one in document.watch(entry))
        item = document.document["paths"].get(document.template(entry.path), {}).get(entry.method.lower())
        described = {*item["x-quirks"]} if item else {quirk.id for quirk in (*EVERYWHERE, *OF_NO_OPERATION)}
        covered = {quirk.id for quirk in entry.quirks} - described - {quirk.id for quirk in WITH_CREDENTIALS}
        faults.extend(f"{entry.method} {entry.target} covered {one}, which is not in its x-quirks" for one in covered)

    kounta.observe(watch)
    fill_collections(kounta)
    with kounta.httpx_client() as client:
        client.auth = httpx.BasicAuth(*kounta.auth)
        drive_under(under)(client)
    assert len(kounta.requests) > 70
    return document, faults


def test_every_exchange_is_as_described() -> None:
    """Status, headers, body and covered quirks are described; the drive reaches almost every response."""
    document, faults = judged()
    assert faults == []
    said = {
        (path, method, status)
        for path, item in document.document["paths"].items()
        for method in METHODS & item.keys()
        for status in item[method]["responses"]
        if status.startswith("2") or status == "302"
    }
    with_extension = {one for one in said if one[0].endswith(".json") or not one[0].startswith("/v1/")}
    assert with_extension - document.seen == set()


@pytest.mark.parametrize("choices", ROUNDS)
def test_exchanges_under_other_assumptions(choices: dict[str, str]) -> None:
    """The document of many alternatives at once describes the responses under them."""
    assert judged(assumptions=choices)[1] == []


@pytest.mark.whole_verification
@pytest.mark.parametrize("assumption", ALTERNATIVES, ids="=".join)
def test_exchanges_under_every_assumption(assumption: tuple[str, str]) -> None:
    """The document of each alternative describes the responses under it."""
    assert judged(assumption[0], assumptions=dict([assumption]))[1] == []


@pytest.mark.whole_verification
def test_the_statements_of_operations_are_those_of_the_recorded_run() -> None:
    """Each operation has exactly the quirks that its exchanges covered."""
    assert RECORDED.read_text(encoding="utf-8") == recorded_module(recorded()), "run `make docs`"


def test_exchanges_over_the_rate_limit_and_with_long_ids() -> None:
    """429 and id_str are described, too."""
    assert judged(rate_limit={"basic": 10})[1] == []
    assert judged(seed=[{"id": 2**53, "first_name": "Kim", "phone": "1"}])[1] == []


def test_a_document_that_is_wrong_is_noticed() -> None:
    """A further key in a record, and a missing status or quirk, are each found."""
    document = Described(FakeKounta().openapi())
    path = "/v1/companies/5678/customers/1.json"
    record = {"id": 1, "more": True}
    faults = document.faults("GET", path, 200, {"Content-Type": "application/json"}, json.dumps(record).encode())
    assert any("'more' was unexpected" in one for one in faults)
    assert any("'first_name' is a required property" in one for one in faults)
    assert document.faults("GET", path, 418, {}, b"") == [
        "GET /v1/companies/{company_id}/customers/{customer_id}.json is described without 418"
    ]
    assert document.faults("PATCH", "/v1/new.json", 200, {}, b"") == ["PATCH /v1/new.json is not described"]


def test_lists_of_orders_have_all_filters() -> None:
    """The document names the parameters of D03, D08 and D09."""
    document = FakeKounta().openapi()
    listed = document["paths"]["/v1/companies/{company_id}/orders"]["get"]["parameters"]
    names = {one["$ref"].rpartition("/")[2] for one in listed}
    bounds = {f"{kind}_{bound}" for kind in ("created", "value") for bound in ("lt", "lte", "gt", "gte")}
    assert names == {"start", "created", "page", "X-Page", *bounds}
