"""The banner of `fakekounta serve`: where the fake listens, its credentials, its settings, how to stop it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from fakekounta.cli.setting_flags import DEFAULTS
from fakekounta.control import PREFIX
from fakekounta.schemas.journal import printable
from fakekounta.settings.settings import DEFAULT_APPLICATION
from fakekounta.settings.sources import Chosen
from fakekounta.settings.table import BY_NAME, SHELL

if TYPE_CHECKING:
    from fakekounta.kounta import FakeKounta

_OTHERS = "(one that you gave)"
_COUNTED = ("seed", "faults")
_HIDDEN = ("control_token",)


def banner(kounta: FakeKounta, chosen: Chosen) -> str:
    """Return the lines of the banner. It shows no credentials but those that the docs show, too."""
    rows = [("API", f"{kounta.url}/v1/companies/{kounta.company.id}/"), ("dashboard", _dashboard(kounta))]
    rows += [*_credentials(kounta), *(("changed", line) for line in changes(chosen)), ("stop", "Ctrl-C, or SIGTERM")]
    width = max(len(name) for name, _ in rows)
    return "\n".join(["", *(f"  {name:<{width}}  {printable(text)}" for name, text in rows), ""])


def _dashboard(kounta: FakeKounta) -> str:
    return f"{kounta.url}{PREFIX}/" + (" (asks for the control token)" if kounta.has_control_token else "")


def _credentials(kounta: FakeKounta) -> Iterator[tuple[str, str]]:
    own = kounta.application
    for title, name in (
        ("client id", "client_id"),
        ("client secret", "client_secret"),
        ("access token", "access_token"),
        ("signature token", "signature_token"),
    ):
        value = getattr(own, name)
        is_documented = name == "client_id" or value == getattr(DEFAULT_APPLICATION, name)
        yield title, value if is_documented else _OTHERS if value else "none"


def changes(chosen: Chosen) -> Iterator[str]:
    """Yield each setting that differs from its default, with its value and the name by which it was given."""
    for name, value in chosen.values.items():
        default = DEFAULTS[SHELL].get(name, BY_NAME[name].default)
        if value != default and (value or default):
            labels = [chosen.labels[path] for path in chosen.labels if path == name or path.startswith(f"{name}.")]
            yield f"{name} = {_text(name, value)}  (by {labels[0]})"


def _text(name: str, value: Any) -> str:
    if name in _HIDDEN:
        return "..."
    if name in _COUNTED:
        return f"{len(value)} given"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={_text('', item)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_name_of(item) if isinstance(item, Mapping) else _text("", item) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _name_of(item: Mapping[str, Any]) -> str:
    """Return what identifies an item, which may hold secrets: a company's id, an application's client id."""
    return str(item.get("id", item.get("client_id")))
