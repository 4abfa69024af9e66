"""Print the notes of a release, from the changelog; or what is missing before it can be one, and exit with 1.

`python .ci/check_release.py v0.2.0`
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def sections(changelog: str) -> dict[str, str]:
    """Return the text of each section by its heading, "Unreleased" or "0.2.0 - 2026-11-28"."""
    headings = re.split(r"^## (.+)$", changelog, flags=re.MULTILINE)[1:]
    return {heading: text.strip() for heading, text in zip(headings[::2], headings[1::2], strict=True)}


def complaints(tag: str, version: str, address: str, changelog: str) -> list[str]:
    found = []
    if tag != f"v{version}":
        found.append(f"the tag is {tag}, the version of the package {version}")
    if re.match(r"https?://[^/]*\.example(/|$)", address):
        found.append(f"Repository in pyproject.toml is not a public address: {address}; see docs/releasing.md")
    if not notes(version, changelog):
        found.append(f"CHANGELOG.md has no section '## {version} - YEAR-MONTH-DAY'")
    if sections(changelog).get("Unreleased"):
        found.append(f"CHANGELOG.md has changes below Unreleased that belong to {version}")
    return found


def notes(version: str, changelog: str) -> str:
    wanted = re.compile(rf"{re.escape(version)} - \d{{4}}-\d\d-\d\d")
    return "".join(text for heading, text in sections(changelog).items() if wanted.fullmatch(heading))


def value_in(name: str, pattern: str) -> str:
    found = re.search(pattern, (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else ""


def main() -> None:
    version = value_in("fakekounta/__init__.py", r'^__version__ = "(.+)"$')
    address = value_in("pyproject.toml", r'^Repository = "(.+)"$')
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    found = complaints(sys.argv[1], version, address, changelog)
    sys.exit("\n".join(found)) if found else print(notes(version, changelog))


if __name__ == "__main__":
    main()
