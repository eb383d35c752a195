"""Tests of single vendors, with the vendors' own libraries where there are any."""
