"""Members of a replay who are not needed just now: put away in a temporary file, so that memory does not grow."""

import io
import pickle
import sqlite3
from typing import Any, override

from campaigns.rules.definitions import Goal
from campaigns.rules.state import Market, Outlet
from members.rules.tiers import Rung

AT_HAND = 20_000  # members in memory, some 7 KiB each
ALIKE = {Goal, Market, Outlet, Rung}  # what all members share: kept once, not with each of them


class Shelf[T]:
    """Members by id, the latest that were asked for at hand, all others in a file that nobody else can open."""

    def __init__(self, most: int = AT_HAND) -> None:
        """``most`` are at hand between two calls of ``put_away``."""
        self.most = most
        self.here: dict[int, T] = {}  # the latest asked for last
        self.alike: list[object] = []
        self.places: dict[int, int] = {}  # of what is alike, by identity
        self.file: sqlite3.Connection | None = None

    def __contains__(self, member_id: int) -> bool:
        """Whether a member is at hand."""
        return member_id in self.here

    def __getitem__(self, member_id: int) -> T:
        """A member at hand."""
        return self.here[member_id]

    def __setitem__(self, member_id: int, member: T) -> None:
        """Add a member."""
        self.here[member_id] = member

    def get(self, member_id: int) -> T | None:
        """A member at hand, if it is."""
        return self.here.get(member_id)

    def fetch(self, ids: set[int]) -> set[int]:
        """Have members at hand; those that were never added are returned."""
        for member_id in ids & self.here.keys():
            self.here[member_id] = self.here.pop(member_id)
        unknown = set()
        for member_id in ids - self.here.keys():
            if body := self._body(member_id):
                self.here[member_id] = _Reader(io.BytesIO(body), self.alike).load()
            else:
                unknown.add(member_id)
        return unknown

    def put_away(self) -> None:
        """Put those away who were not asked for the longest time, if there are too many."""
        leaving = list(self.here)[: max(0, len(self.here) - self.most)]
        if not leaving:
            return
        if self.file is None:
            self.file = sqlite3.connect("")  # a file of its own that the system deletes
            self.file.execute("PRAGMA journal_mode = OFF")
            self.file.execute("CREATE TABLE member (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")
        self.file.executemany(
            "INSERT OR REPLACE INTO member VALUES (?, ?)",
            ((member_id, self._written(self.here.pop(member_id))) for member_id in leaving),
        )

    def close(self) -> None:
        """Let the file go, and all members with it."""
        self.here.clear()
        if self.file is not None:
            self.file.close()
            self.file = None

    def _body(self, member_id: int) -> bytes | None:
        if self.file is None:
            return None
        row = self.file.execute("SELECT body FROM member WHERE id = ?", [member_id]).fetchone()
        return row[0] if row else None

    def _written(self, member: T) -> bytes:
        written = io.BytesIO()
        _Writer(written, self.alike, self.places).dump(member)
        return written.getvalue()


class _Writer(pickle.Pickler):
    """Writes members; of what they share only the place."""

    def __init__(self, file: io.BytesIO, alike: list[object], places: dict[int, int]) -> None:
        super().__init__(file, protocol=5)
        self.alike, self.places = alike, places

    @override
    def persistent_id(self, obj: object) -> int | None:
        if type(obj) not in ALIKE:
            return None
        if (place := self.places.get(id(obj))) is None:
            place = self.places[id(obj)] = len(self.alike)
            self.alike.append(obj)
        return place


class _Reader(pickle.Unpickler):
    """Reads what a ``_Writer`` wrote in this process."""

    def __init__(self, file: io.BytesIO, alike: list[object]) -> None:
        super().__init__(file)
        self.alike = alike

    @override
    def persistent_load(self, pid: Any) -> object:
        return self.alike[pid]
