"""Tests of the sources of the site; `make site` builds it, with warnings as errors."""

from __future__ import annotations

import re

from fakekounta import FakeKounta, Quirk
from tests.pages import ROOT

DOCS = ROOT / "docs"
_TOCTREE = re.compile(r"^```\{toctree\}\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_page_has_its_place() -> None:
    """The index lists each page of docs/ once, in one of its parts."""
    parts = _TOCTREE.findall((DOCS / "index.md").read_text(encoding="utf-8"))
    listed = [line for part in parts for line in part.splitlines() if line and not line.startswith(":")]
    assert sorted(listed) == sorted(page.stem for page in DOCS.glob("*.md") if page.name != "index.md")


def test_every_quirk_has_an_anchor_and_its_tests() -> None:
    """Each id is a heading, with a link to a test or the reason why there is none."""
    sections = re.split(r"^### ", (DOCS / "quirks.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert {section.partition("\n")[0] for section in sections} == {quirk.id for quirk in Quirk}
    assert [
        text for text in sections if "](../contracts/test_" not in text and "not proven by HTTP: " not in text
    ] == []


def test_every_call_and_schema_of_the_control_surface_has_a_section() -> None:
    """No two headings are equal, so that each link to a schema works."""
    headings = re.findall(r"^#+ (.*)$", (DOCS / "control-api.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len({heading.lower() for heading in headings}) == len(headings)
    document = FakeKounta().openapi(control=True)
    calls = {
        f"`{method.upper()} {path}`"
        for path, item in document["paths"].items()
        for method in item.keys() - {"parameters"}
    }
    assert calls | set(document["components"]["schemas"]) <= set(headings)
