"""Golden histories and whole jobs: events in, conclusions or numbers out."""
