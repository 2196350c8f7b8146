#!/usr/bin/env python3
"""Command line of the platform: `./manage.py help` lists what it can do."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loyalty.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
