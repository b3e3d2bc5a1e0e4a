"""The error codes that exceptions of database drivers carry."""

from __future__ import annotations

from typing import Any, Final

from django.db import Error as DatabaseException
from django.db import OperationalError

_DEADLOCKS: Final = frozenset[str | int | None]({"40001", "40P01", 1213, 1020})
_FILE_LOCKS: Final = ("database is locked", "database table is locked")


def get_sqlstate(exc: Exception) -> str | None:
    """Return the SQLSTATE of psycopg (3: `sqlstate`, 2: `pgcode`)."""
    cause = exc.__cause__
    return getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)


def get_number(exc: Exception) -> int | None:
    """Return the error number of the MySQL drivers."""
    number = exc.args[0] if exc.args else None
    return number if isinstance(number, int) else None


def get_marks(exc: Exception) -> tuple[Any, ...]:
    """Return the codes of an error. SQLite's is the first word of its text."""
    return get_sqlstate(exc), get_number(exc), str(exc).partition(" ")[0]


def ends_transaction(exc: Exception) -> bool:
    """Return True if the database has given up the whole transaction.

    This is a serialization failure or deadlock (SQLSTATE 40001, 40P01; MySQL 1213,
    MariaDB's 1020), or SQLite's lock on the whole file.
    """
    if not isinstance(exc, DatabaseException):
        return False
    marks = {get_sqlstate(exc), get_number(exc)}
    # The text of other errors may query the database for the rows it names.
    is_file_lock = isinstance(exc, OperationalError) and str(exc) in _FILE_LOCKS
    return is_file_lock or not _DEADLOCKS.isdisjoint(marks)
