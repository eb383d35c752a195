"""What can be wrong with an agreement although each of its parts is well formed: one module a subject."""
