"""Deliveries to receivers: the courier, and how it posts."""
