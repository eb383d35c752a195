"""Tests of the workers and of what they share, path for path."""
