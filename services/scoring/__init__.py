"""Scoring says how well a lead fits and how engaged it is, and accounts for every point."""
