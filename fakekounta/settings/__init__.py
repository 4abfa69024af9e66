"""The settings of a fake: one table, and the readers for Python, flags, variables and files."""
