"""Tests of the agreement's shapes."""
