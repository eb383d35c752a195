"""Tests of the words, path for path."""
