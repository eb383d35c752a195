"""Tests of the house: sizes, docstrings, verbs and docs."""
