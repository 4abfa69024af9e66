"""Tests that the control surface answers any request with JSON as documented, names errors, and never fails."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakekounta import FakeKounta
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.openapi.collections import ids
from tests.described import Described
from tests.kept_past import OnePast
from tests.openapi.drive import fill_collections
from tests.pages import ROOT
from tests.shares import examples
from tests.sockets import CUSTOMER_ID, arranged

_KOUNTA = FakeKounta()
DOCUMENT = Described(_KOUNTA.openapi(control=True))
CALLS = [
    (method, path)
    for path, item in DOCUMENT.document["paths"].items()
    for method in ("get", "post", "put", "delete")
    if method in item
]
_ALIKE = {*COLLECTIONS} - {"sites", "orders"}
"""Collections whose calls differ from those of others by name only: `make test-verify` draws for them, too."""
DRAWN_FOR = [
    pytest.param(*call, marks=pytest.mark.whole_verification) if call[1].split("/")[2] in _ALIKE else call
    for call in CALLS
]
_SCHEMAS: Mapping[str, Any] = DOCUMENT.document["components"]["schemas"]
_TEXTS = st.one_of(
    st.sampled_from(["", "0", "-1", "true", "false", "me", "null", "2026-11-23T18:40:00+11:00", "customers/created"]),
    st.text(st.characters(codec="utf-8"), max_size=8),
)
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    _TEXTS,
    st.sampled_from([2**63, -(2**63), 1e308]),
)
_KEYS = st.sampled_from(
    sorted({name for schema in _SCHEMAS.values() for name in schema.get("properties", {})} - {"primary_address"})
)
_JSON = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS | _TEXTS, inner, max_size=4),
    max_leaves=6,
)


def body_of(method: str, path: str) -> st.SearchStrategy[Any]:
    """Draw any JSON, and objects with the keys of the call."""
    sent = DOCUMENT.document["paths"][path][method].get("requestBody")
    if sent is None:
        return _JSON
    name = sent["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    schema = _SCHEMAS[{"NewCustomers": "NewCustomer", "NewFaults": "NewFault"}.get(name, name)]
    values = {name: value_of(one) for name, one in schema.get("properties", {}).items()}
    needed = {name: values.pop(name) for name in schema.get("required", ())}
    known = st.fixed_dictionaries(needed, optional=values)
    return _JSON | known | st.lists(known, max_size=2)


def value_of(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Draw values that a property may have, and others."""
    return st.sampled_from(schema["enum"]) | _JSON if "enum" in schema else _JSON


def query_of(method: str, path: str) -> st.SearchStrategy[dict[str, str]]:
    """Draw parameters of the call and others, with any values."""
    names = [parameter["name"] for parameter in DOCUMENT.document["paths"][path][method]["parameters"]]
    return st.dictionaries(st.sampled_from(names) if names else st.just("other"), _TEXTS, max_size=2)


def path_of(path: str) -> st.SearchStrategy[str]:
    """Draw the path with any values for its parameters, sometimes existing ones.

    "." and ".." are left out, because clients shorten such paths before they send them.
    """
    anything = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6).filter(lambda one: one not in {".", ".."})
    text = st.sampled_from(["1", str(CUSTOMER_ID), "shop"]) | anything
    names = [part.partition("}")[0] for part in path.split("{")[1:]]

    def filled(values: list[str]) -> str:
        done = path
        for name, value in zip(names, values, strict=True):
            done = done.replace(f"{{{name}}}", quote(value, safe=""))
        return done

    return st.lists(text, min_size=len(names), max_size=len(names)).map(filled)


def ask(kounta: FakeKounta, method: str, target: str, content: bytes | None) -> httpx.Response:
    with kounta.httpx_client() as client:
        headers = {"Content-Type": "application/json"}
        return client.request(method.upper(), target, content=content, headers=headers)


def judge(answer: httpx.Response, path: str) -> None:
    """Check that the response is JSON as documented, and that a refusal has a reason."""
    assert answer.status_code < 500, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    if answer.status_code >= 400:
        assert answer.json().keys() == {"error", "error_description"}
        assert answer.json()["error_description"]
    method = answer.request.method
    assert DOCUMENT.template(path) == path
    assert DOCUMENT.faults(method, path, answer.status_code, answer.headers, answer.content) == []


@pytest.mark.parametrize("method,path", DRAWN_FOR)
@settings(
    deadline=None,
    max_examples=examples(20),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_nothing_makes_it_fail(fakekounta_server: FakeKounta, method: str, path: str, data: st.DataObject) -> None:
    """Any JSON, parameters and path get a documented response."""
    target, body = data.draw(path_of(path)), data.draw(body_of(method, path))
    query = data.draw(query_of(method, path))
    with arranged(fakekounta_server) as kounta:
        kounta.namespace("shop")
        kounta.webhooks.add("customers/updated", "http://127.0.0.1:9/hook")
        answer = ask(kounta, method, f"{target}?{urlencode(query)}" if query else target, json.dumps(body).encode())
        if answer.status_code != 404 or DOCUMENT.template(target) == path:
            judge(answer, path)
        assert ask(kounta, "get", "/_fakekounta/state", None).status_code == 200


@pytest.mark.parametrize("method,path", CALLS)
def test_unknown_parameters_are_refused_by_name(fakekounta_server: FakeKounta, method: str, path: str) -> None:
    """Every call refuses an unknown parameter and does nothing."""
    with arranged(fakekounta_server) as kounta:
        before = kounta.state()
        target = path.replace("{customer_id}", str(CUSTOMER_ID)).replace("{", "").replace("}", "")
        answer = ask(kounta, method, f"{target}?nonsense=1", b"{}")
        assert answer.status_code == 400
        assert answer.json()["error_description"].startswith("nonsense: is unknown; ")
        assert kounta.state() == before


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"NaN", b"[" * 5_000, b'"\\ud800"', b"null", b"7", b'"x"'])
@pytest.mark.parametrize("path", [path for method, path in CALLS if method == "put"])
def test_bodies_other_than_json_objects_are_refused(fakekounta_server: FakeKounta, path: str, content: bytes) -> None:
    """Every change refuses a body that is not a JSON object, with the reason."""
    with arranged(fakekounta_server) as kounta:
        answer = ask(kounta, "put", path.replace("{customer_id}", str(CUSTOMER_ID)), content)
        assert answer.status_code == 400
        judge(answer, path)


@pytest.fixture
def busy(fakekounta_server: FakeKounta) -> Iterator[FakeKounta]:
    with arranged(fakekounta_server) as kounta:
        kounta.webhooks.add("customers/updated", "http://192.0.2.1/hook", headers={"X-A": "b"})
        kounta.customers.change(CUSTOMER_ID, announce=True, first_name="Kim")
        kounta.namespace("shop")
        kounta._front.past = OnePast(kounta)
        fill_collections(kounta)
        with kounta.httpx_client() as client:
            client.get("/v1/companies/me/customers.json", auth=kounta.auth)
        yield kounta
        kounta._front.past = None


@pytest.mark.parametrize("path", [path for method, path in CALLS if method == "get"])
def test_what_is_shown_is_as_described(busy: FakeKounta, path: str) -> None:
    """Every GET on a fake with data is as documented."""
    target = path.replace("{customer_id}", str(CUSTOMER_ID))
    target = re.sub("{(number|delivery_id|position)}", "1", target)
    for name, number in ids().items():
        target = target.replace(f"{{{name}}}", str(number))
    answer = ask(busy, "get", target, None)
    assert answer.status_code == 200, answer.text
    judge(answer, path)
    if path.endswith("/deliveries"):
        full = ask(busy, "get", f"{target}?full=true", None)
        assert full.json()[0]["payload"]["first_name"] == "Kim"
        judge(full, path)


def test_the_page_has_every_call() -> None:
    """The table of docs/control.md has exactly the calls of the control surface."""
    text = (ROOT / "docs" / "control.md").read_text(encoding="utf-8")
    for method, path in CALLS:
        name = path.removeprefix("/_fakekounta/")
        for plural, collection in COLLECTIONS.items():
            name = re.sub(rf"^{plural}\b", "{collection}", name).replace(f"{{{collection.name}_id}}", "{id}")
        for parameter in ("customer_id", "delivery_id", "fault_id", "webhook_id"):
            name = name.replace(f"{{{parameter}}}", "{id}")
        assert f"`{method.upper()} {name}" in text, f"{method.upper()} {name} is missing"
