"""`fakekounta verify`: the contract suite run against any server, its verdict on each quirk, and drift between reports.

The modules that need pytest, httpx or rich (the extra `verify`) are imported when a command runs.
"""
