"""The embedded database: there when a command needs it, gone afterwards, and never stuck after a crash."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from loyalty.embedded.postgres import FAR, socket_of
from tests.loyalty.ground import (
    BASE,
    copy_of,
    environment,
    eventually,
    finish,
    forget,
    holder,
    kill,
    manage,
    postmaster,
    worked,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes the account")


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    """A ``var/`` of its own; nothing may run in it afterwards."""
    folder = tmp_path / "var"
    yield folder
    assert not postmaster(folder)
    forget(folder)


def remember(var: Path) -> None:
    """Put something into the database that must survive."""
    worked(var, "migrate")


def remembered(var: Path) -> bool:
    """Whether it is still there."""
    return "[X] 0001_initial" in worked(var, "showmigrations", "contenttypes")


def test_a_command_leaves_no_server_behind(var: Path) -> None:
    remember(var)
    assert not postmaster(var)
    assert remembered(var)
    assert not postmaster(var)


def test_a_command_that_needs_no_database_starts_none(var: Path) -> None:
    worked(var, "version")
    assert not (var / "postgres").exists()


def test_a_configured_database_is_used_instead(var: Path) -> None:
    done = manage(var, "showmigrations", DATABASE_URL="postgresql:///none?host=/nowhere")
    assert "/nowhere" in done.stderr
    assert not (var / "postgres").exists()


def test_the_server_stops_with_its_last_user_whoever_started_it(var: Path) -> None:
    with holder(var) as first, holder(var) as second:
        finish(first)
        assert postmaster(var)
        worked(var, "showmigrations")
        assert postmaster(var)
        finish(second)
        assert not postmaster(var)


def test_a_server_left_by_a_killed_command_is_used_and_stopped_by_the_next(var: Path, begun: Path) -> None:
    copy_of(begun, var)
    with holder(var) as killed:
        killed.kill()
        killed.wait()
    assert postmaster(var)
    assert remembered(var)
    assert not postmaster(var)


def test_a_killed_server_starts_again_with_its_data(var: Path, begun: Path) -> None:
    copy_of(begun, var)
    with holder(var) as user:
        kill(postmaster(var))
        assert eventually(lambda: not postmaster(var))
        assert remembered(var)
        finish(user)


def test_a_stale_pid_file_that_names_another_process_is_no_obstacle(var: Path, begun: Path) -> None:
    copy_of(begun, var)
    file = (var / "postgres").resolve() / "data/postmaster.pid"
    file.write_text(f"{os.getppid()}\n{file.parent}\n1700000000\n5432\n\n\n")
    assert remembered(var)


def test_a_first_start_that_was_interrupted_is_begun_anew(var: Path) -> None:
    worked(var, "showmigrations")
    home = (var / "postgres").resolve()
    (home / "data").rename(home / "new-interrupted")
    (home / "new-interrupted/PG_VERSION").unlink()
    remember(var)
    assert remembered(var)
    assert not list(home.glob("new-*"))


@as_root
def test_a_copy_of_the_programs_that_was_interrupted_is_made_anew(var: Path) -> None:
    worked(var, "showmigrations")
    (server,) = (var / "postgres").resolve().glob("server-*")
    server.rename(server.with_name(f"{server.name}-draft"))
    worked(var, "showmigrations")


@as_root
def test_root_can_work_in_a_folder_that_is_closed_to_others(var: Path) -> None:
    with tempfile.TemporaryDirectory() as closed:
        inside = Path(closed, "var")
        worked(inside, "migrate")
        assert remembered(inside)
        assert (inside / "postgres").resolve().parent == FAR
        shutil.rmtree((inside / "postgres").resolve())


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 90) / "var"
    deep.parent.mkdir()
    worked(deep, "migrate")
    assert remembered(deep)
    shutil.rmtree(socket_of(deep / "postgres"))
    shutil.rmtree((deep / "postgres").resolve())


def test_data_of_another_release_is_refused_in_a_sentence(var: Path) -> None:
    worked(var, "showmigrations")
    version = (var / "postgres").resolve() / "data/PG_VERSION"
    version.write_text("17\n")
    done = manage(var, "showmigrations")
    assert (done.returncode, "was written by PostgreSQL 17" in done.stderr) == (1, True)
    assert "Traceback" not in done.stderr


def test_what_keeps_the_server_from_starting_is_said_in_a_sentence(var: Path) -> None:
    worked(var, "showmigrations")
    with ((var / "postgres").resolve() / "data/postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = 1\n")
    done = manage(var, "showmigrations")
    assert done.returncode == 1
    assert "The embedded PostgreSQL did not start: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = manage(tmp_path / "file/var", "showmigrations")
    assert done.returncode == 1
    assert done.stderr.startswith("Cannot create ")
    assert done.stderr.count("\n") == 1


@contextlib.contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A file system that is full soon, where everybody may go."""
    with tempfile.TemporaryDirectory() as disk:
        Path(disk).chmod(0o711)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=711", "tmpfs", disk]
        if subprocess.run(mount, check=False, capture_output=True).returncode:
            pytest.skip("this machine lets nobody mount a small disk")
        try:
            yield Path(disk)
        finally:
            subprocess.run(["umount", disk], check=True)


@as_root
@pytest.mark.parametrize("megabytes", [20, 60])
def test_a_full_disk_is_said_in_a_sentence(megabytes: int) -> None:
    with small_disk(megabytes) as disk:
        done = manage(disk / "var", "migrate")
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


@as_root
def test_an_account_without_rights_can_run_it_too() -> None:
    nobody = 65534
    with tempfile.TemporaryDirectory() as home:
        os.chown(home, nobody, nobody)
        command = [sys.executable, "-B", str(BASE / "manage.py"), "migrate"]
        try:
            done = subprocess.run(
                command,
                env=environment(Path(home, "var")),
                user=nobody,
                group=nobody,
                extra_groups=[],
                capture_output=True,
                text=True,
                check=False,
            )
        except PermissionError:
            pytest.skip("this Python lies in a folder that is closed to other accounts")
        assert done.returncode == 0, done.stderr
        assert {path.stat().st_uid for path in Path(home, "var").rglob("*")} == {nobody}
        assert not postmaster(Path(home, "var"))
