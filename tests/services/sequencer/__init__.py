"""Tests of the sequencer's rule."""
