"""Authentication: Basic credentials and bearer tokens."""

from __future__ import annotations

import httpx
import pytest

from contracts.arranging import basic
from contracts.expecting import expect, expect_client_error, expect_form, expect_parts, expect_status
from contracts.samples import new_customer
from contracts.target import KountaTarget


def challenges(answer: httpx.Response) -> list[str]:
    return ", ".join(answer.headers.get_list("WWW-Authenticate")).split(", ")


def expected_challenges(target: KountaTarget) -> list[str]:
    schemes = ["Bearer", "Basic"] if target.chosen["O09"] == "both" else ["Bearer"]
    return [f'{scheme} realm="Service"' for scheme in schemes]


@pytest.mark.quirk("O01")
def test_basic_credentials_reach_their_company(target: KountaTarget) -> None:
    """Client id and secret are enough to read and to write."""
    headers = {"Authorization": target.application.basic}
    expect_parts(target.get(target.company, headers=headers).json(), {"id": target.company_id})
    expect_status(target.ask("POST", target.customers, json=new_customer(), headers=headers), 201)


@pytest.mark.quirk("O01")
@pytest.mark.parametrize("path", ["", "/customers", "/customers/1"])
def test_basic_credentials_reach_no_other_company(target: KountaTarget, path: str) -> None:
    """A request for another company is refused and shows nothing of it."""
    answer = target.get(f"/v1/companies/{target.other_company_id}{path}")
    expect_client_error(answer)


@pytest.mark.quirk("O01")
def test_the_scheme_may_be_in_any_case(target: KountaTarget) -> None:
    """`basic` is accepted as well as `Basic`."""
    credentials = target.application.basic.removeprefix("Basic ")
    answer = target.get(target.company, headers={"Authorization": f"basic {credentials}"})
    expect_status(answer, 200)


@pytest.mark.quirk("O02")
@pytest.mark.parametrize("scheme", ["Bearer", "OAuth", "bearer"])
def test_a_token_reaches_its_company(target: KountaTarget, scheme: str) -> None:
    """An access token is enough to read and to write, under either scheme."""
    headers = {"Authorization": f"{scheme} {target.access_token()}"}
    expect_parts(target.get("/v1/companies/me", headers=headers).json(), {"id": target.company_id})
    expect_status(target.ask("POST", target.customers, json=new_customer(), headers=headers), 201)


@pytest.mark.quirk("O02")
def test_a_token_reaches_no_other_company(target: KountaTarget) -> None:
    """A request for another company is refused and shows nothing of it."""
    headers = {"Authorization": f"Bearer {target.access_token()}"}
    answer = target.get(f"/v1/companies/{target.other_company_id}/customers", headers=headers)
    expect_client_error(answer)


@pytest.mark.quirk("A16")
@pytest.mark.parametrize("path", ["", ".json", "/customers", "/customers/1"])
def test_another_company_is_forbidden(target: KountaTarget, path: str) -> None:
    """A request for another company is 403, or 404 if that is expected."""
    answer = target.get(f"/v1/companies/{target.other_company_id}{path}")
    expect_status(answer, int(target.chosen["A16"]))


@pytest.mark.quirk("A16")
def test_a_company_that_is_not_there_is_forbidden_too(target: KountaTarget) -> None:
    """The status does not tell which companies exist."""
    if target.kind == "live":
        target.not_provable("any company id may be there")
    for company in ("1", "0", "9223372036854775807"):
        expect_status(target.get(f"/v1/companies/{company}/customers"), int(target.chosen["A16"]))


@pytest.mark.quirk("O07")
def test_an_expired_token_says_so(target: KountaTarget) -> None:
    """After its hour a token is 401; body and challenge have the text that clients look for."""
    headers = {"Authorization": f"Bearer {target.access_token()}"}
    target.let_time_pass(seconds=3601)
    answer = target.get(target.company, headers=headers)
    expect_status(answer, 401)
    expect(
        answer.json(),
        {
            "error": target.chosen["O07"],
            "error_description": "The access token provided has expired",
        },
    )
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith('Bearer realm="Service"')
    assert f'error="{target.chosen["O07"]}"' in challenge
    assert 'error_description="The access token provided has expired"' in challenge


@pytest.mark.quirk("O07")
def test_a_token_is_good_for_its_hour(target: KountaTarget) -> None:
    """A token is accepted before its hour is over."""
    headers = {"Authorization": f"Bearer {target.access_token()}"}
    target.let_time_pass(seconds=3590)
    expect_status(target.get(target.company, headers=headers), 200)


@pytest.mark.quirk("O08")
@pytest.mark.parametrize("token", ["0" * 40, "x", "a b", "fake", "\u00e9"])
@pytest.mark.parametrize("scheme", ["Bearer", "OAuth"])
def test_an_unknown_token_says_so(target: KountaTarget, scheme: str, token: str) -> None:
    """An unknown token is 401 `invalid_token` with a text of its own."""
    answer = target.get(target.company, headers={"Authorization": f"{scheme} {token}"})
    expect_status(answer, 401)
    expect(
        answer.json(),
        {
            "error": "invalid_token",
            "error_description": "The access token provided is invalid",
        },
    )


@pytest.mark.quirk("O09")
@pytest.mark.parametrize("path", ["/v1/companies/me", "/v1/companies/me/customers.json", "/v1/companies/1"])
def test_no_credentials_are_challenged(target: KountaTarget, path: str) -> None:
    """A request without credentials is 401, without body, with a Bearer challenge (and one for Basic, if expected)."""
    answer = target.get(path, headers={"Authorization": None})
    expect_status(answer, 401)
    expect(answer.content, b"", "body")
    assert challenges(answer) == expected_challenges(target)


@pytest.mark.quirk("O09")
def test_no_credentials_change_nothing(target: KountaTarget) -> None:
    """A POST without credentials is the same 401 and creates no customer."""
    fields = new_customer()
    answer = target.ask("POST", target.customers, json=fields, headers={"Authorization": None})
    expect_status(answer, 401)
    expect(answer.content, b"", "body")
    expect_status(target.find(email=fields["email"]), 404)


@pytest.mark.quirk("O09")
@pytest.mark.parametrize("header", ["Digest username=x", "invalid expired", "x"])
def test_credentials_of_another_scheme_are_none(target: KountaTarget, header: str) -> None:
    """A scheme other than Basic and Bearer is the same 401 as no credentials."""
    answer = target.get(target.company, headers={"Authorization": header})
    expect_status(answer, 401)
    expect(answer.content, b"", "body")
    assert challenges(answer) == expected_challenges(target)


@pytest.mark.quirk("O11")
@pytest.mark.parametrize("fault", ["secret", "id", "both", "empty", "swapped"])
def test_unknown_basic_credentials_are_challenged(target: KountaTarget, fault: str) -> None:
    """Unknown Basic credentials are 401 `unauthorized` with a Basic challenge."""
    own = target.application
    credentials = {
        "secret": (own.client_id, own.client_secret + "x"),
        "id": (own.client_id + "x", own.client_secret),
        "both": ("somebody", "else"),
        "empty": ("", ""),
        "swapped": (own.client_secret, own.client_id),
    }[fault]
    answer = target.get(target.company, headers={"Authorization": basic(*credentials)})
    expect_status(answer, 401)
    expect_form(answer.headers["WWW-Authenticate"], "Basic .*", "header WWW-Authenticate")


@pytest.mark.quirk("O11")
@pytest.mark.parametrize(
    "header",
    ["Basic", "Basic !", "Basic bm8gY29sb24=", "Basic gICA", "Basic YTpi YTpi", "Basic " + "=" * 5000],
    ids=["nothing", "no Base64", "no colon", "no UTF-8", "twice", "padding"],
)
def test_broken_basic_credentials_are_challenged(target: KountaTarget, header: str) -> None:
    """Credentials that are not base64 of id:secret are the same 401."""
    answer = target.get(target.company, headers={"Authorization": header})
    expect_status(answer, 401)
    expect_form(answer.headers["WWW-Authenticate"], "Basic .*", "header WWW-Authenticate")


@pytest.mark.quirk("O11")
@pytest.mark.parametrize("second", ["the same", "a token"])
def test_credentials_that_are_sent_twice_are_none(target: KountaTarget, second: str) -> None:
    """Two Authorization headers, the first with Basic, are 401, though each alone is valid."""
    good = target.application.basic
    other = {"the same": good, "a token": f"Bearer {target.access_token()}"}[second]
    expect_status(target.get(target.company, headers={"Authorization": other}), 200)
    answer = target.get_with_headers(target.company, [("Authorization", good), ("Authorization", other)])
    expect_status(answer, 401)
    expect_form(answer.headers["WWW-Authenticate"], "Basic .*", "header WWW-Authenticate")
