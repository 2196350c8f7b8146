"""`make run` and `make test` on a machine that lacks something."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.loyalty.ground import BASE

TOOLS = ("sh", "dirname", "basename", "cmp", "cp")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A checkout with the script and an empty list of requirements, and a PATH with next to nothing on it."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(BASE / "scripts/environment", tmp_path / "scripts/environment")
    (tmp_path / "requirements.txt").write_text("")
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


def set_up(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(folder / "scripts/environment"), "requirements.txt"],
        env={"PATH": str(folder / "bin"), "HOME": str(folder), "PYENV_ROOT": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_missing_python_is_said_in_a_sentence(bare: Path) -> None:
    if list(Path("/usr/local/bin").glob("python3*")) or list(Path("/opt/homebrew/bin").glob("python3*")):
        pytest.skip("this machine has a Python where every shell looks")
    done = set_up(bare)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Python 3.12 or newer is needed and was not found")


def test_a_python_that_is_too_old_does_not_count(bare: Path) -> None:
    if list(Path("/usr/local/bin").glob("python3*")) or list(Path("/opt/homebrew/bin").glob("python3*")):
        pytest.skip("this machine has a Python where every shell looks")
    old = bare / "bin/python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    assert "was not found" in set_up(bare).stderr


def test_an_interrupted_installation_is_taken_up_again(bare: Path) -> None:
    (bare / ".venv/bin").mkdir(parents=True)
    (bare / ".venv/bin/python").write_text("half a file")
    done = set_up(bare)
    assert "Making the virtual environment" in done.stderr


@pytest.mark.slow
def test_what_is_installed_is_not_installed_again(bare: Path) -> None:
    versions = bare / "versions/any/bin"
    versions.mkdir(parents=True)
    (versions / "python3").symlink_to(Path(sys.executable).resolve())
    first, second = set_up(bare), set_up(bare)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "Installing requirements.txt" in first.stderr
    assert second.stderr == ""
