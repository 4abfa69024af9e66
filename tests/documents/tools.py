"""Install other people's tools, and run them; a warning is a failure."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 300


def installed(folder: Path, *packages: str) -> Path:
    """Install packages of npm into a folder; return it."""
    npm = shutil.which("npm")
    assert npm is not None, "npm is missing: install Node.js (Debian, Ubuntu: apt install npm)"
    run(folder, npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), *packages)
    return folder


def generate(document: dict[str, Any], folder: Path, package: str) -> None:
    """Let openapi-python-client make a package of a document; a warning is a failure."""
    (folder / "openapi.json").write_text(json.dumps(document), "utf-8")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"]
    output = run(folder, *command, "--path", "openapi.json", "--output-path", package)
    assert "arning" not in output, output


def run(folder: Path, *command: str) -> str:
    """Run a command in a folder; return what it says. Its exit code is 0."""
    # openapi-python-client calls ruff, which stands beside Python
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
        env={**os.environ, "PATH": path},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
