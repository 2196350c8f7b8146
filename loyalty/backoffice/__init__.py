"""The back office: Django's admin for the people who run a program."""
