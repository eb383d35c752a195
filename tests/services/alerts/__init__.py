"""Tests of the alerts worker: its rule, what it says after a refold, its rows, and numbers out of bounds."""
