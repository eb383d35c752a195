"""What `make bench` measures: speed and size, with the real clock; never run as tests."""
