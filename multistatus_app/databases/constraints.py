"""Whether the database will still take at commit what an operation wrote.

Foreign keys are deferred to the commit on PostgreSQL and SQLite: a bad one would
surface there, after its operation was answered with a 2xx. So constraints are asked
before an operation counts as done. MariaDB and MySQL check at once and need nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connections

from multistatus_app.databases.sqlite import SQLiteForeignKeys
from multistatus_app.databases.statements import AnyWrite


class DeferredConstraints:
    """The constraints that the databases of a request check at commit."""

    def __init__(self, databases: Iterable[str]) -> None:
        """Look after the connections with these aliases."""
        self._foreign_keys = {
            alias: SQLiteForeignKeys(connections[alias])
            for alias in databases
            if connections[alias].vendor == "sqlite"
        }
        self._postgresql: dict[str, str] = {}

    def check(self, writes: Sequence[AnyWrite], *, is_last: bool = False) -> None:
        """Ask now for the constraints that a database would check at commit.

        After what is written last in a transaction, nothing needs to be put back.

        Raises:
            IntegrityError: one of them does not hold after what was written.
        """
        for alias in {write.using for write in writes}:
            connection = connections[alias]
            if alias in self._foreign_keys:
                own = [write for write in writes if write.using == alias]
                self._foreign_keys[alias].check(own)
            elif connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SET CONSTRAINTS ALL IMMEDIATE"
                        if is_last
                        else self._get_postgresql(alias)
                    )
            elif connection.features.can_defer_constraint_checks:
                connection.check_constraints()

    def _get_postgresql(self, alias: str) -> str:
        """Return what checks all constraints and puts them back, in one round trip.

        "Deferred" is where most of them were; those that were not go back by name.
        """
        if alias not in self._postgresql:
            with connections[alias].cursor() as cursor:
                cursor.execute(
                    "SELECT DISTINCT format('%I.%I', n.nspname, k.conname) "
                    "FROM pg_constraint k "
                    "JOIN pg_namespace n ON n.oid = k.connamespace "
                    "WHERE k.condeferrable AND NOT k.condeferred "
                    # Others cannot be named, and nothing of theirs was written.
                    "AND has_schema_privilege(n.oid, 'USAGE')"
                )
                names = ", ".join(name for (name,) in cursor.fetchall())
            back = f"; SET CONSTRAINTS {names} IMMEDIATE" if names else ""
            self._postgresql[alias] = (
                f"SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED{back}"
            )
        return self._postgresql[alias]


def is_usable(using: str) -> bool:
    """Whether the connection can go on: open, and its transaction not given up."""
    connection = connections[using]
    return not (
        connection.connection is None
        or connection.closed_in_transaction
        or connection.needs_rollback
    )


def is_lost(using: str) -> bool:
    """Whether the connection broke, whatever became of its transaction."""
    connection = connections[using]
    if connection.connection is None:
        return True
    if connection.vendor == "postgresql":
        return bool(connection.connection.closed)
    return connection.vendor == "mysql" and not connection.is_usable()
