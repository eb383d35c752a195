"""The plumbing: everything that touches the outside world. Imports only the words."""
