"""Clients without a socket: each request becomes a WSGI call."""
