"""Tests of webhooks by pytest options and ini keys."""

from __future__ import annotations

import pytest

CHECK = """
def test_settings_of_options(fakekounta):
    world = fakekounta.world
    chances = world.outbox.disturbances
    assert (world.webhook_mode, chances.drop, chances.seed) == {expected!r}
"""


def test_options_say_how_webhooks_are_delivered_and_disturbed(pytester: pytest.Pytester) -> None:
    """Mode and disturbances come by option, and by ini key where there is no option."""
    pytester.makeini(
        "[pytest]\nfakekounta_webhook_mode = background\nfakekounta_webhook_disturbances = drop=0.5, seed=3\n"
    )
    pytester.makepyfile(CHECK.format(expected=("background", 0.5, 3)))
    pytester.runpytest().assert_outcomes(passed=1)
    pytester.makepyfile(CHECK.format(expected=("collect", 0.25, 7)))
    options = ("--fakekounta-webhook-mode=collect", "--fakekounta-webhook-disturbances=drop=0.25 seed=7")
    pytester.runpytest(*options).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    "option,reason",
    [
        ("--fakekounta-webhook-mode=later", "--fakekounta-webhook-mode: must be one of"),
        ("--fakekounta-webhook-disturbances=drop=often", "--fakekounta-webhook-disturbances drop: must be a number"),
        ("--fakekounta-webhook-disturbances=lose=1", "--fakekounta-webhook-disturbances: 'lose' is unknown"),
    ],
)
def test_a_wrong_option_is_refused_by_name(pytester: pytest.Pytester, option: str, reason: str) -> None:
    """The message names the setting and the reason."""
    pytester.makepyfile("def test_settings_of_options(fakekounta):\n    pass\n")
    result = pytester.runpytest(option)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{reason.replace('[', '[[]')}*"])
