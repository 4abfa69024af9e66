"""JSON documents: parsing them, checking their shape and types, customers and whole worlds out of them."""
