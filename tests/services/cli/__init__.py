"""Tests of the command line, each verb through its front door."""
