"""Waits for the port file of `fakekounta serve` and prints what its health call answers."""

import sys
import time
from pathlib import Path
from urllib.request import urlopen

port_file = Path(sys.argv[1])
give_up_at = time.monotonic() + 10
while not (port_file.exists() and port_file.read_text().strip()):
    if time.monotonic() > give_up_at:
        sys.exit("fakekounta serve wrote no port file within 10 seconds")
    time.sleep(0.02)
with urlopen(f"http://127.0.0.1:{port_file.read_text().strip()}/_fakekounta/health", timeout=5) as response:
    health = response.read().decode()
print(health)
if '"status": "ok"' not in health and '"status":"ok"' not in health:
    sys.exit("the health call does not say ok")
