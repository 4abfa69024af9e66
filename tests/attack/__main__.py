"""`make attack`: attack servers of its own on 127.0.0.1, print the results, and exit with 1 if a bar is broken.

Linux only, two gigabytes of memory. `keep` needs half an hour, `history` and `replicas` ten minutes each, all others a
few minutes; `replicas` needs a redis-server. `make attack ARGS="slow memory"` runs some of the parts,
`ARGS="--scale 0.2"` a fifth of everything.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections.abc import Callable, Iterator

from tests.attack import concurrency, fuzz, history, keep, memory, patterns, process, replicas, slow, tls, webhooks
from tests.attack.figures import Figure, table

PARTS: dict[str, Callable[[float], Iterator[Figure]]] = {
    "bytes": fuzz.figures,
    "patterns": patterns.figures,
    "webhooks": webhooks.figures,
    "concurrency": concurrency.figures,
    "memory": memory.figures,
    "slow": slow.figures,
    "tls": tls.figures,
    "process": process.figures,
    "keep": keep.figures,
    "history": history.figures,
    "replicas": replicas.figures,
}


def main() -> int:
    """Print the table; return 1 if a bar is broken, or a part did not finish."""
    parser = argparse.ArgumentParser(prog="make attack", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"some of {', '.join(PARTS)}; all, if none is named")
    parser.add_argument("--scale", type=float, default=1.0, help="the share of all requests; a smaller one finds less")
    options = parser.parse_args()
    for name in options.parts:
        if name not in PARTS:
            parser.error(f"there is no part {name!r}")
    started = time.monotonic()
    found: list[Figure] = []
    unfinished = [name for name in options.parts or PARTS if not _run(name, options.scale, found)]
    print(table(found))
    print(f"{time.monotonic() - started:.0f} s", *(f"\nnot finished: {name}" for name in unfinished))
    return 1 if unfinished or not all(one.holds for one in found) else 0


def _run(name: str, scale: float, found: list[Figure]) -> bool:
    """Collect the figures of a part; return false if it broke off."""
    print(f"attacking: {name} ...", file=sys.stderr, flush=True)
    try:
        for figure in PARTS[name](scale):
            found.append(figure)
            print(f"  {figure.name}: {figure.value:,.4g} {figure.unit}", file=sys.stderr, flush=True)
    except Exception:  # noqa: BLE001 - the other parts are run nevertheless
        traceback.print_exc()
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
