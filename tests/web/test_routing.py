"""Tests of the cache of routes, and of the exchange that each request belongs to."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule

from fakekounta import FakeKounta
from fakekounta.core.company import Company
from fakekounta.web import auth
from fakekounta.web.app import LONGEST, REMEMBERED, Routes
from fakekounta.web.auth import LONGEST_CACHED

PATH = "/v1/companies/me/customers/389427.json"


def routes() -> Map:
    return Map(
        [Rule("/one/<part>", endpoint="read", methods=["GET"]), Rule("/one/<part>", endpoint="change", methods=["PUT"])]
    )


def test_a_cached_path_leads_to_the_same_view() -> None:
    """The second look-up of a method and path gives the same view or refusal as the first."""
    known = Routes(routes())
    for _ in range(2):
        for method, endpoint in (("GET", "read"), ("PUT", "change")):
            for part in ("a", "b"):
                rule, parts = known.find(method, f"/one/{part}")
                assert (rule.endpoint, parts) == (endpoint, {"part": part})
        with pytest.raises(MethodNotAllowed):
            known.find("DELETE", "/one/a")
        with pytest.raises(NotFound):
            known.find("GET", "/two")


def test_the_cache_of_paths_is_bounded() -> None:
    """Requests to any number of paths keep at most REMEMBERED of them in the cache."""
    known = Routes(routes())
    for number in range(REMEMBERED + 10):
        known.find("GET", f"/one/{number}")
    assert len(known) == REMEMBERED


def test_long_paths_are_not_cached() -> None:
    """Long paths are routed and not kept in the cache."""
    known = Routes(routes())
    for length, remembered in ((LONGEST - 5, 1), (LONGEST - 4, 1), (1_000_000, 1)):
        part = "x" * length
        assert known.find("GET", f"/one/{part}")[1] == {"part": part}
        assert len(known) == remembered


def test_a_request_within_a_request() -> None:
    """A request made while another is answered has an entry of its own, and the outer one keeps its entry."""
    kounta = FakeKounta()
    kounta.customers.add(first_name="Jamie", phone="1")
    plain = Company.customer

    def asking(company: Company, customer_id: int) -> Any:
        with patch.object(Company, "customer", plain), kounta.httpx_client() as client:
            assert client.get("/v1/companies/me.json", auth=("nobody", "nothing")).status_code == 401
        return plain(company, customer_id)

    with patch.object(Company, "customer", asking), kounta.httpx_client() as client:
        assert client.get(PATH, auth=kounta.auth).json()["first_name"] == "Jamie"
    assert [(entry.path, entry.status, entry.client_id) for entry in kounta.requests] == [
        ("/v1/companies/me.json", 401, None),
        (PATH, 200, "fake-client-id"),
    ]


def test_fakes_share_the_app_and_nothing_else() -> None:
    """The routes are made once for each body limit; fakes that share them have separate worlds."""
    one, other, smaller = FakeKounta(), FakeKounta(), FakeKounta(body_bytes=10)
    assert one._front._api is other._front._api
    assert one._front._api is not smaller._front._api
    one.customers.add(first_name="Jamie", phone="1")
    for kounta, count in ((one, 1), (other, 0), (smaller, 0)):
        with kounta.httpx_client() as client:
            assert len(client.get("/v1/companies/me/customers.json", auth=kounta.auth).json()) == count


@pytest.mark.parametrize("length, remembered", [(LONGEST_CACHED, 1), (LONGEST_CACHED + 4, 0)])
def test_long_credentials_are_not_cached(length: int, remembered: int) -> None:
    """Long credentials are read and not kept in the cache."""
    auth._known_pair.cache_clear()
    secret = "s" * (length * 3 // 4 - 2)
    kounta = FakeKounta(applications=[{"client_id": "a", "client_secret": secret}])
    with kounta.httpx_client() as client:
        for _ in range(2):
            assert client.get("/v1/companies/me.json", auth=("a", secret)).status_code == 200
    assert auth._known_pair.cache_info().currsize == remembered
