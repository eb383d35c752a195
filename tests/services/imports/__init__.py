"""Tests of reading files into facts."""
