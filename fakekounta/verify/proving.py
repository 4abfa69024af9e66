"""The command `fakekounta verify`: run the suite, and write the report, the records and the settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import httpx
from rich.console import Console

from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.process.files import write_whole
from fakekounta.settings.flags import REFUSED, refuse
from fakekounta.verify.markdown import page
from fakekounta.verify.records import Recorder
from fakekounta.verify.report import Report
from fakekounta.verify.run import CouldNotRunError, RunOptions, run
from fakekounta.verify.terminal import BarProgress, show

DOCUMENTED_PACE = 60  # requests a minute, with Basic credentials (R01)
_OF_THE_SUITE = (
    "url",
    "client_id",
    "client_secret",
    "company",
    "other_client_id",
    "other_client_secret",
    "redirect_uri",
    "signature_token",
    "receiver_url",
    "receiver_port",
)


def prove(given: Mapping[str, Any]) -> int:
    """Run the suite with these flags, write the files that they name, and return the exit code."""
    is_ours = _is_fakekounta(given["url"])
    if not (given["yes_change_this_company"] or given["read_only"] or is_ours):
        refuse(
            f"this would create some hundred customers in company {given['company']} of {given['url']}, which the API "
            "cannot delete, and webhooks: say --yes-change-this-company, or --read-only"
        )
    chosen = _run_options(given, is_ours=is_ours)
    recorder = _recorder(given["record"], chosen)
    console = Console()
    progress = BarProgress(console)
    try:
        report = run(chosen, progress, recorder.keep if recorder else None)
    except CouldNotRunError as error:
        progress.stop()
        refuse(str(error))
    progress.stop()
    try:
        show(report, console)
    finally:  # the files are written even if the terminal is closed
        written = _write(given, report, recorder)
    return report.exit_code if written else REFUSED


def _run_options(given: Mapping[str, Any], *, is_ours: bool) -> RunOptions:
    options = {name.replace("_", "-"): given[name] or "" for name in _OF_THE_SUITE}
    options["url"] = options["url"].rstrip("/")
    pace = given["requests_per_minute"]
    if pace is None:
        pace = 0 if is_ours else DOCUMENTED_PACE
    options["requests-per-minute"] = str(pace or "")
    return RunOptions(
        options=options, read_only=given["read_only"], make_orders=given["make_orders"], only=tuple(given["only"])
    )


def _recorder(folder: Path | None, chosen: RunOptions) -> Recorder | None:
    if folder is None:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        refuse(f"--record: {folder}: {error.strerror}")
    if any(folder.iterdir()):
        refuse(f"--record: {folder} is not empty")
    return Recorder(folder, chosen.options["url"], chosen.options["company"], chosen.secrets)


def _write(given: Mapping[str, Any], report: Report, recorder: Recorder | None) -> bool:
    """Write the files that the flags name; for one that cannot be written print a message, and write the rest."""
    texts = {path: _text(path, report) for path in given["reports"]}
    if given["settings_file"] is not None:
        texts[given["settings_file"]] = settings_file(report)
    complaints = []
    for path, text in texts.items():
        try:
            write_whole(path, text)
        except OSError as error:
            complaints.append(f"{path}: cannot be written: {error.strerror}")
    if recorder is not None:
        try:
            recorder.write(report.mark)
        except OSError as error:
            complaints.append(f"{given['record']}: cannot be written: {error.strerror}")
    for complaint in complaints:
        click.echo(f"fakekounta: {complaint}", err=True)
    return not complaints


def _text(path: Path, report: Report) -> str:
    if path.suffix == ".json":
        return json.dumps(report.document(), indent=2, ensure_ascii=False) + "\n"
    return page(report)


def _is_fakekounta(url: str) -> bool:
    """Return whether the server is a fake, which has no real customers."""
    try:
        return bool(httpx.get(f"{url.rstrip('/')}/_fakekounta/health", timeout=10).json()["status"] == "ok")
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError):
        return False


def settings_file(report: Report) -> str:
    """Return TOML for `fakekounta serve --config`, with the choices that make the fake behave as the target did."""
    followed = report.followed
    lines = [
        f"# Written by fakekounta verify at {report.verified_at}: how {json.dumps(report.target)} behaved.",
        "",
        "[assumptions]",
    ]
    for quirk, choices in CHOICES.items():
        name = followed.get(quirk.id)
        if name is None:
            seen = report.observations.get(quirk.id)
            why = " ".join(seen.why.split()) if seen and seen.why else "contradicted, or not asked"
            lines.append(f"# {quirk.id}: unknown: {why}")
        else:
            lines.append(f"{quirk.id} = {json.dumps(name)}  # {' '.join(choices[name].split())}")
    return "\n".join(lines) + "\n"
