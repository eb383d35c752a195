"""The same job done by Relevo's host and by its peers, on one broker in one run; ``make bench-peers``."""
