"""Where the platform keeps its files: one folder, ``var/`` of the checkout or ``LOYALTY_VAR``."""

import hashlib
import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent.parent
SOCKET_LIMIT = 107  # bytes an address of a unix socket may have on Linux, without its closing zero; macOS: 103


class EmbeddedError(Exception):
    """A server or a file of this machine is not as it must be; the text is one sentence for a person."""


def var_folder() -> Path:
    """The folder of everything that is kept between runs."""
    return Path(os.environ.get("LOYALTY_VAR") or BASE / "var").resolve()


def make_folder(folder: Path, mode: int = 0o700) -> Path:
    """Create a folder with its mode if it is missing, or say in one sentence why not."""
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(mode)
    except OSError as error:
        raise EmbeddedError(f"Cannot create {folder}: {error.strerror}. LOYALTY_VAR names another folder.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise EmbeddedError(f"Cannot write to {folder}: it belongs to another user. LOYALTY_VAR names another folder.")
    return folder


def make_var() -> Path:
    """Create ``var/`` and its private ``run/``; others may pass through ``var/`` but not look in."""
    var = make_folder(var_folder(), 0o711)
    make_folder(var / "run")
    return var


def socket_folder(folder: Path, name: str) -> Path:
    """The folder itself if the socket's address fits, else a short private one made from its path."""
    if len(os.fsencode(folder / name)) < SOCKET_LIMIT - 4:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"loyalty-{digest}"


def secret_key() -> str:
    """The key that signs sessions, made once and kept in ``var/secret-key``."""
    return kept_secret("secret-key", 50)


def kept_secret(name: str, length: int) -> str:
    """A random text made once; whoever comes first writes it, everybody reads the same."""
    return kept_text(name, lambda: secrets.token_urlsafe(length))


def kept_text(name: str, make: Callable[[], str]) -> str:
    """A text made once and kept in ``var/``; whoever comes first writes it, everybody reads the same."""
    path = make_var() / name
    try:
        if not path.exists():
            _write_once(path, make())
        return path.read_text().strip()
    except OSError as error:
        raise EmbeddedError(f"Cannot keep {path}: {error.strerror}. LOYALTY_VAR names another folder.") from error


def _write_once(path: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}-") as draft:
        draft.write(text + "\n")
        draft.flush()
        os.fsync(draft.fileno())
        try:
            os.link(draft.name, path)
        except FileExistsError:
            return
