"""`fakekounta verify` and `diff`: run the contract suite against any server, judge each quirk, compare two reports.

The modules that need pytest, httpx or rich (the extra `verify`) are imported when a command runs.
"""
