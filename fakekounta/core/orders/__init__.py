"""Orders: their fields, prices, statuses and lists; pure rules, and an index for each scope."""
