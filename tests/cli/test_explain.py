"""Tests of `fakekounta explain`: all that is known about a quirk."""

from __future__ import annotations

import json

import pytest

from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.catalogue.quirks import Quirk
from tests.commands import run_here


def test_it_tells_all_that_is_known() -> None:
    """Statement, basis, source, tests and an example exchange, whose status stands where it belongs."""
    done = run_here("explain", "c04")
    quirk = Quirk.by_id("C04")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"C04  {quirk.statement}\n\n  basis    {quirk.basis.name}: {quirk.source}\n")
    assert "  tests    contracts/test_customers_lookup.py::test_an_email_leads_to_its_customer\n" in done.stdout
    assert "\n    > GET /v1/companies/5678/customers?email=" in done.stdout
    assert "\n    < 302\n    < Location: http://127.0.0.1:8080/v1/companies/5678/customers/389427\n" in done.stdout
    assert "choices" not in done.stdout


def test_the_choices_are_listed_with_the_default() -> None:
    """An assumption is explained with each alternative and how to choose it."""
    done = run_here("explain", "A10")
    assert "  choices  --assume A10=NAME, one of:\n           oldest (the default): the lowest id\n" in done.stdout
    assert "           newest: the highest id\n" in done.stdout


def test_a_delivery_is_an_example_too() -> None:
    """A quirk of deliveries shows the request that a receiver gets."""
    text = run_here("explain", "W11").stdout
    assert "\n    > POST http://127.0.0.1:8080/" in text
    assert "\n    > X-Kounta-Signature: " in text


def test_what_no_test_proves_has_the_reason() -> None:
    """A quirk that no test proves is explained with the reason instead of tests and example."""
    assert "  tests    none: about the process of a test, not about a server\n" in run_here("explain", "K09").stdout


def test_several_are_explained_once_in_their_order() -> None:
    """A repeated id is explained once."""
    lines = run_here("explain", "W11", "C04", "w11", "W11").stdout.splitlines()
    assert [line[:3] for line in lines if line[:1] in "WC" and line] == ["W11", "C04"]


def test_every_quirk_has_an_explanation() -> None:
    """Every quirk is explained as JSON, with the same keys."""
    done = run_here("explain", "--format", "json", *(quirk.id for quirk in Quirk))
    known = json.loads(done.stdout)
    assert [one["id"] for one in known] == [quirk.id for quirk in Quirk]
    assert {tuple(one) for one in known} == {tuple(known[0])}
    assert {one["id"]: one["choices"] for one in known if one["choices"]} == {
        quirk.id: dict(names) for quirk, names in CHOICES.items()
    }
    assert all(one["default"] in one["choices"] for one in known if one["choices"])
    assert all(bool(one["tests"]) != bool(one["not_proven"]) for one in known)


@pytest.mark.parametrize(
    "arguments, line",
    [
        (["C4"], "C4: is no id of the catalogue, which `fakekounta quirks` prints; did you mean C04?"),
        (["C04", "A77"], "A77: is no id of the catalogue, which `fakekounta quirks` prints; did you mean A17?"),
        (["zzz"], "zzz: is no id of the catalogue, which `fakekounta quirks` prints"),
        ([], "ID...: is required; `fakekounta explain --help` lists what there is"),
    ],
)
def test_a_wrong_id_names_the_nearest(arguments: list[str], line: str) -> None:
    """Exit code 2 and one line, and nothing of the others is printed."""
    done = run_here("explain", *arguments, prog_name="fakekounta")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"fakekounta: {line}\n")
