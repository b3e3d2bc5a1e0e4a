"""What the exceptions of database drivers carry beside their text."""

from __future__ import annotations

from typing import Any, Final

from django.db import Error as DatabaseException
from django.db import OperationalError

_DEADLOCKS: Final = frozenset[str | int | None]({"40001", "40P01", 1213, 1020})
_FILE_LOCKS: Final = ("database is locked", "database table is locked")


def get_sqlstate(exc: Exception) -> str | None:
    """Return the SQLSTATE that psycopg gives (3: `sqlstate`, 2: `pgcode`)."""
    cause = exc.__cause__
    return getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)


def get_number(exc: Exception) -> int | None:
    """Return the error number that the MySQL drivers give."""
    number = exc.args[0] if exc.args else None
    return number if isinstance(number, int) else None


def get_marks(exc: Exception) -> tuple[Any, ...]:
    """Return what tells the kind of an error; SQLite's is the first word."""
    return get_sqlstate(exc), get_number(exc), str(exc).partition(" ")[0]


def ends_transaction(exc: Exception) -> bool:
    """Whether a database has given up the whole transaction, not one statement.

    Serialization failure and deadlock (SQLSTATE 40001, 40P01; MySQL 1213, MariaDB's
    1020), and SQLite's lock on the whole file.
    """
    if not isinstance(exc, DatabaseException):
        return False
    marks = {get_sqlstate(exc), get_number(exc)}
    # The text of another error may ask the database for the rows that it names.
    is_file_lock = isinstance(exc, OperationalError) and str(exc) in _FILE_LOCKS
    return is_file_lock or not _DEADLOCKS.isdisjoint(marks)
