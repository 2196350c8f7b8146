"""A year of real grocery purchases as a program: docs/journey.md."""
