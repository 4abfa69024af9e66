"""OpenAPI documents of the faked API and of the control surface, made from the tables and declarations of the code."""

DEFAULT_URL = "http://127.0.0.1:8080"
"""The default address of `fakekounta serve`."""
