"""Tests of replicas that share a log in a real Redis server: `make test-redis`."""
