"""The demo program, as its file says, under any code."""

from datetime import UTC, datetime
from pathlib import Path

from core.models import Program
from loyalty.operations.program_file.loading import load_program

FILE = Path(__file__).parent.parent.parent / "programs" / "demo.yaml"


def load_demo(code: str = "demo") -> Program:
    """Load the demo program."""
    raw = FILE.read_bytes().replace(b"code: demo ", f"code: {code} ".encode())
    plan = load_program(raw=raw, at=datetime(2026, 1, 1, tzinfo=UTC), why="test")
    assert not plan.errors
    return Program.objects.get(code=code)
