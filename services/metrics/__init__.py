"""Metrics turns what happened to each lead into the one set of numbers that both teams share."""
