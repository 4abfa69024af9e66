"""The fake on a remote server, with the Python interface of a fake in this process."""
