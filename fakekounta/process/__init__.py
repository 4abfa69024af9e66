"""The process in which the fake runs: its clocks, sockets, files and forks."""
