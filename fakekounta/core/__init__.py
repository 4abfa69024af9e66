"""The rules of the API. This package has no HTTP and no threads; only `clock.system_now` reads the machine's clock."""
