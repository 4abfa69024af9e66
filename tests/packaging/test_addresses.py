"""Tests of the project's address: one variable of pyproject.toml, which each link to the project follows."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.packaging.project import REPOSITORY, URLS
from tests.pages import PAGES, ROOT, blocks

TEXTS = sorted(
    {
        *PAGES,
        *ROOT.glob("*.md"),
        *(path for path in (ROOT / ".github").rglob("*") if path.is_file()),
        *(path for path in (ROOT / "docs").rglob("*") if path.suffix in {".md", ".py", ".rst", ".html", ".txt"}),
        *(path for path in ROOT.iterdir() if path.suffix in {".toml", ".yaml"} or path.name == "Dockerfile"),
    }
)
_FILE = re.compile(r"/(?:blob|tree|raw)/main/([^#?]+)")
_PLACES = ("", "/issues", "/releases", "/security", "/security/advisories/new", "/discussions")
_LINK = re.compile(r"https?://[^\s\"'`<>)\]]+")


def links(text: str) -> list[str]:
    """Return the absolute links of a text to this project, at any address; OWNER is a placeholder."""
    found = (link.rstrip(".,;") for link in _LINK.findall(text))
    return [link for link in found if re.match(r"https?://[^/]*git[^/]*/(?!OWNER/)[^/]+/fakekounta\b", link)]


def leads_somewhere(link: str) -> bool:
    """Return whether a link begins with the address and leads to an existing page or file."""
    rest = link.removeprefix(REPOSITORY)
    file = _FILE.match(rest)
    return link.startswith(REPOSITORY) and (rest in _PLACES or (file is not None and (ROOT / file[1]).exists()))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_to_the_project_follow_its_address(path: Path) -> None:
    """Each begins with `Repository`, and leads to a page of a repository or to a file of ours."""
    assert [link for link in links(path.read_text(encoding="utf-8")) if not leads_somewhere(link)] == []


def test_the_address_is_found_in_texts() -> None:
    """The search finds the links, also one with another address."""
    text = f"[a]({REPOSITORY}/blob/main/README.md#x), [b](https://github.com/somebody/fakekounta), https://pytest.org."
    assert [leads_somewhere(link) for link in links(text)] == [True, False]
    assert not leads_somewhere(f"{REPOSITORY}/blob/main/nothing.md")


def test_the_project_has_urls() -> None:
    """Address, docs, changelog and issue tracker are made from the one variable."""
    assert list(URLS) == ["Repository", "Documentation", "Changelog", "Issues"]
    assert [url for url in URLS.values() if not leads_somewhere(url)] == []


def test_the_release_checklist_changes_the_address_everywhere(tmp_path: Path) -> None:
    """The commands of the checklist replace the address in each file that has it."""
    (script,) = blocks(ROOT / "docs" / "releasing.md", "console")[:1]
    for name in ("pyproject.toml", "page with a space.md"):
        (tmp_path / name).write_text(f'Repository = "{REPOSITORY}"\nIssues = "{REPOSITORY}/issues"\n', encoding="utf-8")
    commands = re.sub(r"^\$ ", "", script, flags=re.MULTILINE)
    subprocess.run(["bash", "-ec", f"git init -q . && git add . && {commands}"], cwd=tmp_path, check=True)
    for path in tmp_path.iterdir():
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert (REPOSITORY in text, text.count("https://github.com/OWNER/fakekounta")) == (False, 2)
