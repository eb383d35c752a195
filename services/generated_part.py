"""A part of a document that is written by a command, between two lines that mark its place.

What stands around it is a person's, and stays. The documents that have such a part each know what it says.
"""


def with_part(document: str, text: str, *, begin: str, end: str, name: str) -> str:
    """Return a document with the text in its place.

    Args:
        document: The document as it stands.
        text: What is to stand between the marks.
        begin: The line before its place, line end included.
        end: The line behind it, likewise.
        name: What the document is called, for people.

    Raises:
        ValueError: The document has no place for it.
    """
    before, found, rest = document.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{name} must hold the lines {begin!r} and {end!r}; put them back")
    return f"{before}{begin}\n{text}\n{end}{after}"
