"""What happens to a test's connections to the real names: interception by marker, option or ini key, else the guard."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from fakekounta.wire.interception.guard import Guard

NAME = "intercept"
HELP = (
    "what becomes of connections of the tests to https://api.kounta.com and https://my.kounta.com: true leads them to "
    "the fake; guard, the default, refuses them and fails the test; off lets them through"
)
Mode = Literal["intercept", "guard", "off"]
_MODES: dict[Any, Mode] = {True: "intercept", False: "guard", "guard": "guard", "off": "off"}
_TEXTS: dict[str, Mode] = {str(value).lower(): mode for value, mode in _MODES.items()}
_WHAT_TO_DO = (
    "lead it to the fake with @pytest.mark.fakekounta(intercept=True) or --fakekounta-intercept=true, give the code "
    'fakekounta.url, or let it through with intercept="off"'
)
_GUARD: pytest.StashKey[Guard] = pytest.StashKey()
_MODE: pytest.StashKey[Mode] = pytest.StashKey()
"""That of tests without a marker, read once in a session."""


def mode_of(item: pytest.Item, marked: dict[str, Any]) -> Mode:
    """Return the value of the item's marker, or else of the option, or else of the ini key.

    Fail the test for any other.
    """
    if NAME in marked:
        value = marked[NAME]
        if isinstance(value, (bool, str)) and value in _MODES:
            return _MODES[value]
        pytest.fail(
            f'marker fakekounta: intercept: must be True, False, "guard" or "off", not {value!r}', pytrace=False
        )
    if _MODE not in item.config.stash:
        item.config.stash[_MODE] = _mode_of_session(item)
    return item.config.stash[_MODE]


def _mode_of_session(item: pytest.Item) -> Mode:
    """Return the value of the option, or else of the ini key. Fail the test for any other."""
    option, key = item.config.getoption(f"fakekounta_{NAME}"), item.config.getini(f"fakekounta_{NAME}")
    text = option or key or _default(item.config)
    if text.lower() not in _TEXTS:
        label = f"--fakekounta-{NAME}" if option else f"fakekounta_{NAME}"
        pytest.fail(f"fakekounta: {label}: must be true, false, guard or off, not {text!r}", pytrace=False)
    return _TEXTS[text.lower()]


def _default(config: pytest.Config) -> str:
    """Return "guard"; "true" for a worker of pytest-xdist under `fakekounta run`.

    Each worker has a namespace, which the proxy does not lead to: only interception does.
    """
    fake = _fake() if _is_worker(config) else None
    if fake is None:
        return "guard"
    from fakekounta.wire.interception.proxies import has_proxy  # noqa: PLC0415 - few sessions use the fixtures

    return "true" if has_proxy(fake) else "guard"


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _fake() -> str | None:
    """Return host and port of the fake that `fakekounta run` has started, or whose URL is in the environment."""
    return urlsplit(os.environ.get("FAKEKOUNTA_URL", "")).netloc or None


def begin(config: pytest.Config) -> None:
    """Refuse connections to the real names from now on, until `pause` or `end`."""
    if _GUARD not in config.stash:
        from fakekounta.wire.interception.guard import Guard  # noqa: PLC0415 - few sessions use the fixtures

        config.stash[_GUARD] = guard = Guard(_WHAT_TO_DO, None if _is_worker(config) else _fake())
        config.add_cleanup(guard.end)
    config.stash[_GUARD].begin()


def pause(config: pytest.Config) -> list[str]:
    """Stop refusing after a test, and return the names that were refused. The next guarded test begins faster."""
    guard = config.stash.get(_GUARD, None)
    if guard is None:
        return []
    guard.pause()
    refused, guard.refused = guard.refused, []
    return refused


def end(config: pytest.Config) -> None:
    """Put the functions of `socket` and `ssl` back before a test that is not guarded."""
    guard = config.stash.get(_GUARD, None)
    if guard is not None:
        guard.end()


def fail_for(refused: list[str]) -> None:
    """Fail a test that tried to reach the real service: its code may have ignored the error (K09)."""
    names = ", ".join(dict.fromkeys(refused))
    pytest.fail(
        f"fakekounta refused a connection to the real service (K09): {names}\n"
        f"If the test is about the fake, {_WHAT_TO_DO}.",
        pytrace=False,
    )
