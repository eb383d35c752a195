"""What somebody else's system does when it does not serve: it is away, or it is not as it was said to be.

``SourceAway`` passes by itself, and whoever meets it comes again later. ``SourceUnfit`` needs a person. Both
carry one sentence, without passwords.
"""


class SourceAway(Exception):
    """It does not answer now."""


class SourceUnfit(Exception):
    """It answers, and what was asked for is not there or may not be read."""


class FileChanged(SourceAway):
    """A file was written to while it was read; it is read again at the next look."""
