"""Carrying deliveries to their receivers: the courier, and the ways it can take."""
