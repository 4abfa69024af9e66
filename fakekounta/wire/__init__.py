"""The HTTP server, clients without a socket, and deliveries."""
