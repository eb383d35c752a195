"""The Kafka host: one process a worker, Kafka for the log, a store that all of them share."""
