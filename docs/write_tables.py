"""Write the generated tables into the docs: `make docs`."""

from __future__ import annotations

import sys
from pathlib import Path

from fakekounta.catalogue.tables import assumption_table, quirk_table

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "docs"))
from settings_page import settings_table, texts_table  # noqa: E402 - a script beside this one
from typed_keywords import keywords  # noqa: E402 - see above


def deviations() -> str:
    """The servers that `make test-verify` bends, and what is found."""
    sys.path.insert(0, str(ROOT))
    try:
        from tests.deviants import deviation_table  # noqa: PLC0415 - tests are no package that is installed
    finally:
        sys.path.remove(str(ROOT))
    return deviation_table()


def webhook_table() -> str:
    """The quirks that are about webhooks."""
    head, rule, *rows = quirk_table().splitlines(keepends=True)
    return "".join((head, rule, *(row for row in rows if row.startswith("| W"))))


PLACES = (
    (ROOT / "README.md", "quirks", quirk_table),
    (ROOT / "docs" / "assumptions.md", "assumptions", assumption_table),
    (ROOT / "docs" / "webhooks.md", "quirks", webhook_table),
    (ROOT / "docs" / "verify.md", "deviations", deviations),
    (ROOT / "docs" / "settings.md", "settings", settings_table),
    (ROOT / "docs" / "settings.md", "texts", texts_table),
)
"""Pages with the names of their generated parts, and what makes these."""
FILES = ((ROOT / "fakekounta" / "settings" / "keywords.py", keywords),)
"""Files that are generated whole."""


def with_table(text: str, name: str, table: str) -> str:
    """The text with the table between the two comments that name it."""
    before, start, rest = text.partition(f"<!-- {name}: generated")
    comment, end_of_comment, rest = rest.partition("-->\n")
    _, end, after = rest.partition(f"<!-- end of {name} -->")
    if not (start and end_of_comment and end):
        raise ValueError(f"the comments around the table of {name} are missing")
    return f"{before}{start}{comment}{end_of_comment}\n{table}\n{end}{after}"


def main() -> None:
    """Write each table; says which file it changed."""
    for path, name, table in PLACES:
        old = path.read_text(encoding="utf-8")
        new = with_table(old, name, table())
        if new != old:
            write(path, new)
    for path, make in FILES:
        if not path.exists() or path.read_text(encoding="utf-8") != make():
            write(path, make())


def write(path: Path, text: str) -> None:
    """Write a file, and say so."""
    path.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{path.name} written anew\n")


if __name__ == "__main__":
    main()
