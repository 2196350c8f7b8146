"""The first start of a machine on which nothing is configured: a demonstration."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.loyalty.ground import BASE, PATIENCE, environment, eventually, free_port, platform_in, worked

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

PROVEN = """
from core.models import Job
print("proven" if Job.objects.filter(kind="ledger.prove", state="done", report__ok=True).exists() else "not yet")
"""
SMALL = {"DEMO": "1", "DEMO_SHARE": "0.02"}


def test_the_first_start_invents_members_prints_their_sign_ins_and_serves(tmp_path: Path) -> None:
    with platform_in(tmp_path / "var", **SMALL) as platform:
        said = "".join(platform.lines)
        kept = platform.var / "demo-sign-ins.txt"
        assert "Inventing members" in said
        for login in ("sari@example.com", "coba@example.com", "mariam@example.com", "administrator", "adviser"):
            assert login in said
        assert "Password of all of these: demo-" in said
        assert kept.read_text().strip() in said
        assert kept.stat().st_mode & 0o777 == 0o600
        assert eventually(lambda: "proven" in worked(platform.var, "shell", "-v", "0", "-c", PROVEN))
        platform.stop()
        platform.start()
        assert "Inventing members" not in "".join(platform.lines)
        assert "sari@example.com" in "".join(platform.lines)


def test_a_first_start_that_was_interrupted_goes_on_at_the_next(tmp_path: Path) -> None:
    var = tmp_path / "var"
    first = subprocess.Popen(
        [sys.executable, str(BASE / "manage.py"), "run", "--port", str(free_port())],
        env=environment(var) | SMALL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert first.stdout
    said = next(line for line in first.stdout if line.startswith("Inventing members") or "rror" in line)
    assert said.startswith("Inventing members")
    os.kill(first.pid, signal.SIGTERM)
    rest = first.communicate(timeout=2 * PATIENCE)[0]  # it ends the week that it invents
    assert (first.returncode, "Traceback" in rest) == (0, False)
    with platform_in(var, **SMALL) as platform:
        assert "sari@example.com" in "".join(platform.lines)
        assert worked(var, "ledger", "prove")


def test_a_database_of_its_own_is_never_filled_unasked(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(BASE / "manage.py"), "demo", "seed"],
        env=environment(tmp_path / "var") | {"DATABASE_URL": "postgresql:///nowhere", "DEMO": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 1
    assert "DEMO=1" in done.stderr
