"""Tests of the page on faults: its examples are executed and compared."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest
import requests

from fakekounta import FakeKounta
from fakekounta.core.fault_fields import read_fault
from fakekounta.schemas.journal import journal_text
from tests.commands import serving, url_in
from tests.pages import ROOT, assert_shown, blocks, modules

PAGE = ROOT / "docs" / "faults.md"


def test_the_examples_pass_in_a_project_of_their_own(pytester: pytest.Pytester) -> None:
    """The page's files, saved in one folder, pass; every Python block is in one of them."""
    files = modules(PAGE)
    assert list(files) == ["shop", "test_shop", "test_ready_made"]
    assert len(files) == len(blocks(PAGE, "python"))
    pytester.makepyfile(**files)
    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=13)


def test_the_journal_is_the_one_shown() -> None:
    """The journal after a lost response is that of the page."""
    with FakeKounta() as kounta:
        kounta.faults.lose_answer("POST", "/customers")
        body = {"first_name": "Jamie", "email": "jamie@example.com"}
        with pytest.raises(requests.ConnectionError):
            requests.post(f"{kounta.url}/v1/companies/me/customers.json", json=body, auth=kounta.auth)
        got = journal_text(kounta.requests).replace(f":{kounta.port}/", ":54321/")
    (shown,) = blocks(PAGE, "text")
    assert_shown(shown, got, "the journal")


def test_the_config_file_is_taken(tmp_path: Path) -> None:
    """A server with the page's config file has its rules."""
    (shown,) = blocks(PAGE, "toml")
    (tmp_path / "fake.toml").write_text(shown, encoding="utf-8")
    ask = build_opener(ProxyHandler({})).open
    with (
        serving("--config", str(tmp_path / "fake.toml"), "--port", "0") as (_, line),
        ask(f"{url_in(line)}/_fakekounta/faults", timeout=20) as answer,
    ):
        rules = json.load(answer)
    assert [(rule.get("every"), rule.get("latency_seconds")) for rule in rules] == [(3, None), (None, [0.1, 0.5])]


def test_every_field_stands_on_the_page() -> None:
    """Each field is in the tables as it is written."""
    with pytest.raises(ValueError, match="unknown") as refused:
        read_fault({"?": 1})
    fields = str(refused.value).partition("known are ")[2].split(", ")
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in fields if f"`{name}`" not in text] == []


def test_curl_tells_of_a_lost_answer_as_shown() -> None:
    """Exit code 52 is curl's for an empty reply."""
    with FakeKounta(faults=[{"connection": "close"}]) as kounta:
        done = subprocess.run(["curl", "-s", kounta.url], capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (52, b"")
