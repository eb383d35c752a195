"""Tests of the lifecycle: examples by timeline, properties over histories, and golden scenarios."""
