"""Under which account PostgreSQL runs: it refuses to be root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from loyalty.embedded.places import EmbeddedError

UNPRIVILEGED = ("postgres", "nobody", "daemon")


class RunAs(TypedDict, total=False):
    """Arguments of :class:`subprocess.Popen` that change the account."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """The account that owns a server's files. ``switch`` is true where this process is root and must change to it."""

    uid: int
    gid: int
    switch: bool

    @property
    def run_as(self) -> RunAs:
        """How a subprocess becomes this account."""
        return RunAs(user=self.uid, group=self.gid, extra_groups=[]) if self.switch else RunAs()

    def can_reach(self, folder: Path) -> bool:
        """Whether the account can enter a folder: asked of the system itself, so every kind of right counts."""
        asked = subprocess.run(
            ["/bin/sh", "-c", 'cd "$0"', str(folder)], check=False, capture_output=True, **self.run_as
        )
        return asked.returncode == 0


def account_for(home: Path) -> Account:
    """The account that runs the server whose files are in ``home``: their owner; else ourselves, or if root another."""
    owner = home.stat().st_uid if home.exists() else None
    if os.geteuid() != 0:
        if owner not in {None, os.geteuid()}:
            raise EmbeddedError(
                f"{home} belongs to another user: run as that user, or name another folder: LOYALTY_VAR."
            )
        return Account(os.geteuid(), os.getegid(), switch=False)
    if owner:
        return _account(pwd.getpwuid(owner))
    return _unprivileged()


def _unprivileged() -> Account:
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in UNPRIVILEGED:
        if name in known and known[name].pw_uid:
            return _account(known[name])
    raise EmbeddedError("PostgreSQL does not run as root and this machine has no other account: set DATABASE_URL.")


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_uid, entry.pw_gid, switch=True)
