"""The Kafka host, over a real broker."""
