"""Tests of the agreement as people handle it."""
