"""The journal: the sequencer's share of the work, from records of the log to entries in their order."""
