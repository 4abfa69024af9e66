"""What is wrong with a state document."""


class StateError(ValueError):
    """A state document is wrong; the message names the field and the reason."""
