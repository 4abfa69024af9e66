"""OpenAPI documents of the faked API and of the control surface, made of what the code itself goes by."""

DEFAULT_URL = "http://127.0.0.1:8080"
"""Where `fakekounta serve` listens unless it is told otherwise."""
