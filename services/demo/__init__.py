"""The demo year: an invented team's leads, told by invented tools, the same for the same seed."""
