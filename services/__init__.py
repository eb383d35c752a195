"""The workers: one folder per running process, each with a pure rule."""
