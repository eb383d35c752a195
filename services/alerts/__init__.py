"""Alerts decides which breaches, stalled leads and numbers out of bounds become notices, and until when."""
