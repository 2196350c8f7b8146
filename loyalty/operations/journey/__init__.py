"""A year of grocery purchases as a program: docs/journey.md."""
