"""Runs of `fakekounta verify` as a process of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.menu import SEED
from fakekounta import FakeKounta
from tests.commands import run
from tests.deviants import SECOND

CREDENTIALS = ("--client-id", "fake-client-id", "--client-secret", "fake-client-secret", "--company", "5678")
EVERYTHING = (
    *CREDENTIALS,
    *("--other-client-id", str(SECOND["client_id"]), "--other-client-secret", str(SECOND["client_secret"])),
    *("--redirect-uri", "http://localhost/callback", "--signature-token", "fake-signature-token"),
    "--yes-change-this-company",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a run printed, its exit code, and its report."""

    done: subprocess.CompletedProcess[str]
    report: Mapping[str, Any]

    @property
    def code(self) -> int:
        return self.done.returncode

    def with_status(self, status: str) -> dict[str, Any]:
        return {quirk["id"]: quirk for quirk in self.report["quirks"] if quirk["status"] == status}

    @property
    def contradicted(self) -> dict[str, list[str]]:
        return {
            quirk_id: [one["difference"] for one in quirk["contradictions"]]
            for quirk_id, quirk in self.with_status("contradicted").items()
        }

    @property
    def alternatives(self) -> dict[str, str]:
        return {quirk_id: quirk["follows"] for quirk_id, quirk in self.with_status("alternative").items()}


def verify(url: str, folder: Path, *arguments: str, env: Mapping[str, str] | None = None) -> Verified:
    """Make a whole run in a folder, with all options that help it to prove, at full speed."""
    report = folder / "report.json"
    pace = () if "--requests-per-minute" in arguments else ("--requests-per-minute", "0")
    given = ("--url", url, *(EVERYTHING if "--client-id" not in arguments else ()), *pace, "--report", str(report))
    done = run("verify", *given, *arguments, cwd=folder, env=env)
    return Verified(done=done, report=json.loads(report.read_text(encoding="utf-8")) if report.exists() else {})


def own_fake(**settings: Any) -> FakeKounta:
    """Return a fake as `fakekounta serve` makes it, with a second application and a menu."""
    second = {**SECOND, "signature_token": "second-signature-t0ken"}
    return FakeKounta(**{"webhook_mode": "background", "applications": [second], "seed": SEED, **settings})
