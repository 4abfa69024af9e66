"""Network namespaces in which commands run, so that none can reach the real service."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.commands import PATIENCE_SECONDS, environment

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples"
BEHIND_A_NAME = (str(EXAMPLES / "behind-a-name.sh"),)
_APART = ("unshare", "--mount", "--net", *(() if os.geteuid() == 0 else ("--user", "--map-root-user")))
UNDER_RUN = (
    *_APART,
    *("sh", "-c", 'ip link set lo up && exec "$@"', "sh"),
    *(sys.executable, "-m", "fakekounta", "run", "--"),
)
DOORS: dict[str, Sequence[str]] = {"run": UNDER_RUN, "a name": BEHIND_A_NAME}


def led(door: str, *command: str, seed: Path) -> subprocess.CompletedProcess[str]:
    """Return a command that a door leads to a fake with these customers."""
    return subprocess.run(
        [*DOORS[door], *command],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
        cwd=ROOT,
        env=environment(
            {
                "FAKEKOUNTA_SEED_FILE": str(seed),
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
                "PYTHONPATH": str(ROOT),
            }
        ),
    )


def seeded(folder: Path, *names: str) -> Path:
    """Return a file with a customer of each name."""
    path = folder / "seed.json"
    path.write_text(json.dumps([{"first_name": name, "email": f"{name.lower()}@example.com"} for name in names]))
    return path
