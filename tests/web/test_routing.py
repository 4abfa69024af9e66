"""Which view answers: what is remembered of a path changes nothing, and each request knows its own exchange."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule

from fakekounta import FakeKounta
from fakekounta.core.company import Company
from fakekounta.web.app import LONGEST, REMEMBERED, Route, Routes

PATH = "/v1/companies/me/customers/389427.json"


def routes() -> Map:
    return Map(
        [Rule("/one/<part>", endpoint="read", methods=["GET"]), Rule("/one/<part>", endpoint="change", methods=["PUT"])]
    )


def test_each_method_and_path_has_its_own_view_however_often_it_is_asked() -> None:
    """A second time as the first; what is refused is refused again."""
    known = Routes(routes())
    for _ in range(2):
        for method, endpoint in (("GET", "read"), ("PUT", "change")):
            for part in ("a", "b"):
                rule, parts = Route(known, method, f"/one/{part}").match()
                assert (rule.endpoint, parts) == (endpoint, {"part": part})
        with pytest.raises(MethodNotAllowed):
            Route(known, "DELETE", "/one/a").match()
        with pytest.raises(NotFound):
            Route(known, "GET", "/two").match()


def test_what_a_view_does_with_its_parts_is_forgotten() -> None:
    """The next request has the parts of its path, not what the one before left of them."""
    known = Routes(routes())
    Route(known, "GET", "/one/a").match()[1].clear()
    assert Route(known, "GET", "/one/a").match()[1] == {"part": "a"}


def test_only_so_many_paths_are_remembered() -> None:
    """Whoever asks for a million paths does not fill the memory."""
    known = Routes(routes())
    for number in range(REMEMBERED + 10):
        Route(known, "GET", f"/one/{number}").match()
    assert len(known) == REMEMBERED


def test_long_paths_are_found_and_not_remembered() -> None:
    """Neither does whoever asks for long ones."""
    known = Routes(routes())
    for length, remembered in ((LONGEST - 5, 1), (LONGEST - 4, 1), (1_000_000, 1)):
        part = "x" * length
        assert Route(known, "GET", f"/one/{part}").match()[1] == {"part": part}
        assert len(known) == remembered


def test_a_request_within_a_request() -> None:
    """Each has its own entry in the journal, and the outer one goes on as itself."""
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
    """Routes are made once for each limit of a body; each fake answers for itself."""
    one, other, smaller = FakeKounta(), FakeKounta(), FakeKounta(body_bytes=10)
    assert one._front._api is other._front._api
    assert one._front._api is not smaller._front._api
    one.customers.add(first_name="Jamie", phone="1")
    for kounta, count in ((one, 1), (other, 0), (smaller, 0)):
        with kounta.httpx_client() as client:
            assert len(client.get("/v1/companies/me/customers.json", auth=kounta.auth).json()) == count
