"""`python -m fakekounta` is the command `fakekounta`."""

from fakekounta.cli.main import main

main()
