"""Formats that are not Django's own."""
