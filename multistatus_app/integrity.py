"""Whether the database will still take at commit what an operation wrote.

Foreign keys are deferred to the commit on PostgreSQL and SQLite: a bad one would
surface there, after its operation was answered with a 2xx. So constraints are asked
before an operation counts as done. MariaDB and MySQL check at once and need nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from django.db import IntegrityError, connections

from multistatus_app.journals import Write


class Constraints:
    """The constraints that the databases of a request check at commit."""

    def __init__(self, databases: Iterable[str]) -> None:
        """Look after the connections with these aliases."""
        self._foreign_keys = {
            alias: _SQLiteForeignKeys(connections[alias])
            for alias in databases
            if connections[alias].vendor == "sqlite"
        }
        self._postgresql: dict[str, str] = {}

    def check(self, writes: Sequence[Write]) -> None:
        """Ask now for the constraints that a database would check at commit.

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
                    cursor.execute(self._get_postgresql(alias))
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
                    "WHERE k.condeferrable AND NOT k.condeferred"
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


class _ForeignKey(NamedTuple):
    table: str
    column: str
    parent: str
    parent_column: str


class _SQLiteForeignKeys:
    """Checks the foreign keys of what was written, without a scan for plain writes.

    SQLite tells nobody of open violations before the commit, and its own
    `foreign_key_check` reads whole tables. So the values that the ORM's statements
    carry are looked up, and only what that does not clear costs the scan.
    """

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    @cached_property
    def keys(self) -> list[_ForeignKey]:
        """The foreign keys of the schema; a key to no column is one to the rowid."""
        rows = self._fetch(
            'SELECT m.name, k."from", k."table", coalesce(k."to", \'rowid\') '
            "FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) k "
            "WHERE m.type = 'table'"
        )
        return [_ForeignKey(*row) for row in rows]

    def check(self, writes: Sequence[Write]) -> None:
        """Clear each write, or scan the tables that it may have broken."""
        doubted = {write.table for write in writes if not self._is_clear(write)}
        if not doubted:
            return
        children = {key.table for key in self.keys if key.parent in doubted}
        tables = None if None in doubted else sorted(map(str, doubted | children))
        try:
            self.connection.check_constraints(table_names=tables)
        except IntegrityError as exc:
            # Django names the row; SQLite would have named the kind of constraint.
            raise IntegrityError("FOREIGN KEY constraint failed") from exc

    def _is_clear(self, write: Write) -> bool:
        table = write.table
        if table is None:
            return False
        if write.is_delete:
            return self._has_no_children(write, table)
        rows = write.get_rows()
        if rows is None:
            return False
        referenced = {key.parent_column for key in self._get_children(table)}
        return all(
            self._has_parents(table, row)
            and (write.is_insert or referenced.isdisjoint(row))
            for row in rows
        )

    def _has_parents(self, table: str, row: dict[str, Any]) -> bool:
        return all(
            self._fetch(
                f'SELECT 1 FROM "{key.parent}" WHERE "{key.parent_column}" = %s',
                row[key.column],
            )
            for key in self.keys
            if key.table == table and row.get(key.column) is not None
        )

    def _has_no_children(self, write: Write, table: str) -> bool:
        picked = write.get_keys()
        if picked is None:
            return False
        column, values = picked
        marks = ", ".join(["%s"] * len(values))
        return all(
            key.parent_column == column
            and not self._fetch(
                f'SELECT 1 FROM "{key.table}" '
                f'WHERE "{key.column}" IN ({marks}) LIMIT 1',
                *values,
            )
            for key in self._get_children(table)
        )

    def _get_children(self, table: str) -> list[_ForeignKey]:
        return [key for key in self.keys if key.parent == table]

    def _fetch(self, sql: str, *params: Any) -> list[Any]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, params)
            rows: list[Any] = cursor.fetchall()
            return rows
