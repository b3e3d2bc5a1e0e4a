"""Whether the database will still take at commit what an operation wrote.

Foreign keys are deferred to the commit on PostgreSQL and SQLite: a bad one would
surface there, after its operation was answered with a 2xx. So constraints are asked
before an operation counts as done. MariaDB and MySQL check at once and need nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

from django.db import IntegrityError, connections

from multistatus_app.journals import AnyWrite


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


# Values in one statement: each SQLite takes so many.
_CHUNK: Final = 999


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

    def check(self, writes: Sequence[AnyWrite]) -> None:
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

    def _is_clear(self, write: AnyWrite) -> bool:
        table = write.table
        if table is None:
            return False
        if write.is_delete:
            return self._has_no_children(write, table)
        if not write.is_insert and any(
            write.writes(key.parent_column) for key in self._get_children(table)
        ):
            return False
        return all(
            self._has_parents(key, write.get_values(key.column))
            for key in self.keys
            if key.table == table
        )

    def _has_parents(self, key: _ForeignKey, values: set[Any] | None) -> bool:
        if values is None:
            return False
        values.discard(None)
        return values == set(self._select(key.parent, key.parent_column, values))

    def _has_no_children(self, write: AnyWrite, table: str) -> bool:
        if not self._get_children(table):
            return True
        picked = write.get_keys()
        if picked is None:
            return False
        column, values = picked
        return all(
            key.parent_column == column
            and not any(self._select(key.table, key.column, values))
            for key in self._get_children(table)
        )

    def _select(self, table: str, column: str, values: Iterable[Any]) -> Iterator[Any]:
        """Yield those of the values that a column has, in statements of equal size."""
        asked = list(values)
        for start in range(0, len(asked), _CHUNK):
            chunk = asked[start : start + _CHUNK]
            marks = ", ".join(["%s"] * len(chunk))
            for (value,) in self._fetch(
                f'SELECT DISTINCT "{column}" FROM "{table}" '
                f'WHERE "{column}" IN ({marks})',
                *chunk,
            ):
                yield value

    def _get_children(self, table: str) -> list[_ForeignKey]:
        return [key for key in self.keys if key.parent == table]

    def _fetch(self, sql: str, *params: Any) -> list[Any]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, params)
            rows: list[Any] = cursor.fetchall()
            return rows
