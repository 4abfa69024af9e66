"""The exception for invalid state documents."""


class StateError(ValueError):
    """Signals an invalid state document; the message names the field and the reason."""
