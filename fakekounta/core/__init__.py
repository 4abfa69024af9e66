"""The rules. Knows no HTTP, starts no thread, reads no wall clock but in `clock.system_now`."""
