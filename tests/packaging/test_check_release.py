"""Tests of the script that checks whether a tag can be released, and of the workflow that runs it."""

from __future__ import annotations

import re

import pytest

from fakekounta import __version__
from tests.packaging.project import REPOSITORY, script, text_of

CHANGELOG = """# Changelog

## Unreleased

## 0.2.0 - 2026-11-28

### Added

- A thing.

## 0.1.0 - 2026-01-01

- Another.
"""
ADDRESS = "https://github.com/somebody/fakekounta"


def test_a_release_that_is_complete() -> None:
    """A complete release passes, and its notes are its section of the changelog."""
    check = script("check_release")
    assert check.complaints("v0.2.0", "0.2.0", ADDRESS, CHANGELOG) == []
    assert check.notes("0.2.0", CHANGELOG) == "### Added\n\n- A thing."


@pytest.mark.parametrize(
    "given,complaint",
    [
        ({"tag": "v0.3.0"}, "the tag is v0.3.0, the version of the package 0.2.0"),
        ({"tag": "0.2.0"}, "the tag is 0.2.0, the version of the package 0.2.0"),
        (
            {"address": "https://a.example/fakekounta"},
            "Repository in pyproject.toml is not a public address: https://a.example/fakekounta; see docs/releasing.md",
        ),
        (
            {"changelog": CHANGELOG.replace("0.2.0 - 2026-11-28", "0.2.0")},
            "CHANGELOG.md has no section '## 0.2.0 - YEAR-MONTH-DAY'",
        ),
        (
            {"changelog": CHANGELOG.replace("Unreleased\n", "Unreleased\n\n- New.\n")},
            "CHANGELOG.md has changes below Unreleased that belong to 0.2.0",
        ),
    ],
)
def test_a_release_check_names_what_is_missing(given: dict[str, str], complaint: str) -> None:
    values = {"tag": "v0.2.0", "version": "0.2.0", "address": ADDRESS, "changelog": CHANGELOG, **given}
    assert script("check_release").complaints(**values) == [complaint]


def test_this_release_lacks_nothing_but_a_public_address() -> None:
    """With the placeholder address nothing is published by accident."""
    complaints = script("check_release").complaints(f"v{__version__}", __version__, ADDRESS, text_of("CHANGELOG.md"))
    assert [complaint for complaint in complaints if "Unreleased" not in complaint] == []
    refused = script("check_release").complaints(f"v{__version__}", __version__, REPOSITORY, text_of("CHANGELOG.md"))
    assert any("not a public address" in complaint for complaint in refused) == REPOSITORY.startswith(
        "https://github.example/"
    )


@pytest.mark.parametrize("name", ["ci", "release"])
def test_actions_are_pinned_by_their_commit(name: str) -> None:
    """A tag of an action can be moved; a commit cannot."""
    used = re.findall(r"uses: (\S+)", text_of(f".github/workflows/{name}.yml"))
    assert used
    assert [action for action in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action)] == []


def test_the_release_is_checked_built_once_attested_and_then_published() -> None:
    """The jobs have this order, only the rights they need, and no secrets."""
    workflow = text_of(".github/workflows/release.yml")
    steps = [
        "check_release.py",
        "bash .ci/run",
        "attest-build-provenance",
        "gh-action-pypi-publish",
        "gh release create",
    ]
    assert sorted(steps, key=workflow.index) == steps
    assert [workflow.count(step) for step in steps] == [1] * len(steps)
    assert "\npermissions: {}\n" in workflow
    assert re.findall(r"^ +([\w-]+): write", workflow, re.MULTILINE) == [
        "attestations",
        "id-token",
        "id-token",
        "contents",
    ]
    assert "secrets." not in workflow
