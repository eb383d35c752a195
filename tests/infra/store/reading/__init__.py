"""Tests of what people ask of a store."""
