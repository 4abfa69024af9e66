"""Tests of the examples in the API's OpenAPI document: a collection made of it sends them in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from fakekounta import FakeKounta
from tests.described import Described
from tests.openapi.drive import fill_collections

METHODS = ("get", "post", "put", "delete")


@pytest.fixture
def kounta() -> FakeKounta:
    return FakeKounta(webhook_mode="collect")


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], list[dict[str, Any]]]]:
    """Return path, method, operation and parameters, in the order of the document."""
    resolved = Described(document)._resolved
    for path, item in document["paths"].items():
        for method in item.keys() - {"parameters"}:
            assert method in METHODS
        for method in (one for one in item if one in METHODS):
            known = [resolved(one) for one in (*item["parameters"], *item[method]["parameters"])]
            yield path, method, item[method], known


def sent(path: str, method: str, operation: dict[str, Any], known: list[dict[str, Any]]) -> list[httpx.Request]:
    """Return the requests that the examples make: one for each media type of the body."""
    examples = {kind: {one["name"]: one["example"] for one in known if one["in"] == kind} for kind in ("path", "query")}
    headers = {"Accept": "*/*", **{one["name"]: one["example"] for one in known if one["in"] == "header"}}
    target = path.format(**examples["path"])
    bodies: list[dict[str, Any]] = [
        {"json" if media == "application/json" else "data": body["example"]}
        for media, body in operation.get("requestBody", {"content": {}})["content"].items()
    ]
    return [
        httpx.Request(method, f"https://api.kounta.com{target}", params=examples["query"], headers=headers, **body)
        for body in bodies or [{}]
    ]


def test_all_can_be_sent_to_an_empty_fake(kounta: FakeKounta) -> None:
    """Each call creates what later ones need: nothing is refused or missing, also if sent twice."""
    fill_collections(kounta)
    with kounta.httpx_client() as client:
        for one in operations(kounta.openapi()):
            for request in sent(*one) * (2 if one[1] == "post" else 1):
                answer = client.send(request, auth=kounta.auth)
                assert answer.status_code in (200, 201, 204, 302), f"{request.method} {request.url}: {answer.text}"
    assert len(kounta.requests) > 29


def test_they_are_of_the_default_company_and_application(kounta: FakeKounta) -> None:
    """The examples need no other settings than those of a new fake."""
    document = kounta.openapi()
    shown = {name: one.get("example") for name, one in document["components"]["parameters"].items()}
    assert shown["company_id"] == str(kounta.company.id)
    assert shown["client_id"] == kounta.application.client_id
    assert shown["redirect_uri"] in kounta.application.redirect_uris
    assert shown["customer_id"] == kounta.customers.add(first_name="Kim", phone="1").id
    assert None not in shown.values()
    schemes = document["components"]["securitySchemes"]
    assert all(f"`{one}`" in schemes["basic"]["description"] for one in kounta.auth)
    assert f"`{kounta.application.access_token}`" in schemes["bearer"]["description"]


def test_they_are_valid(kounta: FakeKounta) -> None:
    """They are valid by their schemas; each property of a body has its own, for tools that show forms."""
    document = kounta.openapi()
    for _, _, operation, known in operations(document):
        for one in known:
            Draft202012Validator(one["schema"]).validate(one["example"])
        for body in operation.get("requestBody", {"content": {}})["content"].values():
            Draft202012Validator({**body["schema"], "components": document["components"]}).validate(body["example"])
            properties = Described(document)._resolved(body["schema"]).get("properties", {})
            shown = {name: one["example"] for name, one in properties.items() if "example" in one}
            assert shown.items() <= body["example"].items()
