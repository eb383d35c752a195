"""The agreement as people handle it: read from a file, checked, shown, compared, explained.

What an agreement is stands in ``schemas.agreement``; what a text means in ``infra.agreement_file``. Here
is what only makes sense over the whole document, and only before it is signed. No worker needs any of it.
"""
