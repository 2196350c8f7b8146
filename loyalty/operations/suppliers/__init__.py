"""Suppliers that are played: for the demonstration and for tests."""
