"""What `make docs` writes from the table of settings: docs/settings.md, and the pytest options."""

from __future__ import annotations

from fakekounta.settings.table import (
    FILE,
    PYTEST,
    PYTHON,
    RUN,
    SETTINGS,
    SHELL,
    WORLD,
    Alias,
    Name,
    Setting,
    flag_of,
    names_of,
)

_LINE = 120
_WAYS = {
    PYTHON: "`FakeKounta`",
    WORLD: "`fresh`, marker",
    FILE: "file",
    SHELL: "flag, variable",
    RUN: "`run`",
    PYTEST: "pytest",
}


def settings_table() -> str:
    """Return the settings as a Markdown table."""
    head = "| setting | takes | default | where | does |\n|---|---|---|---|---|\n"
    return head + "".join(map(_row, SETTINGS))


def _row(setting: Setting) -> str:
    where = ", ".join(text for way, text in _WAYS.items() if way in setting.ways)
    where = "everywhere" if setting.ways == _WAYS.keys() else where
    cells = (f"`{setting.name}`", f"`{_escaped(setting.kind.annotation)}`", _default(setting), where, setting.help)
    return f"| {' | '.join(cells)} |\n"


def _default(setting: Setting) -> str:
    if setting.serve_default is None:
        return f"`{setting.default!r}`"
    return f"`{setting.default!r}`; `fakekounta serve`: `{setting.serve_default!r}`"


def texts_table() -> str:
    """Return how each setting is written as text, as a Markdown table."""
    head = "| flag | variable | takes | key of the file | does |\n|---|---|---|---|---|\n"
    return head + "".join(_text_row(setting, alias) for setting in SETTINGS for alias in (None, *setting.aliases))


def _text_row(setting: Setting, alias: Alias | None) -> str:
    if SHELL not in setting.ways:
        return ""
    name = alias.name if alias else setting.name
    kind = (alias and alias.kind) or setting.kind
    takes = f"`{_escaped(kind.form)}`" + (", repeatable" if kind.is_many else "")
    does = f"`{setting.name}`" + (f", of which it gives `{alias.part}`" if alias and alias.part else "")
    return f"| `{flag_of(name)}` | `FAKEKOUNTA_{name.upper()}` | {takes} | `{name}` | {does} |\n"


def _escaped(text: str) -> str:
    return text.replace("|", r"\|")


def setting_options() -> str:
    """Return the module with the pytest options that give settings, and their help."""
    head = (
        '"""The pytest options that give settings, and their help. `make docs` writes this file, so that the plugin is '
        'light."""\n\n'
        "from __future__ import annotations\n\nSETTING_OPTIONS = {\n"
    )
    return head + "".join(map(_option_line, names_of(PYTEST).values())) + "}\n"


def _option_line(name: Name) -> str:
    end = f" Written as {name.kind.form}."
    line = f'    "{name.name}": "{name.help}{end}",\n'
    if len(line) <= _LINE:
        return line
    return f'    "{name.name}": (\n        "{name.help}"\n        "{end}"\n    ),\n'
