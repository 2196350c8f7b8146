"""Figures that people and machines read: one definition each, for the office, the API and commands."""
