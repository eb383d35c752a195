"""Tests of what is said to the outside."""
