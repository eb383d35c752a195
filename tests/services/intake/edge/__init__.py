"""Tests of the edge, over real sockets."""
