"""Test of partitions: replicas in networks of their own, whose links to the Redis server go down."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.commands import environment
from tests.pages import ROOT

APART = ("unshare", "--net", *(() if os.geteuid() == 0 else ("--user", "--map-root-user")))


def test_a_replica_that_is_cut_off_answers_nothing_old() -> None:
    """It answers 503 within five seconds, and agrees with the others when its link is there again."""
    ended = subprocess.run(
        [*APART, sys.executable, "-m", "tests.replicas.partition"],
        cwd=ROOT,
        env=environment({}),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, "all agree\n"), ended.stderr
