"""What the operating system knows of a process."""

import shutil
import subprocess
from pathlib import Path


def command_of(pid: int) -> str:
    """The command line of a living process; empty if there is none or it is a zombie."""
    if Path("/proc/self/stat").exists():
        return _command_in_proc(pid)
    ps = shutil.which("ps") or "/bin/ps"
    answer = subprocess.run([ps, "-o", "stat=,command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, command = answer.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else command.strip()


def _command_in_proc(pid: int) -> str:
    """A zombie has an empty command line."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""
