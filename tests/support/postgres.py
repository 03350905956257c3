"""A PostgreSQL server of a test's own, of Debian's package, on a socket in a folder that goes with it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from importlib import import_module
from pathlib import Path
from typing import Any

from support.polling import until

USER = "postgres"


def _folder_of_programs() -> Path:
    """Return where Debian has the programs of the newest version; they are not on the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: int(each.parents[1].name))
    return found[-1].parent


@contextlib.contextmanager
def postgres() -> Generator[str]:
    """Give the URL of an empty database; it keeps nothing, and so need not wait for the disk.

    PostgreSQL refuses to run as root: there, it runs as the user that the package made.
    """
    programs = _folder_of_programs()
    other: dict[str, Any] = {"user": USER} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory() as folder:  # a short path, as a socket's has to be
        if other:
            shutil.chown(folder, USER)
        other |= {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        made = [str(programs / "initdb"), "-D", f"{folder}/data", "-U", USER, "-A", "trust", "--no-sync", "-E", "UTF8"]
        subprocess.run([*made, "--locale=C"], check=True, **other)
        settings = {"listen_addresses": "", "unix_socket_directories": folder, "fsync": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with subprocess.Popen([str(programs / "postgres"), "-D", f"{folder}/data", *options], **other) as server:
            try:
                until(lambda: _answers(folder), 60)
                yield f"postgresql://{USER}:none@localhost/postgres?host={folder}"
            finally:
                server.terminate()


def _answers(folder: str) -> bool:
    """Return whether the server takes connections."""
    psycopg2: Any = import_module("psycopg2")
    try:
        connection = psycopg2.connect(host=folder, user=USER, dbname="postgres")
    except psycopg2.OperationalError:
        return False
    connection.close()
    return True
