"""Real servers for tests, found or started by the tests themselves."""
