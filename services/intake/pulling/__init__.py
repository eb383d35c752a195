"""Sources that are fetched: a table, a folder of CSV files, a bucket of them.

What is fetched becomes originals, a row each, and from there on takes the same road as what tools send.
"""
