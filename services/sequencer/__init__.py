"""The sequencer puts each fact in its place: whose lead it is, when it happened, what it repeats."""
