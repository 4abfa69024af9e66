"""`python -m fakekounta` is the command `fakekounta`."""

from fakekounta.process.collector import loading


def main() -> None:
    """Run the command line."""
    with loading():
        from fakekounta.cli.main import main as command  # noqa: PLC0415 - see `loading`

    command()


if __name__ == "__main__":
    main()
