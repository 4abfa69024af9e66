"""Print how each session of nox went and how many seconds it took, from the report that nox wrote."""

import json
import sys
from pathlib import Path

report = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
print("\n=== Summary")
for session in report["sessions"]:
    print(f"{session['result']:<8} {session['duration']:5.0f}s  {session['name']}  {session['reason'] or ''}".rstrip())
    if session["result"] == "skipped":
        print(f"!!! {session['name']} WAS NOT RUN; THIS PASSES BECAUSE FAKEKOUNTA_CI_ALLOW_MISSING IS SET")
print("CI PASSED" if report["result"] else "CI FAILED")
