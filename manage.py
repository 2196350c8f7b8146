#!/usr/bin/env python3
"""Command line of the platform: `./manage.py help` lists what it can do."""

import os
import sys

from django.core.management import execute_from_command_line

from loyalty.embedded.command import database_for
from loyalty.embedded.places import EmbeddedError


def main() -> None:
    """Run one management command, with the embedded database where none is configured."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loyalty.settings")
    try:
        with database_for(sys.argv[1:]):
            execute_from_command_line(sys.argv)
    except EmbeddedError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
