"""What README and docs say is executed and compared."""

from __future__ import annotations

import doctest
import re
import shutil
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from fakekounta import FakeKounta

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of a page in one language."""
    return [text for name, text in _BLOCK.findall(page.read_text(encoding="utf-8")) if name == language]


def sessions(page: Path) -> list[list[tuple[str, str]]]:
    """The curl sessions of a page, each as pairs of a command and the output it is shown with."""
    found = []
    for block in blocks(page, "console"):
        parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
        pairs = [(command, output) for command, _, output in (part.partition("\n") for part in parts)]
        if pairs and pairs[0][0].startswith("curl "):
            found.append(pairs)
    return found


@pytest.mark.parametrize("page", [page for page in PAGES if sessions(page)], ids=lambda page: page.name)
def test_curl_sessions_answer_what_the_page_shows(page: Path) -> None:
    """Each curl command of a session, pasted into a shell, prints what stands under it ("..." is anything)."""
    assert shutil.which("curl"), "curl is needed: `.ci/run` installs it"
    for session in sessions(page):
        with FakeKounta() as kounta:
            for command, shown in session:
                asked = command.replace("127.0.0.1:8080", f"127.0.0.1:{kounta.port}")
                got = subprocess.run(["sh", "-c", asked], capture_output=True, text=True, timeout=30, check=True).stdout
                assert_shown(shown, got.replace(f":{kounta.port}", ":8080").replace("\r\n", "\n"), command)


def assert_shown(shown: str, got: str, command: str) -> None:
    """The output is the one shown, where "..." stands for anything."""
    got = got if got.endswith("\n") else got + "\n"
    same = doctest.OutputChecker().check_output(shown, got, doctest.ELLIPSIS)
    assert same, f"$ {command}\nis shown with\n{shown}\nbut printed\n{got}"


def test_there_are_curl_sessions() -> None:
    """README and the page on the control surface have a session each, so that the test above tests something."""
    counts = {page.name: len(sessions(page)) for page in PAGES if sessions(page)}
    assert counts == {"README.md": 1, "control.md": 1}


def test_pytest_examples_pass_in_a_project_of_their_own(pytester: pytest.Pytester) -> None:
    """The README's pytest examples, saved as test files, pass with nothing but the package installed."""
    examples = [text for text in blocks(ROOT / "README.md", "python") if "def test_" in text]
    assert len(examples) == 3
    for number, text in enumerate(examples):
        pytester.makepyfile(**{f"test_example_{number}": text})
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=3)


def test_commands_of_the_package_exist() -> None:
    """Each `fakekounta` command that a page shows with flags is understood."""
    help_text = subprocess.run(
        [sys.executable, "-m", "fakekounta", "serve", "--help"], capture_output=True, text=True, timeout=30, check=True
    ).stdout
    for page in PAGES:
        for flag in set(re.findall(r"(?<![\w-])--(?!fakekounta|kounta)[a-z][a-z-]+", page.read_text(encoding="utf-8"))):
            assert flag in help_text or flag in ("--format", "--assumptions", "--help"), f"{page.name}: {flag}"


def test_make_targets_exist() -> None:
    """Each `make` target that a page names is in the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        named = set(re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE))
        assert named <= targets, f"{page.name}: {named - targets}"


def test_links_lead_somewhere() -> None:
    """Each relative link of a page leads to a file, each anchor to a heading of that page."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        headings = {
            re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        }
        for link in re.findall(r"\]\(([^)]+)\)", text):
            if link.startswith("#"):
                assert link[1:] in headings, f"{page.name}: {link}"
            elif not link.startswith("https://"):
                assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_generated_tables_are_current() -> None:
    """The tables in the docs are those that `make docs` would write."""
    writer = load_writer()
    for path, (name, table) in writer.PLACES.items():
        text = path.read_text(encoding="utf-8")
        assert writer.with_table(text, name, table()) == text, f"{path.name} is out of date: run `make docs`"


def load_writer() -> ModuleType:
    """The script that writes the tables."""
    spec = spec_from_file_location("write_tables", ROOT / "docs" / "write_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
