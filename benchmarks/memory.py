"""The growth of a new process for each customer, in bytes: `memory.py COUNT [SEED_FILE]`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import samples

from fakekounta import FakeKounta


def resident_bytes() -> int:
    """Return the resident memory of this process."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Print the figure; without a seed file the customers are added one by one."""
    count, seed_file = int(sys.argv[1]), sys.argv[2]
    kounta = FakeKounta()
    kounta.customers.add(**samples.customer(count))
    before = resident_bytes()
    if seed_file:
        kounta = FakeKounta(seed_file=seed_file)
    else:
        for number in range(count):
            kounta.customers.add(**samples.customer(number))
    print((resident_bytes() - before) / count)


if __name__ == "__main__":
    main()
