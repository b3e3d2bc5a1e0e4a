"""Constraints that a database checks at commit, checked before it.

PostgreSQL and SQLite defer foreign keys to the commit. An error would appear there,
after its operation was answered with a 2xx, so constraints are checked before an
operation succeeds. MariaDB and MySQL check at once and need nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connections

from multistatus_app.databases.sqlite import SQLiteForeignKeys
from multistatus_app.databases.statements import AnyWrite


class DeferredConstraints:
    """The constraints that the databases of a request check at commit."""

    def __init__(self, databases: Iterable[str]) -> None:
        """Take the aliases of the connections."""
        self._foreign_keys = {
            alias: SQLiteForeignKeys(connections[alias])
            for alias in databases
            if connections[alias].vendor == "sqlite"
        }
        self._postgresql: dict[str, str] = {}

    def check(self, writes: Sequence[AnyWrite], *, is_last: bool = False) -> None:
        """Check the constraints that the database would check at commit.

        With `is_last` they are not deferred again afterwards.

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
        """Return SQL that checks all constraints and resets them, in one round trip.

        Most are deferred. Those that are not are reset by name.
        """
        if alias not in self._postgresql:
            with connections[alias].cursor() as cursor:
                cursor.execute(
                    "SELECT DISTINCT format('%I.%I', n.nspname, k.conname) "
                    "FROM pg_constraint k "
                    "JOIN pg_namespace n ON n.oid = k.connamespace "
                    "WHERE k.condeferrable AND NOT k.condeferred "
                    # Others cannot be named, and none of theirs were written.
                    "AND has_schema_privilege(n.oid, 'USAGE')"
                )
                names = ", ".join(name for (name,) in cursor.fetchall())
            back = f"; SET CONSTRAINTS {names} IMMEDIATE" if names else ""
            self._postgresql[alias] = (
                f"SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED{back}"
            )
        return self._postgresql[alias]


def is_usable(using: str) -> bool:
    """Return True if the connection is open and its transaction can go on."""
    connection = connections[using]
    return not (
        connection.connection is None
        or connection.closed_in_transaction
        or connection.needs_rollback
    )


def is_lost(using: str) -> bool:
    """Return True if the connection is broken."""
    connection = connections[using]
    if connection.connection is None:
        return True
    if connection.vendor == "postgresql":
        return bool(connection.connection.closed)
    return connection.vendor == "mysql" and not connection.is_usable()
