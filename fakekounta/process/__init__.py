"""The process around the fake: its clocks, sockets, files and forks."""
