"""`python -m fakekounta` is the command `fakekounta`."""

from fakekounta.cli import main

main()
