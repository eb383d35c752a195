"""Tests of the verification: what it finds in a store that was tampered with."""
