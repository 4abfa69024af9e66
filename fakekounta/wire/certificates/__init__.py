"""Certificates for servers of this process: made here, kept in a folder, or given by the user."""
