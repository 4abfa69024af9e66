"""Write the generated tables of the docs, and the generated modules of the package: `make docs`."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fakekounta.catalogue.tables import assumption_table, markdown_table, quirk_table
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.collection import Collection
from fakekounta.core.customers import CUSTOMER
from fakekounta.core.fields import Field

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "docs"))
from control_page import control_calls  # noqa: E402 - a script beside this one
from draw_charts import of_this_machine  # noqa: E402 - see above
from quirks_page import proofs, quirk_sections  # noqa: E402 - see above
from record_examples import examples  # noqa: E402 - see above
from settings_page import setting_options, settings_table, texts_table  # noqa: E402 - see above
from typed_keywords import handles, keywords  # noqa: E402 - see above

sys.path.insert(0, str(ROOT))  # tests are no package that is installed


def quirks() -> str:
    """Return a section for each quirk."""
    from contracts.conftest import NOT_PROVABLE  # noqa: PLC0415 - see above

    return quirk_sections(NOT_PROVABLE)


def quirk_examples() -> str:
    """Return the tests and an example of each quirk."""
    from contracts.conftest import NOT_PROVABLE  # noqa: PLC0415 - see above

    return examples(proofs(), NOT_PROVABLE)


def deviations() -> str:
    """Return the deviating servers that `make test-verify` tries, and what is found."""
    from tests.deviants import deviation_table  # noqa: PLC0415 - see above

    return deviation_table()


def bugs_of_orders() -> str:
    """Return the bugs that the machine of orders finds."""
    from tests.planted_orders import ORDER_BUGS  # noqa: PLC0415 - see above

    return markdown_table(("quirk", "bug"), [(bug.quirk, bug.what) for bug in ORDER_BUGS])


def recorded() -> str:
    """Return the module with the quirks that operations cover in a recorded run."""
    from tests.openapi import drive  # noqa: PLC0415 - see above

    logging.disable(logging.WARNING)  # what the fake does not model is part of the run
    return drive.recorded_module(drive.recorded())


def webhook_table() -> str:
    """The quirks that are about webhooks."""
    head, rule, *rows = quirk_table().splitlines(keepends=True)
    return "".join((head, rule, *(row for row in rows if row.startswith("| W"))))


def field_table() -> str:
    """Return the fields of a customer as a table, from their declarations."""
    return markdown_table(("field", "value", "POST, PUT", "list item"), map(_field_row, CUSTOMER.own))


def _field_row(field: Field) -> tuple[str, str, str, str]:
    keys = ", ".join(f"`{key}`" for key in (field.key, field.also) if key)
    value = field.kind.reason.removeprefix("must be ") + (", or null" if field.nullable else "")
    return keys, value, "yes" if field.settable else "", f"`{field.in_list}`" if field.in_list else ""


def collection_table() -> str:
    """Return the collections with the fields of their records, as the control surface and seeds have them."""
    return markdown_table(("collection", "fields of a record"), map(_collection_row, COLLECTIONS.values()))


def _collection_row(collection: Collection[Any]) -> tuple[str, str]:
    names = (f"**`{one.name}`**" if _is_needed(one) else f"`{one.name}`" for one in collection.resource.own)
    return f"`{collection.plural}`", " ".join(names)


def _is_needed(field: Field) -> bool:
    return field.required and field.name != "id"


RECORDED = ROOT / "fakekounta" / "openapi" / "recorded.py"
PLACES = (
    (ROOT / "docs" / "quirks.md", "quirks", quirks),
    (ROOT / "docs" / "control-api.md", "calls", control_calls),
    (ROOT / "docs" / "how-fast.md", "machine", of_this_machine),
    (ROOT / "docs" / "assumptions.md", "assumptions", assumption_table),
    (ROOT / "docs" / "webhooks.md", "quirks", webhook_table),
    (ROOT / "docs" / "control.md", "fields", field_table),
    (ROOT / "docs" / "control.md", "collections", collection_table),
    (ROOT / "docs" / "verify.md", "deviations", deviations),
    (ROOT / "docs" / "state-machine.md", "planted bugs of orders", bugs_of_orders),
    (ROOT / "docs" / "settings.md", "settings", settings_table),
    (ROOT / "docs" / "settings.md", "texts", texts_table),
)
"""Pages with the names of their generated parts, and what makes these."""
KEYWORDS = ROOT / "fakekounta" / "settings" / "keywords.py"
HANDLES = ROOT / "fakekounta" / "worlds" / "handles" / "typed_collections.py"
EXAMPLES = ROOT / "fakekounta" / "catalogue" / "examples.json"
OPTIONS = ROOT / "fakekounta" / "pytest_plugin" / "setting_options.py"


def with_table(text: str, name: str, table: str) -> str:
    """The text with the table between the two comments that name it."""
    before, start, rest = text.partition(f"<!-- {name}: generated")
    comment, end_of_comment, rest = rest.partition("-->\n")
    _, end, after = rest.partition(f"<!-- end of {name} -->")
    if not (start and end_of_comment and end):
        raise ValueError(f"the comments around the table of {name} are missing")
    return f"{before}{start}{comment}{end_of_comment}\n{table}\n{end}{after}"


def generated() -> Iterator[tuple[Path, str]]:
    """Yield each file with its text as it should be."""
    for path in dict.fromkeys(path for path, _, _ in PLACES):
        text = path.read_text(encoding="utf-8")
        for other, name, table in PLACES:
            text = with_table(text, name, table()) if other == path else text
        yield path, text
    yield RECORDED, recorded()
    yield KEYWORDS, keywords()
    yield HANDLES, handles()
    yield OPTIONS, setting_options()
    yield EXAMPLES, quirk_examples()


def main() -> None:
    """Write each file that is not as it should be, and say so; with `--check`, only say so and exit with 1."""
    changed = [(path, text) for path, text in generated() if path.read_text(encoding="utf-8") != text]
    is_check = "--check" in sys.argv
    for path, text in changed:
        if not is_check:
            path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.name} {'is out of date: run `make docs`' if is_check else 'written anew'}\n")
    sys.exit(1 if changed and is_check else 0)


if __name__ == "__main__":
    main()
