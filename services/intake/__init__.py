"""The front door: what tools send, authenticated, kept as it came, and turned into facts."""
