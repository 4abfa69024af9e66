"""Tests of a fake on another server reached by https: which certificates are trusted, by which clients."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from fakekounta import FakeKounta
from fakekounta.wire.certificates.authority import own_authority

CUSTOMERS = "https://api.kounta.com/v1/companies/me/customers.json"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with FakeKounta(tls=True) as kounta:
        yield kounta.tls_url


@pytest.fixture
def ca_file(tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    path.write_text(own_authority().pem)
    return path


def test_a_server_with_our_certificate_is_used_by_https(url: str, ca_file: Path) -> None:
    """The object, each of its clients, and interception use it."""
    with FakeKounta.connect(url, ca_file=ca_file) as remote, remote.fresh() as kounta:
        kounta.customers.add(first_name="Jamie", email="jamie@example.com")
        expected = [kounta.customers.all()[0].id]
        assert kounta.url.startswith("https://")
        with kounta.requests_session() as session, kounta.httpx_client() as client:
            for get in (session.get, client.get):
                for place in (CUSTOMERS, f"{kounta.url}/v1/companies/me/customers.json"):
                    assert [one["id"] for one in get(place, auth=kounta.auth).json()] == expected
        assert asyncio.run(_ids(kounta)) == expected
        with kounta.intercept():
            assert [one["id"] for one in requests.get(CUSTOMERS, auth=kounta.auth).json()] == expected


async def _ids(kounta: object) -> list[int]:
    async with kounta.httpx_async_client() as client:  # type: ignore[attr-defined] # either kind of fake
        return [one["id"] for one in (await client.get(CUSTOMERS, auth=kounta.auth)).json()]  # type: ignore[attr-defined]


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_what_other_programs_trust_is_trusted(
    url: str, ca_file: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """REQUESTS_CA_BUNDLE may be a folder, as in requests."""
    monkeypatch.setenv(variable, str(ca_file))
    with FakeKounta.connect(url) as kounta, kounta.requests_session() as session:
        assert session.get(CUSTOMERS, auth=kounta.auth).status_code == 200


def test_an_untrusted_certificate_is_reported(url: str, tmp_path: Path) -> None:
    """The error names the argument that helps."""
    with pytest.raises(ConnectionError, match=r"cannot be reached: .*certificate.*; ca_file trusts a certificate$"):
        FakeKounta.connect(url)
    with pytest.raises(ValueError, match=r"^ca_file: .*none\.pem cannot be read: No such file or directory$"):
        FakeKounta.connect(url, ca_file=tmp_path / "none.pem")
    with pytest.raises(ValueError, match=r"^ca_file: .* has no certificate in PEM$"):
        FakeKounta.connect(url, ca_file=__file__)


def test_pytest_takes_the_file(url: str, ca_file: Path, pytester: pytest.Pytester) -> None:
    """The file is given by option, ini key, or the variable that `fakekounta health` reads."""
    pytester.makepyfile(
        """
        def test_it(fakekounta):
            fakekounta.customers.add(first_name="Jamie", email="jamie@example.com")
            assert fakekounta.url.startswith("https://")
        """
    )
    options = ("--fakekounta-url", url)
    pytester.runpytest(*options, "--fakekounta-ca-file", str(ca_file)).assert_outcomes(passed=1)
    pytester.makeini(f"[pytest]\nfakekounta_ca_file = {ca_file}\n")
    pytester.runpytest(*options).assert_outcomes(passed=1)
    pytester.makeini("[pytest]\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FAKEKOUNTA_CA_FILE", str(ca_file))
        pytester.runpytest(*options).assert_outcomes(passed=1)
