"""The process tree: serves, stops cleanly, heals itself, and recovers from a run that was killed."""

import os
import signal
import socket
from pathlib import Path

import pytest

from tests.loyalty.ground import Platform, eventually, kill, manage, postmaster

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_serves_and_stops_cleanly(platform: Platform, number: int) -> None:
    said = platform.stop(number)
    assert f"http://localhost:{platform.port}/office/" in said
    assert f"http://localhost:{platform.port}/api/v1/docs/" in said
    assert "Traceback" not in said
    assert platform.process.returncode == 0
    assert platform.processes() == {}


def test_the_first_account_and_the_keys_are_made_once(first_platform: Platform) -> None:
    made = {name: (first_platform.var / name).read_text() for name in ("admin-password", "secret-key")}
    first_platform.stop()
    first_platform.start()
    assert {name: (first_platform.var / name).read_text() for name in made} == made
    assert {(first_platform.var / name).stat().st_mode & 0o777 for name in made} == {0o600}


def test_a_run_that_was_killed_is_no_obstacle_for_the_next(platform: Platform) -> None:
    platform.process.kill()
    platform.process.communicate()
    platform.start()


def test_a_run_killed_with_all_its_children_is_no_obstacle(platform: Platform) -> None:
    kill(platform.process.pid, platform.pid_of("granian"), platform.pid_of("celery"))
    platform.process.communicate()
    platform.start()


def test_what_dies_is_started_again(platform: Platform) -> None:
    for victim in ("postgres -D", "granian", "beat", "relay", "valkey"):
        dead = platform.awaited(victim)
        kill(dead)
        assert eventually(lambda victim=victim, dead=dead: platform.pid_of(victim) not in {0, dead})  # type: ignore[misc]
    assert eventually(platform.healthy)


def test_health_is_503_without_a_worker(platform: Platform) -> None:
    worker = platform.awaited("worker")
    os.kill(worker, signal.SIGSTOP)
    try:
        assert eventually(lambda: not platform.healthy())
    finally:
        kill(worker)
    assert eventually(platform.healthy)


def test_a_second_run_in_the_same_folder_is_refused_in_a_sentence(platform: Platform) -> None:
    second = manage(platform.var, "run", "--port", "1")
    assert (second.returncode, second.stderr.count("\n")) == (1, 1)
    assert "already runs" in second.stderr
    assert eventually(platform.healthy)


def test_commands_leave_the_running_server_alone(platform: Platform) -> None:
    before = postmaster(platform.var)
    assert manage(platform.var, "showmigrations").returncode == 0
    assert postmaster(platform.var) == before


def test_a_used_port_is_said_in_a_sentence_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = manage(tmp_path / "var", "run", "--port", str(port))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert f"make run PORT={port + 1}" in done.stderr
    assert not (tmp_path / "var/postgres").exists()
