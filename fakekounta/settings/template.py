"""The file that `fakekounta init` writes: every setting of a file, commented out, at its default."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, is_dataclass
from typing import Any

from fakekounta.settings.readers import READERS
from fakekounta.settings.table import FILE, Setting, settings_of

FILE_NAME = "fakekounta.toml"

_HEAD = f"""\
# Settings for `fakekounta serve --config {FILE_NAME}`, each at its default. Remove the "# " before one to change it.
# A flag such as --page-size, and a variable such as FAKEKOUNTA_PAGE_SIZE, override what is here.
# A relative path begins at the folder of this file.
"""


def template() -> str:
    """Return the text of the file."""
    return "\n".join([_HEAD, *("\n".join(_lines(setting)) + "\n" for setting in settings_of(FILE))])


def _lines(setting: Setting) -> Iterator[str]:
    yield f"# {setting.help}"
    for alias in setting.aliases:
        if setting.kind.is_many and not alias.part:
            yield f"# As text: {alias.name} = {json.dumps(setting.kind.form)}"
    yield f"# {setting.name} = {_toml(default_of(setting))}"


def default_of(setting: Setting) -> Any:
    """Return the default of `fakekounta serve` as a value of TOML, in full. An empty text is None."""
    if setting.serve_default is not None:
        return setting.serve_default
    full = READERS[setting.name](setting.name, setting.default)
    if is_dataclass(full) and not isinstance(full, type):
        return asdict(full)
    if full is None:
        return False if setting.kind.parse(setting.name, ["false"]) is False else ""
    return setting.default


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{key} = {_toml(item)}" for key, item in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value)
