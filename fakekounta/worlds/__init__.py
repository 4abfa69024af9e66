"""Worlds, and the objects that tests use."""
