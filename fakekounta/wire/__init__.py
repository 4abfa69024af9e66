"""What carries bytes: the HTTP server, clients without a socket, deliveries."""
