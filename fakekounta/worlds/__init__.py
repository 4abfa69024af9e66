"""A world and what a test can do with it."""
