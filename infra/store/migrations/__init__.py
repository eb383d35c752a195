"""Migrations of the store, run by ``infra.store.schema``."""
