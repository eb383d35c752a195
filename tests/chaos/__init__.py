"""The line on Kafka under everything that may go wrong, on purpose and by a seed, and what is left of it."""
