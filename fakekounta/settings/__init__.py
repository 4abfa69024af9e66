"""The settings of a fake: one table, and how each way in reads it."""
