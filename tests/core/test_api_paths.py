"""Tests of fault paths: one that no path of the real API matches is refused, one that is not modelled is warned of."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pytest

from fakekounta import FakeKounta
from fakekounta.core.api_paths import BESIDE, MODELLED, NOT_MODELLED, check_path, warn_of
from fakekounta.settings.errors import SettingsError
from tests.caller import exactly
from tests.commands import run_here
from tests.control.test_control import control

PREFIX = "/v1/companies/{company_id}"
OF_THE_FAKE = (
    *("/customers", "/customers.json", "/customers/*", "/customers/{id}", "/customers/389427"),
    *("/customers/*/addresses", "/v1/companies/5678/customers.json", "/v1/companies/*/customers"),
    *(
        "/companies/me",
        "/v1/companies/me.json",
        "/v1/companies/{id}/webhooks/7",
        "/webhooks/*",
        "/sites",
        "/sites/1640",
    ),
    *(
        "/**",
        "**",
        "/v1/companies/**/addresses",
        "/v1/**/5678/webhooks",
        "*",
        "/*",
        "/customers/**",
        "/c*",
        "*/customers",
        "*customers",
        "/v1/**",
        "/customers**",
    ),
    *(
        "/*/*/orders",
        "/orders",
        "/orders/7",
        "/sites/640/staff/7/orders/complete",
        "/v1/token",
        "/token.json",
        "/authorize",
    ),
)
UNKNOWN = {
    "/customer": "; did you mean /customers?",
    "/customers/1/addrezzes": "; did you mean /customers/{id}/addresses?",
    "/v1/companies/5678/custmers": "; did you mean /customers?",
    "/customers/": "; did you mean /customers?",
    "/taxs": "; did you mean /taxes?",
    "/v1/authorize": "; did you mean /authorize?",
    **dict.fromkeys(("/", "/v1/companies", "/zzzz"), ""),
}


@pytest.mark.parametrize("pattern", OF_THE_FAKE)
def test_a_path_of_the_fake_is_neither_refused_nor_warned_of(pattern: str) -> None:
    """A path of the fake is accepted with and without the company's prefix and the extension, and with wildcards."""
    check_path(pattern)
    warn_of(pattern)


@pytest.mark.parametrize("pattern", UNKNOWN)
def test_a_path_that_the_api_does_not_have_is_refused(pattern: str) -> None:
    """A path that the API does not have is refused in one line, with the nearest path if there is one."""
    refusal = f"path: no path of the API matches {pattern!r}{UNKNOWN[pattern]}"
    with pytest.raises(ValueError, match=exactly(refusal)):
        FakeKounta().faults.add(path=pattern, status=503)


@pytest.mark.parametrize(
    "pattern",
    ["/price_lists", "/price_lists/7", "/shifts/since/2026-11-01", "/sites/*/tables"],
)
def test_a_path_that_is_not_modelled_is_warned_of(pattern: str) -> None:
    """The fault works, and the warning says that the fake has nothing behind it."""
    kounta = FakeKounta()
    text = r"^path: the real API has '.*', but the fake does not: where no fault answers, it is 404 \(K05\)$"
    with pytest.warns(UserWarning, match=text):
        kounta.faults.add(path=pattern, status=503, times=1)
    with kounta.httpx_client() as client:
        path = f"/v1/companies/5678{pattern.replace('*', '640')}.json"
        assert [client.get(path, auth=kounta.auth).status_code for _ in range(2)] == [503, 404]


def test_every_way_in_refuses_and_warns() -> None:
    """Python, a setting, a change, and a control call."""
    kounta, wrong = FakeKounta(), {"path": "/customer", "status": 503}
    real = {"path": "/price_lists", "status": 503}
    with pytest.raises(SettingsError, match=r"^faults\[0\]\.path: no path of the API matches '/customer'"):
        FakeKounta(faults=[wrong])
    with pytest.warns(UserWarning, match=r"^faults\[0\]\.path: the real API has '/price_lists'"):
        FakeKounta(faults=[real])
    rule = kounta.faults.add(status=503)
    with pytest.raises(ValueError, match=r"^path: no path of the API matches '/customer'"):
        kounta.faults.change(rule.id, path="/customer")
    with pytest.warns(UserWarning, match=r"^path: the real API has '/price_lists'"):
        kounta.faults.change(rule.id, path="/price_lists")
    assert control(kounta, "POST", "faults", wrong).status_code == 400
    with pytest.warns(UserWarning, match=r"^\[0\]\.path: the real API has '/price_lists'"):
        assert control(kounta, "POST", "faults", [real]).status_code == 201


def test_a_warning_on_the_command_line_is_one_line(tmp_path: Path) -> None:
    """`fakekounta run` starts, and says in one line what is in the file of settings."""
    (tmp_path / "fake.toml").write_text("[[faults]]\npath = '/price_lists'\nstatus = 503\n", encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        done = run_here("run", "--config", str(tmp_path / "fake.toml"), "--", "true")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (0, "", 1)
    assert done.stderr.startswith("fakekounta: faults[0].path: the real API has '/price_lists'")


def test_each_route_of_the_fake_is_in_the_table() -> None:
    """The table has the routes of the fake but narrowed lists of orders, and no others; each of these is modelled."""
    routes = {one.removesuffix(".json") for one in FakeKounta().openapi()["paths"]}
    below = {re.sub(r"\{\w+\}", "{}", one.removeprefix(PREFIX)) for one in routes if one.startswith(PREFIX)}
    table = {re.sub(r"\{\w+\}", "{}", one) for one in MODELLED}
    assert table <= below
    assert all("/orders/" in one for one in below - table)
    assert not {re.sub(r"\{\w+\}", "{}", one) for one in NOT_MODELLED} & below
    assert {one for one in routes if not one.startswith(PREFIX)} <= {*BESIDE}
