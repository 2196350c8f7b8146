"""Servers that come with the requirements, so that one machine needs nothing else installed.

Used only where ``DATABASE_URL`` / ``CELERY_BROKER_URL`` are not set. Nothing here imports Django: the settings
read addresses from here, and reading them starts nothing.
"""
