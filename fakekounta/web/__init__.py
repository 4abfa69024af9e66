"""The faked API over HTTP: translate requests into use cases, and results and refusals into responses."""
