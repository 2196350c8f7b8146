"""A process that sends events until it is done or killed: PROGRAM, BATCH SIZE, events as JSON on standard input."""

import json
import sys

import django

django.setup()

from campaigns.services.intake import take_in  # noqa: E402  # after the settings
from core.models import Program  # noqa: E402
from tests.campaigns.world import NOW  # noqa: E402

if __name__ == "__main__":
    program = Program.objects.get(code=sys.argv[1])
    events, size = json.load(sys.stdin), int(sys.argv[2])
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    for first in range(0, len(events), size):
        for answer in take_in(program=program, events=events[first : first + size], at=NOW):
            sys.stdout.write(f"{answer.status}\n")
        sys.stdout.flush()
