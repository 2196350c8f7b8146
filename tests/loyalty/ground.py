"""Runs commands and whole process trees in a ``var/`` of their own."""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from loyalty.embedded.postgres import FAR
from loyalty.embedded.processes import command_of

BASE = Path(__file__).resolve().parent.parent.parent
PATIENCE = 240  # seconds: a busy machine is no failure
HOLD = """
import sys
from loyalty.embedded.postgres import Postgres
server = Postgres()
server.use()
print("ready", flush=True)
sys.stdin.readline()
server.release()
"""


def environment(var: Path) -> dict[str, str]:
    """The environment of a machine on which nothing is configured, less the demonstration."""
    configured = {"DATABASE_URL", "CELERY_BROKER_URL", "PORT", "HOST"}
    bare = {key: value for key, value in os.environ.items() if key not in configured}
    return bare | {"LOYALTY_VAR": str(var), "PYTHONPATH": str(BASE), "DEMO": "0"}


def manage(var: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run one command of manage.py to its end."""
    return subprocess.run(
        [sys.executable, str(BASE / "manage.py"), *arguments],
        env=environment(var) | changes,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def worked(var: Path, *arguments: str) -> str:
    """Run one command that must succeed; what it printed."""
    done = manage(var, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextlib.contextmanager
def holder(var: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that uses the embedded database until its standard input gets a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD], env=environment(var), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def finish(process: subprocess.Popen[str]) -> None:
    """Let a holder end in order."""
    process.communicate("\n", timeout=PATIENCE)


def postmaster(var: Path) -> int:
    """The number of the living server of a ``var/``; 0 if none runs."""
    data = (var / "postgres").resolve() / "data"
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except OSError:
        return 0
    return pid if str(data) in command_of(pid) else 0


def free_port() -> int:
    """A port nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(condition: Callable[[], object], seconds: float = PATIENCE) -> bool:
    """Whether something becomes true in time."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if condition():
            return True
        time.sleep(0.1)
    return bool(condition())


class Platform:
    """``manage.py run`` in a ``var/`` of its own."""

    def __init__(self, var: Path, **changes: str) -> None:
        self.var = var
        self.changes = changes
        self.port = free_port()
        self.lines: list[str] = []
        self.process = self.start()

    def start(self) -> subprocess.Popen[str]:
        """Start it, and wait until it serves."""
        self.process = subprocess.Popen(
            [sys.executable, str(BASE / "manage.py"), "run", "--port", str(self.port)],
            env=environment(self.var) | self.changes,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line)
            if line.startswith("Ctrl-C"):  # the last of the addresses
                break
        assert eventually(self.healthy), "".join(self.lines)
        return self.process

    def healthy(self) -> bool:
        """Whether /health/ says yes."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            link.request("GET", "/health/")
            return link.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            link.close()

    def stop(self, number: int = signal.SIGINT) -> str:
        """Stop it as a person does; what it printed."""
        self.process.send_signal(number)
        return "".join(self.lines) + self.process.communicate(timeout=PATIENCE)[0]

    def processes(self) -> dict[int, str]:
        """Numbers and command lines of all living processes that belong to this ``var/``."""
        marks = (str(self.var), str((self.var / "postgres").resolve()))
        ours = [pid for pid in living() if any(mark in variables(pid) for mark in marks)]
        return {pid: command for pid in ours if (command := command_of(pid))}

    def pid_of(self, word: str) -> int:
        """The number of the first process whose command line has a word; 0 if there is none."""
        return min((pid for pid, command in self.processes().items() if word in command), default=0)

    def awaited(self, word: str) -> int:
        """The number of that process, once there is one: what died is started again after a pause."""
        found = [0]

        def is_there() -> int:
            found[0] = self.pid_of(word)
            return found[0]

        assert eventually(is_there), word
        return found[0]


def kill(*victims: int) -> None:
    """Kill −9 those that live still. Zero is nobody: the system would take it for all processes of the test."""
    for victim in victims:
        assert victim
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)


def copy_of(begun: Path, var: Path) -> None:
    """Copy the ``var/`` of a platform that was stopped; its database may lie where its account can reach it."""
    subprocess.run(["cp", "-a", begun, var], check=True)
    home = (begun / "postgres").resolve()
    if home.parent == FAR:
        far = tempfile.mkdtemp(prefix="loyalty-", dir=FAR)
        subprocess.run(["cp", "-a", f"{home}/.", far], check=True)
        (var / "postgres").unlink()
        (var / "postgres").symlink_to(far)


def forget(var: Path) -> None:
    """Remove the database of a ``var/`` that lies elsewhere."""
    home = (var / "postgres").resolve()
    if home.parent == FAR:
        shutil.rmtree(home)


@contextlib.contextmanager
def platform_in(var: Path, **changes: str) -> Iterator[Platform]:
    """A platform that serves, with changes of its environment; nothing of it is left afterwards."""
    platform = Platform(var, **changes)
    try:
        yield platform
    finally:
        if platform.process.poll() is None:
            platform.stop()
        gone = eventually(lambda: not platform.processes())
        forget(platform.var)
    assert gone


def living() -> list[int]:
    """All numbers of processes."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def variables(pid: int) -> str:
    """Environment and command line of a process, to tell whose it is."""
    try:
        return Path(f"/proc/{pid}/environ").read_text(errors="replace") + command_of(pid)
    except OSError:
        return ""
