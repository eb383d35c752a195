"""The host for one process: log, state and timers in one SQLite file."""
