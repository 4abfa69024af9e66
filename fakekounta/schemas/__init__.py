"""Parse JSON documents, check their shape and types, and convert them to and from customers and worlds."""
