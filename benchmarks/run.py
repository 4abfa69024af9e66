"""All benchmarks in one table: `make bench`, or `python benchmarks/run.py [PART ...] [--quick]`; parts are below."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import traceback
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path

import faults
import fixture
import growth
import intercepting
import keeping
import menu
import orders
import serving
import strategies
import webhooks
from lines import Row, table

PARTS = {
    "serving": serving.rows,
    "growth": growth.rows,
    "orders": orders.rows,
    "menu": menu.rows,
    "fixture": fixture.rows,
    "intercept": intercepting.rows,
    "webhooks": webhooks.rows,
    "strategies": strategies.rows,
    "faults": faults.rows,
    "keep": keeping.rows,
}


def main() -> int:
    """Print the table; return 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one of {', '.join(PARTS)}; all, if none is named")
    parser.add_argument("--quick", action="store_true", help="fewer and smaller rounds, with less exact figures")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file, too")
    options = parser.parse_args()
    for name in options.parts:
        if name not in PARTS:
            parser.error(f"there is no part {name!r}")
    rows: list[Row] = []
    failed: list[str] = []
    for name in options.parts or PARTS:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        try:
            rows += PARTS[name](quick=options.quick)
        except Exception:  # noqa: BLE001 - the other parts are measured nevertheless
            traceback.print_exc()
            failed.append(name)
    print(table(rows))
    if options.json:
        options.json.write_text(document(rows, quick=options.quick), encoding="utf-8")
    if failed:
        print(f"not measured: {', '.join(failed)}")
    return 1 if failed or any(one.holds is False for one in rows) else 0


def document(rows: list[Row], *, quick: bool) -> str:
    """Return the figures as JSON, with the date and what is said of the machine: its cores, and its Python."""
    facts = {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "quick": quick,
        "rows": [asdict(one) for one in rows],
    }
    return json.dumps(facts, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(main())
