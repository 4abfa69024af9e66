"""HTTP in, HTTP out. Decides nothing: it translates requests into use cases and refusals into statuses."""
