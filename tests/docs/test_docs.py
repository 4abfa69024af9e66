"""Tests of the examples and sessions of README and docs: they are executed, and their output is compared."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest

from contracts.conftest import NOT_PROVABLE
from fakekounta import FakeKounta, Receiver
from fakekounta.catalogue.examples import proof_of
from fakekounta.catalogue.quirks import Quirk
from fakekounta.keep.kept import KeptKounta
from tests.pages import PAGES, ROOT, assert_shown, blocks, sessions

SETTINGS: dict[str, dict[str, Any]] = {"webhooks.md": {"webhook_mode": "collect"}}
"""What the server of a page's session is started with."""
KEPT = "keep.md"
"""The page whose server keeps its changes."""


@pytest.mark.parametrize("page", [page for page in PAGES if sessions(page)], ids=lambda page: page.name)
def test_curl_sessions_answer_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    """Each curl command of a session prints the output below it ("..." stands for anything).

    The fake is that of the page, on port 8080 there; on port 8081 there is one with a control token, on port 5000 a
    receiver of webhooks.
    """
    assert shutil.which("curl"), "curl is needed: `.ci/run` installs it"
    for session in sessions(page):
        guarded = FakeKounta(control_token="my-token")
        own = KeptKounta(tmp_path / "shop.db") if page.name == KEPT else FakeKounta(**SETTINGS.get(page.name, {}))
        with own as kounta, guarded, Receiver() as receiver:
            urls = {"127.0.0.1:8080": kounta.url, "127.0.0.1:8081": guarded.url, "127.0.0.1:5000": receiver.url}
            ports = {shown: urlsplit(url).netloc for shown, url in urls.items()}
            for command, shown in session:
                got = run(translated(command, ports))
                back = translated(got, {there: here for here, there in ports.items()})
                assert_shown(shown, back.replace("\r\n", "\n"), command)


def translated(text: str, names: dict[str, str]) -> str:
    """Return the text with each name replaced by the other one."""
    for name, other in names.items():
        text = text.replace(name, other)
    return text


def run(command: str) -> str:
    """Return the output of a command."""
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=30, check=True).stdout


def test_there_are_curl_sessions() -> None:
    """README and the pages on the control surface and on webhooks have sessions, which are tested above."""
    counts = {page.name: len(sessions(page)) for page in PAGES if sessions(page)}
    assert counts == {
        "README.md": 1,
        "control.md": 6,
        "faults.md": 1,
        "keep.md": 1,
        "languages.md": 1,
        "namespaces.md": 1,
        "webhooks.md": 1,
    }


@pytest.mark.usefixtures("hypothesis_plugin")
@pytest.mark.parametrize("page, count", [("README.md", 1), ("docs/pytest.md", 4)])
def test_pytest_examples_pass_in_a_project_of_their_own(pytester: pytest.Pytester, page: str, count: int) -> None:
    """The pytest examples of a page, saved as test files, pass with nothing but the package installed."""
    examples = [text for text in blocks(ROOT / page, "python") if "def test_" in text]
    assert len(examples) == count
    for number, text in enumerate(examples):
        pytester.makepyfile(**{f"test_example_{number}": text})
    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=count)


def test_the_readme_is_two_screens_and_reads_on_an_index() -> None:
    """It has at most 9,000 bytes, one picture, and only absolute links; each to a page of ours leads to its file."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert len(text.encode()) <= 9_000
    assert text.count("![") == 1
    assert [link for link in links if not link.startswith("https://")] == []
    pages = [re.split("/(?:blob|raw)/main/", link)[-1].partition("#")[::2] for link in links]
    assert [path for path, _ in pages if not (ROOT / path).exists()] == []
    assert [(path, anchor) for path, anchor in pages if anchor and anchor not in anchors(ROOT / path)] == []


def test_commands_of_the_package_exist() -> None:
    """Each `fakekounta` command with flags on a page is valid."""
    help_text = "".join(
        run(f"{sys.executable} -m fakekounta {command} --help")
        for command in ("serve", "run", "verify", "health", "trigger", "state export")
    )
    ours = ("--format", "--assumptions", "--help", "--order")
    of_others = (
        *("--allow-hosts", "--cacert", "--disable-socket", "--from", "--json", "--module", "--parallel", "--rm"),
        *("--runpytest", "--spec"),
    )
    for page in PAGES:
        for flag in set(re.findall(r"(?<![\w-])--(?!fakekounta|kounta)[a-z][a-z-]+", page.read_text(encoding="utf-8"))):
            assert flag in help_text or flag in (*ours, *of_others), f"{page.name}: {flag}"


def test_make_targets_exist() -> None:
    """Each `make` target that a page names is in the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        named = set(re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE))
        assert named <= targets, f"{page.name}: {named - targets}"


def test_links_lead_somewhere() -> None:
    """Each relative link of a page leads to a file, each anchor to a heading of that file."""
    for page in PAGES:
        for link in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            if not link.startswith("https://"):
                path, _, anchor = link.partition("#")
                target = page.parent / path if path else page
                assert target.exists(), f"{page.name}: {link}"
                assert not anchor or anchor in anchors(target), f"{page.name}: {link}"


def anchors(page: Path) -> set[str]:
    """Return the texts by which a link can name a heading of the page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_generated_tables_are_current() -> None:
    """The tables in the docs are those that `make docs` writes."""
    writer = load_writer()
    for path, name, table in writer.PLACES:
        text = path.read_text(encoding="utf-8")
        assert writer.with_table(text, name, table()) == text, f"{path.name} is out of date: run `make docs`"
    for path, made in ((writer.KEYWORDS, writer.keywords()), (writer.OPTIONS, writer.setting_options())):
        assert path.read_text(encoding="utf-8") == made, f"{path.name} is out of date: run `make docs`"


def test_generated_examples_name_the_tests_of_today() -> None:
    """Each quirk has an example and its tests, or the reason why it has none; CI records the examples anew."""
    proofs = load_writer().proofs()
    for quirk in Quirk:
        proof = proof_of(quirk)
        assert [*proof.tests] == proofs.get(quirk.id, []), f"{quirk.id} is out of date: run `make docs`"
        assert (proof.example is None) == (not proof.tests) == (proof.not_proven is not None)
        assert proof.example is None or proof.example["test"] in proof.tests
        assert proof.not_proven == NOT_PROVABLE.get(quirk.id)


def load_writer() -> ModuleType:
    """Return the script that writes the tables."""
    spec = spec_from_file_location("write_tables", ROOT / "docs" / "write_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
