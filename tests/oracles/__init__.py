"""The plain way to compute what the product computes cleverly, written independently of it."""
