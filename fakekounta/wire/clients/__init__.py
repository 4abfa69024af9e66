"""The same fake without a socket: clients whose requests end in a WSGI call."""
