"""A settings file by which the fake answers as the target was seen to answer."""

from __future__ import annotations

import json

from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.verify.report import Report


def settings_file(report: Report) -> str:
    """TOML for `fakekounta serve --config`; what was not seen stays at its default and is a comment."""
    followed = report.followed
    lines = [
        f"# Written by fakekounta verify at {report.verified_at}: how {json.dumps(report.target)} was seen to answer.",
        "",
        "[assumptions]",
    ]
    for quirk, choices in CHOICES.items():
        name = followed.get(quirk.id)
        if name is None:
            seen = report.observations.get(quirk.id)
            why = " ".join(seen.why.split()) if seen and seen.why else "contradicted, or not asked"
            lines.append(f"# {quirk.id}: not settled: {why}")
        else:
            lines.append(f"{quirk.id} = {json.dumps(name)}  # {' '.join(choices[name].split())}")
    return "\n".join(lines) + "\n"
