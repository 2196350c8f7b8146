"""Logs: one JSON object a line, with the failure and without what was in its variables."""

import json
import subprocess
import sys

from tests.loyalty.ground import BASE

FAIL = """
import logging
from loyalty.logs import logging_settings
logging_settings(level="INFO", lines="json")

def enrol(phone):
    raise ValueError("no such market")

try:
    enrol("+6591234567")
except ValueError:
    logging.getLogger("members").exception("enrolment failed for %s", "M-1")
"""


def test_a_failure_is_one_line_that_names_the_place_and_no_personal_data() -> None:
    done = subprocess.run([sys.executable, "-c", FAIL], cwd=BASE, capture_output=True, text=True, check=True)
    (line,) = done.stderr.splitlines()
    told = json.loads(line)
    assert (told["event"], told["logger"], told["level"]) == ("enrolment failed for M-1", "members", "error")
    assert [frame["name"] for frame in told["exception"][0]["frames"]] == ["<module>", "enrol"]
    assert "6591234567" not in line
